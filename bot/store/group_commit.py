"""Writes that wait are carried out together: a commit waits for the disk, whatever it holds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import StoreError
from bot.store.faults import is_outage, translate

MOST_AT_ONCE = 100
"""Writes in one transaction, so that none waits long for those before it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """
    A write that is one statement, carried out with some rows of parameters; it returns nothing.

    Those that wait one after another go out together, statement by statement: each way to the database and back costs
    more than a row. A statement that `leads` goes before the others, which may refer to its rows.
    """

    statement: Executable
    rows: Sequence[Mapping[str, object]]
    leads: bool = False

    async def __call__(self, connection: AsyncConnection) -> None:
        if self.rows:
            await connection.execute(self.statement, self.rows)


Operation = Rows | Callable[[AsyncConnection], Awaitable[Any]]
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
    """Writes in the order in which they were asked for, save among Rows; what fails in one leaves the others alone."""

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
                return await _in_order([job.operation for job in jobs], connection)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one of them is at fault; apart, it is seen which
            async with self._transaction() as connection:
                return [await _apart(job.operation, connection) for job in jobs]


async def _in_order(operations: Iterable[Operation], connection: AsyncConnection) -> list[object]:
    results: list[object] = []
    for is_rows, alike in groupby(operations, key=lambda operation: isinstance(operation, Rows)):
        together = list(alike)
        if is_rows:
            for statement, rows in _merged(together).items():
                await Rows(statement, rows)(connection)
            results += [None] * len(together)
        else:
            results += [await operation(connection) for operation in together]
    return results


def _merged(writes: Iterable[Operation]) -> Mapping[Executable, Sequence[Mapping[str, object]]]:
    merged: dict[Executable, list[Mapping[str, object]]] = {}
    for write in sorted((write for write in writes if isinstance(write, Rows)), key=lambda write: not write.leads):
        merged.setdefault(write.statement, []).extend(write.rows)
    return merged


async def _apart(operation: Operation, connection: AsyncConnection) -> object:
    try:
        async with connection.begin_nested():
            return await operation(connection)
    except Exception as exc:
        if is_outage(exc):
            raise
        return translate(exc)
