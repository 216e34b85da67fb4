"""Discord's global limit: 50 requests in any second for all that a bot does in its own name."""

import asyncio
from typing import Protocol

from aiolimiter import AsyncLimiter

BURST, PER_S = 4, 45
"""At most 4 at once and 45 a second on average: no second, however it is cut, holds more than 49."""


class Queue(Protocol):
    """Somebody with a write that waits for the budget alone."""

    @property
    def standing(self) -> tuple[int, float]:
        """What decides who goes first; more is sooner."""
        ...

    def proceed(self) -> None:
        """Make one write now: it is paid for."""
        ...


class Budget:
    """What all lanes share that write in the bot's own name. The most urgent write of them all goes first."""

    def __init__(self) -> None:
        self._limiter = AsyncLimiter(BURST, BURST / PER_S)
        self._queues: dict[Queue, None] = {}
        self._serving: asyncio.Task[None] | None = None

    async def spend(self) -> None:
        """Pay for one request that goes past the lanes, when its turn comes."""
        await self._limiter.acquire()

    def ask(self, queue: Queue) -> None:
        """Let `queue` proceed as soon as the budget allows it and nobody else is more urgent."""
        self._queues[queue] = None
        if self._serving is None:
            self._serving = asyncio.get_running_loop().create_task(self._serve(), name="global budget")

    def withdraw(self, queue: Queue) -> None:
        """Forget that `queue` asked."""
        self._queues.pop(queue, None)

    async def _serve(self) -> None:
        try:
            while self._queues:
                await self._limiter.acquire()
                if self._queues:
                    first = max(self._queues, key=lambda queue: queue.standing)
                    del self._queues[first]
                    first.proceed()
        finally:
            self._serving = None
