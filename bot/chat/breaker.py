"""
Stops asking Discord before Discord stops listening.

Who gets 10,000 answers of 401, 403 or 429 in ten minutes is banned for a while, with all who share the address. Far
below that something is wrong which more requests do not mend.
"""

import asyncio
import logging
from collections import deque

import aiohttp

MOST, WITHIN_S = 500, 600.0
PAUSE_S = 60.0
"""Then a few requests show whether it is over: each further refusal means another pause."""

log = logging.getLogger(__name__)


class BreakerOpen(aiohttp.ClientError):
    """No request is made: too many have been refused."""


class Breaker:
    def __init__(self) -> None:
        self._refused: deque[float] = deque(maxlen=MOST)  # when, in the loop's time
        self._open_until = 0.0

    def check(self) -> None:
        """Raise BreakerOpen if no request may be made now."""
        if asyncio.get_running_loop().time() < self._open_until:
            raise BreakerOpen

    def count(self) -> float:
        """Count a refusal; return for how many seconds there is to be no request, 0 as a rule."""
        now = asyncio.get_running_loop().time()
        self._refused.append(now)
        if len(self._refused) < MOST or now - self._refused[0] > WITHIN_S:
            return 0.0
        if now >= self._open_until:
            log.error(
                "Discord has refused %d requests in %.0f s; making none for %.0f s",
                MOST, now - self._refused[0], PAUSE_S,
            )  # fmt: skip
            self._open_until = now + PAUSE_S
        return self._open_until - now
