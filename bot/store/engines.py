"""The connections to the database, of one opening."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store import sqlite
from bot.store.migrating import is_behind, migrate

READERS = 3
"""Reads that go on at once; more of them wait."""


class Engines:
    """One connection for writes and some for reads. Closed, they serve whoever uses them to the end."""

    def __init__(self, url: URL, file: sqlite.SQLiteFile | None) -> None:
        self._file = file
        self._reading = self._engine(url, READERS, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
        self._writing = self._engine(url, 1)
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @classmethod
    async def open(cls, address: str) -> "Engines":
        """Connect, having made and migrated what there is to make and migrate. Raises whatever goes wrong."""
        for name in ("aiosqlite", "sqlalchemy", "alembic"):  # the first two log texts and tokens at DEBUG
            logging.getLogger(name).setLevel(logging.WARNING)
        url = make_url(address)
        file = sqlite.SQLiteFile(url) if url.get_backend_name() == "sqlite" else None
        if file is not None:
            await asyncio.to_thread(file.prepare)
        engines = cls(url, file)
        try:
            if await is_behind(engines._reading):
                await migrate(engines._writing)
        except BaseException:
            await engines.aclose()
            raise
        return engines

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Each statement sees what is committed by then."""
        with self._use():
            async with self._reading.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: all of it is durable when the context ends, or, if that raises, nothing."""
        with self._use():
            async with self._writing.begin() as connection:
                yield connection

    async def scrub(self) -> bool:
        """Remove what deleted rows have left behind; false if that has to be tried again."""
        if self._file is None:
            return True
        async with self.reading() as connection:
            return await sqlite.scrub(connection)

    async def aclose(self) -> None:
        await self._unused.wait()
        await self._reading.dispose()
        await self._writing.dispose()

    @contextmanager
    def _use(self) -> Iterator[None]:
        if self._file is not None:
            self._file.check()
        self._users += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    def _engine(self, url: URL, connections: int, **options: Any) -> AsyncEngine:
        if self._file is not None:
            options["connect_args"] = self._file.connect_args
        engine = create_async_engine(url, pool_size=connections, max_overflow=0, hide_parameters=True, **options)
        if self._file is not None:
            sqlite.set_up(engine, writes="isolation_level" not in options)
        return engine
