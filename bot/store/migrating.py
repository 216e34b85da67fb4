"""Brings a database to the version of this code."""

import asyncio
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import StoreError

HEAD = "0002"
"""The newest script of `migrations/versions`. Known here, so that Alembic is imported only if there is work for it."""

_NEWER = (
    "My memory was written by a newer version of me. Whoever runs this bot can update me, or give me another database."
)
_version_table = table("alembic_version", column("version_num"))


async def is_behind(engine: AsyncEngine) -> bool:
    """Tell whether `migrate` has something to do. Raises StoreError if the database is newer than this code."""
    async with engine.connect() as connection:
        version = await connection.run_sync(_version)
    if version > HEAD:
        raise StoreError(f"the database has version {version[:32]!r}, this code knows {HEAD}", hint=_NEWER)
    return version < HEAD


async def migrate(engine: AsyncEngine) -> None:
    """Bring a database to HEAD, in one transaction; does nothing if another process was faster."""
    # Half a second of imports; the thread keeps the event loop free.
    await asyncio.to_thread(import_module, "alembic.command")
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table(_version_table.name):
        return ""
    return connection.scalar(select(_version_table.c.version_num)) or ""


def _upgrade(connection: Connection) -> None:
    from alembic import command, config  # noqa: PLC0415 - see HEAD

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
