"""
A model of Discord's rate limits, as its users have found them: no request is ever anything but counted.

A bucket is a fixed window that begins with its first request at the server. The global limit is taken at its
strictest: no second, however it is cut, holds more than 50 requests. Each way of the round trip takes half of it.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

ROUND_TRIP_S = 0.15
GLOBAL_LIMIT, GLOBAL_WINDOW_S = 50, 1.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one rate limit holds for: `limit` requests in each window of `window_s` seconds."""

    key: Hashable
    limit: int
    window_s: float
    counts_globally: bool


def channel_edits(channel: int) -> Bucket:
    return Bucket(("edits", channel), 5, 5.0, counts_globally=True)


def channel_sends(channel: int) -> Bucket:
    return Bucket(("sends", channel), 5, 5.0, counts_globally=True)


def token_writes(token: int) -> Bucket:
    return Bucket(("token", token), 5, 2.0, counts_globally=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What the headers of one response say."""

    limit: int
    remaining: int
    reset_after_s: float
    retry_after_s: float | None = None
    """Not None: a 429."""
    is_global: bool = False


@dataclass(slots=True)
class _Window:
    reset_at: float = 0.0
    used: int = 0


@dataclass(slots=True)
class Discord:
    """The server. Counts every request that it answers in `answered` and `refused`."""

    round_trip_s: float = ROUND_TRIP_S
    answered: int = 0
    refused: int = 0
    _windows: defaultdict[Hashable, _Window] = field(default_factory=lambda: defaultdict(_Window))
    _last_second: deque[float] = field(default_factory=deque)

    async def request(self, bucket: Bucket) -> Response:
        """Carry one request there and its response back."""
        await asyncio.sleep(self.round_trip_s / 2)
        response = self._answer(bucket)
        await asyncio.sleep(self.round_trip_s / 2)
        return response

    def _answer(self, bucket: Bucket) -> Response:
        now = asyncio.get_running_loop().time()
        if bucket.counts_globally and (wait_s := self._until_global(now)) > 0:
            self.refused += 1
            return Response(bucket.limit, 0, wait_s, retry_after_s=wait_s, is_global=True)
        window = self._windows[bucket.key]
        if now >= window.reset_at:
            window.reset_at, window.used = now + bucket.window_s, 0
        left_s = window.reset_at - now
        if window.used == bucket.limit:
            self.refused += 1
            return Response(bucket.limit, 0, left_s, retry_after_s=left_s)
        window.used += 1
        self.answered += 1
        if bucket.counts_globally:
            self._last_second.append(now)
        return Response(bucket.limit, bucket.limit - window.used, left_s)

    def _until_global(self, now: float) -> float:
        while self._last_second and self._last_second[0] <= now - GLOBAL_WINDOW_S:
            self._last_second.popleft()
        if len(self._last_second) < GLOBAL_LIMIT:
            return 0.0
        return self._last_second[0] + GLOBAL_WINDOW_S - now
