"""
Which message may be written to now.

A Lane is one of Discord's rate-limit buckets. Its limit, what remains of it and when it resets are learned from the
headers of the responses; only the first guess is given. Windows are fixed: they begin with their first request. So
within a window the requests are spread evenly over the time that is left, and `RESERVE` of them is kept for endings.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from aiolimiter import AsyncLimiter

RESERVE = 1
"""Requests of each window that only endings may use, so that an ending rarely waits."""

GLOBAL_BURST, GLOBAL_PERIOD_S = 9, 9 / 40
"""At most 9 at once and 40 a second on average: no second, however it is cut, holds more than 49 of Discord's 50."""

KEPT_LANES = 256
"""Lanes beyond this number are looked through for idle ones when another is opened."""


class Urgency(IntEnum):
    TEXT = 0
    FIRST = 1
    ENDING = 2


class Waiter(Protocol):
    """Somebody with something to write. Both may change while it waits; see `Lane.reconsider`."""

    @property
    def urgency(self) -> Urgency: ...

    @property
    def unseen_since(self) -> float:
        """The loop time at which the oldest text that is not yet shown arrived."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """`limit` requests in each window of `window_s` seconds."""

    limit: int
    window_s: float


class Grant:
    """The right to make one request, for as long as its turn lasts."""

    __slots__ = ("_lane", "counted")

    def __init__(self, lane: "Lane") -> None:
        self._lane = lane
        self.counted = False

    def learn(self, limit: int, remaining: int, reset_after_s: float) -> None:
        """Hand over what the headers of this request's response said."""
        self.counted = True
        self._lane.learn(limit, remaining, reset_after_s)

    def give_back(self) -> None:
        """Say that no request was made."""
        self.counted = True

    def close_lane(self, until: float) -> None:
        """Hand over that the response was a 429 for this bucket; `until` is in the loop's time."""
        self._lane.close(until)


class Lane:
    """
    One rate-limit bucket. Writers take turns in it: endings, then first texts, then the longest unseen text.

    All of it runs on the event loop's clock and needs a running loop.
    """

    def __init__(self, guess: Allowance, budget: AsyncLimiter | None = None) -> None:
        self._limit, self._window_s = guess.limit, guess.window_s
        self._budget = budget
        self._remaining = guess.limit
        self._reset_at: float | None = None  # None: no window is open, the next request opens one
        self._next_text_at = 0.0
        self._closed_until = 0.0
        self._in_flight = 0
        self._waiting: dict[Waiter, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        now = asyncio.get_running_loop().time()
        open_window = self._reset_at is not None and now < self._reset_at
        return not (self._waiting or self._in_flight or open_window or now < self._closed_until)

    @asynccontextmanager
    async def turn(self, waiter: Waiter) -> AsyncIterator[Grant]:
        """Wait until `waiter` may make one request; the request is made inside the context."""
        await self._admit(waiter)
        grant = Grant(self)
        try:
            if self._budget is not None:
                await self._budget.acquire()
            yield grant
        finally:
            self._in_flight -= 1
            if not grant.counted:  # no headers came; Discord may have counted it all the same
                self._remaining -= 1
            self._pump()

    def reconsider(self) -> None:
        """Look again at who waits: somebody's urgency has changed."""
        self._pump()

    def learn(self, limit: int, remaining: int, reset_after_s: float) -> None:
        """Take over what a response's headers said. Responses of one window may come in any order."""
        reset_at = asyncio.get_running_loop().time() + reset_after_s
        same_window = self._reset_at is not None and reset_at < self._reset_at + self._window_s / 2
        self._limit = limit
        self._remaining = min(self._remaining, remaining) if same_window else remaining
        self._reset_at = reset_at
        self._window_s = max(self._window_s, reset_after_s)

    def close(self, until: float) -> None:
        """Let nobody write before the loop's time is `until`: a 429 said so."""
        self._closed_until = max(self._closed_until, until)
        self._pump()

    async def _admit(self, waiter: Waiter) -> None:
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = admitted
        self._pump()
        try:
            await admitted
        except asyncio.CancelledError:
            if self._waiting.pop(waiter, None) is None:  # admitted in the same moment: give the place back
                self._in_flight -= 1
            self._pump()
            raise

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            now = loop.time()
            first = max(self._waiting, key=lambda waiter: (waiter.urgency, -waiter.unseen_since))
            opens_at = self._opens_at(first.urgency, now)
            if opens_at is None:  # whoever is in flight pumps again when the answer is there
                return
            if opens_at > now:
                self._timer = loop.call_at(opens_at, self._pump)
                return
            self._take(first, now)

    def _opens_at(self, urgency: Urgency, now: float) -> float | None:
        """When a request of this urgency may go out, as far as is known now; None: not before one in flight is back."""
        if now < self._closed_until:
            return self._closed_until
        if self._reset_at is not None and now >= self._reset_at:
            self._reset_at, self._remaining, self._next_text_at = None, self._limit, 0.0
        kept = 0 if urgency is Urgency.ENDING else min(RESERVE, self._limit - 1)
        if self._remaining - self._in_flight <= kept:
            return self._reset_at
        return max(now, self._next_text_at) if urgency is Urgency.TEXT else now

    def _take(self, waiter: Waiter, now: float) -> None:
        self._in_flight += 1
        if self._reset_at is None:
            self._reset_at = now + self._window_s
        spare = self._remaining - self._in_flight - min(RESERVE, self._limit - 1)
        self._next_text_at = now + (self._reset_at - now) / (max(spare, 0) + 1)
        admitted = self._waiting.pop(waiter)
        if not admitted.done():
            admitted.set_result(None)


class Scheduler:
    """All lanes, and the budget that those share which write in the bot's own name."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, Lane] = {}
        self._sweep_at = KEPT_LANES
        self._closed_until = 0.0
        self._budget: AsyncLimiter | None = None

    def lane(self, key: Hashable, guess: Allowance, *, counts_globally: bool) -> Lane:
        """
        Open the lane named `key`, or find it; `counts_globally` says if Discord's global limit holds for it.

        Ask again for each request instead of keeping a Lane: an idle one is forgotten in time.
        """
        found = self._lanes.get(key)
        if found is not None:
            return found
        if len(self._lanes) >= self._sweep_at:
            self._lanes = {key: lane for key, lane in self._lanes.items() if not lane.idle}
            self._sweep_at = max(KEPT_LANES, 2 * len(self._lanes))
        lane = self._lanes[key] = Lane(guess, self._global_budget() if counts_globally else None)
        lane.close(self._closed_until)
        return lane

    def close_all(self, until: float) -> None:
        """Let no lane write before `until`: a global 429 said so."""
        self._closed_until = max(self._closed_until, until)
        for lane in self._lanes.values():
            lane.close(until)

    def _global_budget(self) -> AsyncLimiter:
        if self._budget is None:
            self._budget = AsyncLimiter(GLOBAL_BURST, GLOBAL_PERIOD_S)
        return self._budget
