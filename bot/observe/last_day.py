"""What happened in the last day, kept in bounded memory; nothing of it outlives the process."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.core.events import EditLanded, Event, FirstToken, GatewayConnected, RateLimited, RunEnded
from bot.core.model import Ending
from bot.core.statistics import HOURS, Day, Hour, Middle
from bot.observe.spread import Spread

SLOT_S = 300.0
"""The day moves on in steps of so many seconds."""

HOUR_S = 3600.0
DAY_SLOTS, HOUR_SLOTS = int(HOURS * HOUR_S / SLOT_S), int(HOUR_S / SLOT_S)
FAILURES = frozenset({Ending.CUT, Ending.FAILED})


class _Slot:
    """What happened in one such step."""

    def __init__(self) -> None:
        self.endings: Counter[Ending] = Counter()
        self.tokens = self.rate_limits = self.reconnects = 0
        self.writing_s = 0.0
        self.first_tokens, self.lags = Spread(), Spread()

    def end(self, event: RunEnded) -> None:
        usage = event.outcome.usage
        self.endings[event.outcome.ending] += 1
        if usage.answer_s > 0:  # otherwise the model has not told
            self.tokens += usage.answer_tokens
            self.writing_s += usage.answer_s


class LastDay:
    """An Observer that counts, and implements Statistics. `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._started_at = clock, clock()
        self._slots: dict[int, _Slot] = {}
        self._connected = False  # whether it ever was
        self._drawn: tuple[Sequence[Hour | None], bytes] | None = None
        self._drawing = asyncio.Lock()

    def __call__(self, event: Event) -> None:
        match event:
            case FirstToken(after_s=after_s):
                self._slot().first_tokens.add(after_s)
            case EditLanded(lag_s=lag_s):
                self._slot().lags.add(lag_s)
            case RunEnded():
                self._slot().end(event)
            case RateLimited():
                self._slot().rate_limits += 1
            case GatewayConnected():
                self._slot().reconnects += self._connected
                self._connected = True

    def last_day(self) -> Day:
        newest = self._number()
        numbers = range(newest - DAY_SLOTS + 1, newest + 1)
        slots = self._in(numbers)
        endings = sum((slot.endings for slot in slots), Counter[Ending]())
        return Day(
            covers_s=min(self._clock() - self._started_at, HOURS * HOUR_S),
            answers=endings.total(),
            tokens=sum(slot.tokens for slot in slots),
            tokens_per_s=_speed(slots),
            first_token=_middle(slot.first_tokens for slot in slots),
            lag=_middle(slot.lags for slot in slots),
            rate_limits=sum(slot.rate_limits for slot in slots),
            reconnects=sum(slot.reconnects for slot in slots),
            endings=dict(endings),
            hours=tuple(self._hour(numbers[n : n + HOUR_SLOTS]) for n in range(0, DAY_SLOTS, HOUR_SLOTS)),
        )

    async def picture(self, day: Day) -> bytes:
        """Draw a day's hours, as a PNG; the same again is not drawn twice."""
        async with self._drawing:
            if self._drawn is None or self._drawn[0] != day.hours:
                self._drawn = day.hours, await asyncio.to_thread(_draw, day)
            return self._drawn[1]

    def _hour(self, numbers: range) -> Hour | None:
        if numbers[-1] < self._number(self._started_at):
            return None
        slots = self._in(numbers)
        return Hour(
            answers=sum(slot.endings.total() for slot in slots),
            failed=sum(slot.endings[ending] for slot in slots for ending in FAILURES),
            tokens=sum(slot.tokens for slot in slots),
            tokens_per_s=_speed(slots),
        )

    def _number(self, at: float | None = None) -> int:
        return int((self._clock() if at is None else at) // SLOT_S)

    def _slot(self) -> _Slot:
        """Give the one of now; whatever is older than a day is forgotten when a new one begins."""
        number = self._number()
        if number not in self._slots:
            self._slots = {n: slot for n, slot in self._slots.items() if n > number - DAY_SLOTS}
            self._slots[number] = _Slot()
        return self._slots[number]

    def _in(self, numbers: range) -> list[_Slot]:
        return [self._slots[number] for number in numbers if number in self._slots]


def _draw(day: Day) -> bytes:
    """Load Pillow, which is for those alone who want a picture, off the event loop's thread; then draw."""
    from bot.observe.plot import draw  # noqa: PLC0415

    return draw(day)


def _speed(slots: Iterable[_Slot]) -> float | None:
    slots = list(slots)
    writing_s = sum(slot.writing_s for slot in slots)
    return sum(slot.tokens for slot in slots) / writing_s if writing_s > 0 else None


def _middle(parts: Iterable[Spread]) -> Middle | None:
    whole = Spread(parts)
    median_s, p95_s = whole.quantile(0.5), whole.quantile(0.95)
    return None if median_s is None or p95_s is None else Middle(median_s, p95_s)
