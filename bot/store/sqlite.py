"""All that is peculiar to SQLite."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.store.faults import BAD_URL, GONE

BUSY_TIMEOUT_S = 1.0
"""How long a statement waits for another program's lock."""

_PRAGMAS = (
    "journal_mode = WAL",  # readers and the writer do not wait for each other
    "synchronous = FULL",  # a commit outlives a power cut
    "foreign_keys = ON",
    "secure_delete = ON",  # what is deleted is overwritten
)


class SQLiteFile:
    """One database file, and how its connections are set up."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise StoreError("SQLite without a file", hint=BAD_URL)
        # A `file:` URI carries orders of its own, such as mode=ro; whoever writes one makes the file, too.
        self._path = None if url.database.startswith("file:") else Path(url.database)
        self._identity: tuple[int, int] | None = None
        self.connect_args: dict[str, Any] = {"timeout": BUSY_TIMEOUT_S, "isolation_level": None}

    def prepare(self) -> None:
        """Make the file, readable by its owner alone, and its directory, unless they are there. Raises OSError."""
        if self._path is None:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._path.exists():
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._identity = self._look()

    def check(self) -> None:
        """Raise StoreError if the file is no longer the one that was opened: SQLite would go on with a deleted one."""
        if self._path is None:
            return
        try:
            same = self._look() == self._identity
        except FileNotFoundError:
            same = False
        if not same:
            raise StoreError("the database file was taken away", hint=GONE)

    def _look(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        found = self._path.stat()
        return found.st_dev, found.st_ino


def set_up(engine: AsyncEngine, *, writes: bool) -> None:
    """Prepare all connections of an engine."""
    event.listen(engine.sync_engine, "connect", _apply_pragmas)
    if writes:
        # The driver is told to leave transactions alone: it would begin them late, and never before a SAVEPOINT.
        event.listen(engine.sync_engine, "begin", _begin)


async def scrub(connection: AsyncConnection) -> bool:
    """Empty the write-ahead log, which still holds what was deleted; false if a reader is in the way."""
    done = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return done.scalar() == 0


def _apply_pragmas(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
