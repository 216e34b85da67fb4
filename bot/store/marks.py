"""Up to where each person is forgotten."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.schema import forgotten


class Marks:
    """Read once, so that they hold in an outage as well: one for each person who ever wanted it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, int] | None = None

    async def all(self) -> Mapping[int, int]:
        """Give the id up to which each person is forgotten; what was given changes along. Raises StoreError."""
        if self._known is None:
            found = await self._database.read(_read)
            if self._known is None:  # whoever was faster may have set one
                self._known = found
        return self._known

    async def set(self, user_id: int, up_to: int) -> None:
        """Durable at the return. Raises StoreError."""
        await self.all()
        assert self._known is not None, "they have just been read"
        latest = max(up_to, self._known.get(user_id, 0))

        async def operation(connection: AsyncConnection) -> None:
            await connection.execute(delete(forgotten).where(forgotten.c.user_id == user_id))
            await connection.execute(insert(forgotten), {"user_id": user_id, "up_to_id": latest})

        await self._database.write(operation)
        self._known[user_id] = latest


async def _read(connection: AsyncConnection) -> dict[int, int]:
    return {row.user_id: row.up_to_id for row in await connection.execute(select(forgotten))}
