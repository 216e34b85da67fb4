"""What is remembered, on disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module

from bot.core.errors import StoreError
from bot.core.ports import Conversations, Journal, Places

RETRY_S = 2.0
"""A database that is out of order is tried again at most this often."""


@dataclass(frozen=True, slots=True)
class Store:
    journal: Journal
    conversations: Conversations
    places: Places


@asynccontextmanager
async def open_store(url: str, *, retry_s: float = RETRY_S) -> AsyncIterator[Store]:
    """
    Open what is remembered; `url` is SQLAlchemy's, with a driver for asyncio.

    A database that is out of order opens, too: its operations raise StoreError until one finds it well again.
    """
    # SQLAlchemy takes half a second to import: only for those who need it, and in a thread, so that all else goes on.
    for name in ("bot.store.database", "sqlalchemy.dialects.sqlite.aiosqlite", "aiosqlite"):
        await asyncio.to_thread(import_module, name)
    from bot.store.conversations import StoredConversations  # noqa: PLC0415 - as above
    from bot.store.database import Database  # noqa: PLC0415 - as above
    from bot.store.journal import StoredJournal  # noqa: PLC0415 - as above
    from bot.store.places import StoredPlaces  # noqa: PLC0415 - as above

    database = Database(url, retry_s=retry_s)
    try:
        await database.open()
        conversations = StoredConversations(database)
        with suppress(StoreError):
            await conversations.forgotten()  # so that it is known even if the database fails later
        yield Store(StoredJournal(database), conversations, StoredPlaces(database))
    finally:
        await database.aclose()
