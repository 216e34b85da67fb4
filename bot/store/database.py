"""The database as the ports use it: reads and writes that end soon, in a result or in StoreError."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import StoreError
from bot.store.engines import Engines
from bot.store.faults import SLOW, is_outage, translate
from bot.store.group_commit import GroupCommit, Rows
from bot.store.outage import Outage, Way

PATIENCE_S = 2.0
"""When nothing has ended for so long, callers are told that memory is out of order; their operations go on."""

OPENING_S = 10.0
"""The same for the first opening, which may have a file to make or to migrate."""

CLOSING_S = 2.0
"""For what is still under way at the end."""

SCRUB_AGAIN_S = 10.0
"""A scrub holds up all writes while it waits for readers, so it is not tried again at once."""

T = TypeVar("T")


class Database:
    """Opened when it is first used, and again after it was out of order."""

    def __init__(self, url: str, *, retry_s: float, patience_s: float = PATIENCE_S) -> None:
        self._url = url
        self._patience_s = patience_s
        self._outage = Outage(retry_s)
        self._engines: Engines | None = None
        self._opening = asyncio.Lock()
        self._writes = GroupCommit(self._transaction, self._scrub)
        self._scrub_due = True  # an earlier process may have been killed before it could
        self._scrub_at = 0.0
        self._ended = dict.fromkeys(Way, 0)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._worker: asyncio.Task[None]
        self._closed = False

    async def open(self) -> None:
        """Begin to work. Connects at once, so that the log tells of a fault before anybody asks."""
        self._worker = asyncio.create_task(self._writes.work())
        with suppress(StoreError):
            await self._wait(self._open(Way.READING), Way.READING, OPENING_S)

    async def read(self, operation: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `operation` returns. Raises StoreError."""
        self._check(Way.READING)
        return await self._wait(self._read(operation), Way.READING, self._patience_s)

    async def write(self, operation: Rows | Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `operation` returns once it is durable; it may run twice, undone. Raises StoreError."""
        self._check(Way.WRITING)
        return await self._wait(self._writes.carry_out(operation), Way.WRITING, self._patience_s)

    async def erase(self, operation: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the same for an operation that deletes; if what it returns is true, the files keep no trace of that."""

        async def erasing(connection: AsyncConnection) -> T:
            result = await operation(connection)
            self._scrub_due |= bool(result)
            return result

        return await self.write(erasing)

    async def aclose(self) -> None:
        """Carry out what was asked for, then close; a disk that does not answer is left to itself."""
        self._closed = True
        while self._tasks and (await asyncio.wait(self._tasks, timeout=CLOSING_S))[0]:
            pass
        self._writes.close()
        if self._engines is not None:
            self._start(self._engines.aclose())
        await asyncio.wait({*self._tasks, self._worker}, timeout=CLOSING_S)

    async def _read(self, operation: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        engines = await self._open(Way.READING)
        try:
            async with engines.reading() as connection:
                result = await operation(connection)
        except Exception as exc:
            if is_outage(exc):
                self._break_off(engines, translate(exc), Way.READING)
            raise translate(exc) from exc
        self._ended[Way.READING] += 1
        self._outage.end(Way.READING)
        return result

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        self._outage.check(Way.WRITING)
        engines = await self._open(Way.WRITING)
        try:
            async with engines.writing() as connection:
                yield connection
        except Exception as exc:
            if not is_outage(exc):
                raise
            fault = translate(exc)
            self._break_off(engines, fault, Way.WRITING)
            raise fault from exc
        self._ended[Way.WRITING] += 1
        self._outage.end(*Way)

    async def _scrub(self) -> None:
        """Wipe away what was deleted, if anything was; what cannot be wiped now is wiped after a later commit."""
        now = asyncio.get_running_loop().time()
        if not self._scrub_due or self._engines is None or now < self._scrub_at:
            return
        with suppress(OSError, StoreError, SQLAlchemyError):  # the commit itself has succeeded
            self._scrub_due = not await self._engines.scrub()
        self._scrub_at = now + SCRUB_AGAIN_S if self._scrub_due else now

    async def _open(self, way: Way) -> Engines:
        async with self._opening:
            if self._engines is None:
                self._outage.check(way)  # whoever had the lock may have failed
                try:
                    self._engines = await Engines.open(self._url)
                except Exception as exc:
                    fault = translate(exc)
                    self._outage.begin(fault, *Way)
                    raise fault from exc
            return self._engines

    def _check(self, way: Way) -> None:
        if self._closed:
            raise StoreError("the store is closed")
        self._outage.check(way)

    def _break_off(self, engines: Engines, fault: StoreError, way: Way) -> None:
        self._outage.begin(fault, way)
        if self._engines is engines:
            self._engines = None
            self._start(engines.aclose())

    async def _wait(self, work: Coroutine[Any, Any, T], way: Way, patience_s: float) -> T:
        """Wait for work in a task of its own: whoever is cancelled must not leave a connection half-way."""
        task = self._start(work)
        while True:
            ended = self._ended[way]
            done, _ = await asyncio.wait({task}, timeout=patience_s)
            if done:
                return task.result()
            if self._ended[way] == ended:  # it is not just that many wait
                slow = StoreError("the database does not answer", hint=SLOW)
                self._outage.begin(slow, way)
                raise slow

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # if nobody waits for it any more, nobody needs to hear
