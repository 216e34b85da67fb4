"""What is set per guild and per channel."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.memory import Place, PlaceSettings
from bot.store.database import Database
from bot.store.schema import place_settings, told

KEPT_S = 60.0
"""How long what was read holds, unless it is changed through here: another process may do so, too."""

_NAMES = frozenset(field.name for field in fields(PlaceSettings))


class StoredPlaces:
    """Implements `bot.core.ports.Places`. Each question asks what is set for its place, so that is kept for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[int, ...], PlaceSettings] = {}
        self._kept_until = 0.0

    async def settings(self, place: Place, *, parent_id: int | None = None) -> PlaceSettings:
        scopes = tuple(id_ for id_ in (place.guild_id, parent_id, place.channel_id) if id_ is not None)
        now = asyncio.get_running_loop().time()
        if now >= self._kept_until:
            self._kept, self._kept_until = {}, now + KEPT_S
        kept = self._kept
        if scopes not in kept:
            kept[scopes] = await self._read(scopes)  # if anything is changed meanwhile, nobody looks there any more
        return kept[scopes]

    async def _read(self, scopes: Sequence[int]) -> PlaceSettings:
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

        try:
            await self._database.write(operation)
        finally:
            self._kept = {}

    async def first_time(self, scope_id: int, what: str) -> bool:
        async def operation(connection: AsyncConnection) -> bool:
            if await _is_told(connection, scope_id, what):
                return False
            await connection.execute(insert(told), {"scope_id": scope_id, "what": what})
            return True

        return await self._database.write(operation)

    async def asked_before(self, scope_id: int, what: str) -> bool:
        return await self._database.read(lambda connection: _is_told(connection, scope_id, what))


async def _is_told(connection: AsyncConnection, scope_id: int, what: str) -> bool:
    found = await connection.execute(select(told).where(told.c.scope_id == scope_id, told.c.what == what))
    return found.first() is not None


def _value(text: str) -> Any:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
