"""Writes that wait are carried out together: a commit waits for the disk, whatever it holds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import StoreError
from bot.store.faults import is_outage, translate

MOST_AT_ONCE = 100
"""Writes in one transaction, so that none waits long for those before it."""

Operation = Callable[[AsyncConnection], Awaitable[Any]]
Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


@dataclass(frozen=True, slots=True)
class _Job:
    operation: Operation
    done: asyncio.Future[Any]

    def end(self, result: object) -> None:
        if self.done.done():  # its caller has gone
            return
        if isinstance(result, StoreError):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class GroupCommit:
    """Writes in the order in which they were asked for; what fails in one leaves the others alone."""

    def __init__(self, transaction: Transaction, after_commit: Callable[[], Awaitable[None]]) -> None:
        """`transaction` raises StoreError when the database is at fault, else whatever its body raises."""
        self._transaction, self._after_commit = transaction, after_commit
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()

    async def carry_out(self, operation: Operation) -> Any:
        """Return what `operation` returns once it is durable. Cancelling stops the waiting, never the write."""
        job = _Job(operation, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return await job.done

    async def work(self) -> None:
        """Carry out what is asked for until `close`, and all that was asked for before it."""
        while True:
            jobs = [await self._jobs.get()]
            while not self._jobs.empty() and len(jobs) < MOST_AT_ONCE:
                jobs.append(self._jobs.get_nowait())
            if todo := [job for job in jobs if job is not None]:
                await self._commit(todo)
            if jobs[-1] is None:
                return

    def close(self) -> None:
        self._jobs.put_nowait(None)

    async def _commit(self, jobs: Sequence[_Job]) -> None:
        results: Sequence[object]
        try:
            results = await self._together(jobs)
            await self._after_commit()
        except Exception as exc:  # noqa: BLE001 - each caller is told
            results = [translate(exc) for _ in jobs]
        for job, result in zip(jobs, results, strict=True):
            job.end(result)

    async def _together(self, jobs: Sequence[_Job]) -> list[object]:
        try:
            async with self._transaction() as connection:
                return [await job.operation(connection) for job in jobs]
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one of them is at fault; apart, it is seen which
            async with self._transaction() as connection:
                return [await _apart(job.operation, connection) for job in jobs]


async def _apart(operation: Operation, connection: AsyncConnection) -> object:
    try:
        async with connection.begin_nested():
            return await operation(connection)
    except Exception as exc:
        if is_outage(exc):
            raise
        return translate(exc)
