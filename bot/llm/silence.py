"""A bound on the silence between two reads."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class Silence:
    """
    Bound each of many waits, as `asyncio.timeout` around each would.

    That would cost as much again as all the rest of reading a token, for a timer that hardly ever fires. Here one timer
    serves all waits: a wait only notes when it began, and the timer looks at that.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Task[object] | None = None
        self._began = 0.0
        self._expired = False
        self._timer = self._loop.call_later(limit_s, self._look)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    async def bound(self, wait: Awaitable[T]) -> T:
        """Await it. Raises TimeoutError, and cancels it, once it has taken longer than the limit."""
        task = asyncio.current_task()
        assert task is not None
        cancelling = task.cancelling()
        self._waiting, self._began = task, self._loop.time()
        try:
            return await wait
        except asyncio.CancelledError as exc:
            # Cancelled by the timer and by nobody else besides.
            if self._expired and task.uncancel() <= cancelling:
                raise TimeoutError(f"silent for {self._limit_s:g} s") from exc
            raise
        finally:
            self._waiting = None

    def _look(self) -> None:
        now = self._loop.time()
        due = self._began + self._limit_s if self._waiting else now + self._limit_s
        if self._waiting and due <= now:
            self._expired = True
            self._waiting.cancel()
        else:
            self._timer = self._loop.call_at(due, self._look)
