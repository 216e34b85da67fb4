"""What the core tells an Observer, in the order in which it happens. Times in seconds since the question."""

from dataclasses import dataclass

from bot.core.model import Outcome


@dataclass(frozen=True, slots=True)
class RunStarted:
    run_id: str
    model: str


@dataclass(frozen=True, slots=True)
class FirstToken:
    run_id: str
    after_s: float


@dataclass(frozen=True, slots=True)
class EditLanded:
    """Discord has applied one write of an answer; `lag_s` is the age of the oldest text that it made visible."""

    run_id: str
    lag_s: float


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The end of an answer is on screen, or can no longer be shown."""

    run_id: str
    model: str
    outcome: Outcome
    first_token_s: float | None
    total_s: float
    edits: int


Event = RunStarted | FirstToken | EditLanded | RunEnded
