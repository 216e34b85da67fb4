"""Whether a database is fit to be used, without making or changing anything."""

import tempfile
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.core.errors import StoreError
from bot.store.faults import READ_ONLY, translate
from bot.store.migrating import is_behind
from bot.store.sqlite import BUSY_TIMEOUT_S


class Condition(Enum):
    ABSENT = "absent"
    """The first start makes it."""
    BEHIND = "behind"
    """The next start migrates it."""
    READY = "ready"


def folder_of(address: str) -> Path | None:
    """Give the folder in which a database's file is or would be, or the nearest above it that is there; else None."""
    try:
        path = _file(make_url(address))
    except Exception as exc:
        raise translate(exc) from exc
    return None if path is None else next((one for one in path.absolute().parents if one.is_dir()), None)


async def check(address: str) -> Condition:
    """Tell whether a database takes a write, which is undone. Raises StoreError."""
    try:
        return await _check(make_url(address))
    except Exception as exc:
        raise translate(exc) from exc


async def _check(url: URL) -> Condition:
    path = _file(url)
    if path is not None and not path.exists():
        _try_to_make_a_file(next(one for one in path.absolute().parents if one.exists()))
        return Condition.ABSENT
    is_sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = (
        {"connect_args": {"timeout": BUSY_TIMEOUT_S, "isolation_level": None}} if is_sqlite else {}
    )
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True, **options)
    try:
        behind = await is_behind(engine)
        async with engine.connect() as connection:
            if is_sqlite:  # its driver is told not to begin transactions by itself
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            await connection.exec_driver_sql("CREATE TABLE patter_checkup (x INTEGER)")
            await connection.exec_driver_sql("ROLLBACK") if is_sqlite else await connection.rollback()
    finally:
        await engine.dispose()
    return Condition.BEHIND if behind else Condition.READY


def _try_to_make_a_file(folder: Path) -> None:
    """Make one without a name: what the rights say is not all, a file system may refuse even root."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise StoreError("no file can be made", hint=READ_ONLY) from error


def _file(url: URL) -> Path | None:
    """Give the file of a SQLite database; None for other databases and for SQLite's own URIs."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return None
    return Path(url.database)
