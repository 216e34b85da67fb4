"""
Which message may be written to now.

A Lane is one of Discord's rate-limit buckets. Its limit, what remains of it and when it resets are learned from the
headers of the responses; only the first guess is given. Windows are fixed: they begin with their first request. So
within a window the requests are spread over the time that is left, and where several writers share a lane one request
of each window is kept for endings. docs/performance.md derives the figures below.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from bot.core.budget import Budget

LAST_GAP = 0.91
"""The gap before a window's reset, as a part of the gaps before it: an ending in it has to wait for the reset."""

RESERVE = 1
"""Requests of each window that text may not use while several writers share the lane."""

PATIENCE_S = 14.0
"""Text unseen for so long goes before all else: ten streams in one channel then freeze for 16 s at the most."""

PATIENCE_TURNS = 1.25
"""The same for a crowd, as a multiple of the time in which everybody in it has one turn."""

ROUND_TRIP_S = 0.15
"""First guess. Seen from here, a window lasts one round trip longer than at Discord."""

KEPT_LANES = 256
"""Lanes beyond this number are looked through for idle ones when another is opened."""


class Urgency(IntEnum):
    TEXT = 0
    FIRST = 1
    ENDING = 2
    OVERDUE = 3
    """Text that has run out of patience; a Lane finds that out by itself."""


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

    def __init__(self, guess: Allowance, budget: Budget | None = None) -> None:
        self._limit, self._period_s = guess.limit, guess.window_s + ROUND_TRIP_S
        self._budget = budget
        self._remaining = guess.limit
        self._opened_at = 0.0
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
            yield grant
        finally:
            self._in_flight -= 1
            if not grant.counted:  # no headers came; Discord may have counted it all the same
                self._open_window(asyncio.get_running_loop().time())
                self._remaining -= 1
            self._pump()

    @property
    def standing(self) -> tuple[int, float]:
        """How urgent the next write is, and for how many seconds its text has been unseen; more goes first."""
        return self._first(asyncio.get_running_loop().time())[0]

    def proceed(self) -> None:
        """Admit the next writer: the lane is open, and the budget has been paid."""
        now = asyncio.get_running_loop().time()
        self._take(self._first(now)[1], now)
        self._pump()

    def reconsider(self) -> None:
        """Look again at who waits: somebody's urgency has changed."""
        self._pump()

    def learn(self, limit: int, remaining: int, reset_after_s: float) -> None:
        """Take over what a response's headers said. Responses of one window may come in any order."""
        reset_at = asyncio.get_running_loop().time() + reset_after_s
        same_window = self._reset_at is not None and reset_at < self._reset_at + self._period_s / 2
        self._limit = limit
        self._remaining = min(self._remaining, remaining) if same_window else remaining
        self._reset_at = reset_at
        self._period_s = max(reset_after_s, reset_at - self._opened_at)

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
        if self._budget is not None:
            self._budget.withdraw(self)
        while self._waiting:
            now = loop.time()
            (urgency, _), first = self._first(now)
            opens_at = self._opens_at(urgency, now)
            if opens_at is None or opens_at > now:
                self._look_again(opens_at, now)
                return
            if self._budget is not None:
                self._budget.ask(self)
                return
            self._take(first, now)

    def _first(self, now: float) -> tuple[tuple[Urgency, float], Waiter]:
        """Who goes next, with what decides that."""
        patience_s = self._patience_s()

        def standing(waiter: Waiter) -> tuple[Urgency, float]:
            unseen_s = now - waiter.unseen_since
            overdue = waiter.urgency is Urgency.TEXT and unseen_s >= patience_s
            return Urgency.OVERDUE if overdue else waiter.urgency, unseen_s

        first = max(self._waiting, key=standing)
        return standing(first), first

    def _opens_at(self, urgency: Urgency, now: float) -> float | None:
        """When a request may go out, as far as is known now; None: not before one in flight is back."""
        if now < self._closed_until:
            return self._closed_until
        if self._reset_at is not None and now >= self._reset_at:
            self._reset_at, self._remaining, self._next_text_at = None, self._limit, 0.0
        if self._spare() <= (0 if urgency >= Urgency.ENDING else self._kept()):
            return self._reset_at
        return max(now, self._next_text_at) if urgency is Urgency.TEXT else now

    def _look_again(self, opens_at: float | None, now: float) -> None:
        """Set the timer for when the lane opens, or when somebody runs out of patience if that is before."""
        times = [waiter.unseen_since + self._patience_s() for waiter in self._waiting]
        times = [time for time in times if time > now] + ([] if opens_at is None else [opens_at])
        if times:
            self._timer = asyncio.get_running_loop().call_at(min(times), self._pump)

    def _take(self, waiter: Waiter, now: float) -> None:
        admitted = self._waiting.pop(waiter)
        self._in_flight += 1
        reset_at = self._open_window(now)
        left = max(0, self._spare() - self._kept())
        self._next_text_at = now + (reset_at - now) / max(1, left + LAST_GAP)
        if not admitted.done():
            admitted.set_result(None)

    def _open_window(self, now: float) -> float:
        """Let a window begin now, unless one is open; return when it resets."""
        if self._reset_at is None:
            self._opened_at, self._reset_at = now, now + self._period_s
        return self._reset_at

    def _spare(self) -> int:
        return self._remaining - self._in_flight

    def _crowd(self) -> int:
        return len(self._waiting) + self._in_flight

    def _kept(self) -> int:
        return min(RESERVE, self._limit - 1) if self._crowd() > 1 else 0

    def _patience_s(self) -> float:
        return max(PATIENCE_S, PATIENCE_TURNS * self._crowd() * self._period_s / self._limit)


class Scheduler:
    """All lanes, and the budget that those share which write in the bot's own name."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, Lane] = {}
        self._sweep_at = KEPT_LANES
        self._closed_until = 0.0
        self.budget = Budget()

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
        lane = self._lanes[key] = Lane(guess, self.budget if counts_globally else None)
        lane.close(self._closed_until)
        return lane

    def close_all(self, until: float) -> None:
        """Let no lane write before `until`: a global 429 said so."""
        self._closed_until = max(self._closed_until, until)
        for lane in self._lanes.values():
            lane.close(until)
