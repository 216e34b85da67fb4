"""What the core tells an Observer, in the order in which it happens. Times in seconds since the question."""

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Discord answered 429; `scope` is what the limit covers, or "ban" for a page in front of Discord."""

    scope: Literal["user", "global", "shared", "ban", "unknown"]


@dataclass(frozen=True, slots=True)
class GatewayConnected:
    """Discord tells what happens from now on; `resumed` if nothing was missed since the last connection."""

    resumed: bool


@dataclass(frozen=True, slots=True)
class GatewayLost:
    """The connection over which Discord tells what happens is gone; another is being made."""


Event = RunStarted | FirstToken | EditLanded | RunEnded | RateLimited | GatewayConnected | GatewayLost
