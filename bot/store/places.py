"""What is set per guild and per channel."""

import json
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.memory import Place, PlaceSettings
from bot.store.database import Database
from bot.store.schema import place_settings, told

_NAMES = frozenset(field.name for field in fields(PlaceSettings))


class StoredPlaces:
    """Implements `bot.core.ports.Places`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, place: Place, *, parent_id: int | None = None) -> PlaceSettings:
        scopes = [id_ for id_ in (place.guild_id, parent_id, place.channel_id) if id_ is not None]
        statement = select(place_settings).where(place_settings.c.scope_id.in_(scopes))

        async def operation(connection: AsyncConnection) -> PlaceSettings:
            rows = [row for row in await connection.execute(statement) if row.name in _NAMES]
            rows.sort(key=lambda row: scopes.index(row.scope_id))  # the nearest comes last, and wins
            return PlaceSettings(**{row.name: _value(row.value) for row in rows})

        return await self._database.read(operation)

    async def change(self, scope_id: int, **values: object) -> None:
        if unknown := values.keys() - _NAMES:
            raise TypeError(f"PlaceSettings has no {', '.join(sorted(unknown))}")
        old = delete(place_settings).where(place_settings.c.scope_id == scope_id, place_settings.c.name.in_(values))
        new = [
            {"scope_id": scope_id, "name": name, "value": json.dumps(value)}
            for name, value in values.items()
            if value is not None
        ]

        async def operation(connection: AsyncConnection) -> None:
            await connection.execute(old)
            if new:
                await connection.execute(insert(place_settings), new)

        await self._database.write(operation)

    async def first_time(self, scope_id: int, what: str) -> bool:
        asked_for = select(told).where(told.c.scope_id == scope_id, told.c.what == what)

        async def operation(connection: AsyncConnection) -> bool:
            if (await connection.execute(asked_for)).first() is not None:
                return False
            await connection.execute(insert(told), {"scope_id": scope_id, "what": what})
            return True

        return await self._database.write(operation)


def _value(text: str) -> Any:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
