"""What the last day was like, in figures that name nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.model import Ending

HOURS = 24


@dataclass(frozen=True, slots=True)
class Hour:
    """`tokens_per_s` is None where no model has said how fast it wrote."""

    answers: int = 0
    failed: int = 0
    """How many of the answers were cut off or failed."""
    tokens: int = 0
    tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Middle:
    """Of many times, in seconds: half of them are at most `median_s`, 95 of 100 at most `p95_s`."""

    median_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, or what of them there is since the start. None stands for what nothing is known of."""

    covers_s: float
    answers: int = 0
    tokens: int = 0
    tokens_per_s: float | None = None
    first_token: Middle | None = None
    lag: Middle | None = None
    """Of all edits: the age of the oldest text that each made visible."""
    rate_limits: int = 0
    reconnects: int = 0
    endings: Mapping[Ending, int] = field(default_factory=dict)
    hours: tuple[Hour | None, ...] = (None,) * HOURS
    """Each of 24 hours, the last one ends now; None for those that were over before the start."""

    @property
    def is_whole(self) -> bool:
        return self.covers_s >= HOURS * 3600


class Statistics(Protocol):
    def last_day(self) -> Day: ...

    async def picture(self, day: Day) -> bytes:
        """Draw a day's hours, as a PNG."""
        ...
