"""Has what was said deleted where nobody can be any more: in channels that are deleted, on servers that were left."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import discord

from bot.chat.faults import UNKNOWN_CHANNEL, translated
from bot.core.errors import SurfaceError, SurfaceGone
from bot.core.exchange import Memory
from bot.core.memory import Place
from bot.core.ports import Places

if TYPE_CHECKING:
    from bot.chat.client import Patter

ASK_EVERY_S = 3.0
"""Pause between two channels that Discord is asked for: a refusal counts among those that it bans for."""

log = logging.getLogger(__name__)


class Leaving:
    def __init__(self, memory: Memory, places: Places) -> None:
        self._memory, self._places = memory, places
        self._is_looking = self._looks_again = False
        self._noted: set[int] = set()

    async def channels_gone(self, channel_ids: Iterable[int]) -> None:
        """Delete all that was said in channels and threads."""
        for channel_id in channel_ids:
            async with self._memory.turn_of(channel_id):  # whoever is about to be kept there is kept first
                with self._memory.forgiving():
                    if await self._memory.conversations.drop_channel(channel_id):
                        log.info("forgot what was said in a channel that is gone")

    async def is_on(self, guild_id: int, client: "Patter") -> None:
        """Note that this bot is on a server, and so can leave it."""
        if guild_id in self._noted:
            return
        with self._memory.forgiving():
            await self._places.first_time(guild_id, _as(client))
            self._noted.add(guild_id)

    async def guild_left(self, guild_id: int) -> None:
        await self.channels_gone([one.channel_id for one in await self._remembered() if one.guild_id == guild_id])

    async def catch_up(self, client: "Patter") -> None:
        """
        Find what nobody has told: what happened while the bot was away, and archived threads of a deleted channel.

        The gateway is ready, so it has named all guilds, those in an outage included. What is not among the channels of
        a guild that is there may be an archived thread: only Discord's word that there is no such channel counts. And a
        guild can only be left by a bot that was on it: another's token on the same database deletes nothing.
        """
        self._looks_again = True
        if self._is_looking:
            return
        self._is_looking = True
        try:
            while self._looks_again and not client.is_closed():
                self._looks_again = False
                await self._look(client)
        finally:
            self._is_looking = False

    async def _look(self, client: "Patter") -> None:
        unseen: list[int] = []
        for guild in client.guilds:
            await self.is_on(guild.id, client)
        for place in await self._remembered():
            assert place.guild_id is not None, "those of guilds were asked for"
            known = client.get_guild(place.guild_id)
            if known is None and serves(place.guild_id, client.shard_id, client.shard_count):
                with self._memory.forgiving():
                    if await self._places.asked_before(place.guild_id, _as(client)):
                        await self.channels_gone([place.channel_id])
            elif known and not known.unavailable and known.get_channel_or_thread(place.channel_id) is None:
                unseen.append(place.channel_id)
        for channel_id in unseen:
            if client.is_closed():
                return
            if await _is_deleted(client, channel_id):
                await self.channels_gone([channel_id])
            await asyncio.sleep(ASK_EVERY_S)

    async def _remembered(self) -> Sequence[Place]:
        found: list[Place] = []
        with self._memory.forgiving():
            found += await self._memory.conversations.places()
        return found


def serves(guild_id: int, shard_id: int | None, shards: int | None) -> bool:
    """
    Tell whether a shard has the events of a guild: of the others it knows nothing.

    >>> [serves(5 << 22, shard, 2) for shard in (0, 1)], serves(5 << 22, None, None)
    ([False, True], True)
    """
    return shard_id is None or not shards or (guild_id >> 22) % shards == shard_id


def _as(client: "Patter") -> str:
    return f"bot {client.application_id}"


async def _is_deleted(client: "Patter", channel_id: int) -> bool:
    try:
        with translated():
            await client.fetch_channel(channel_id)
    except SurfaceGone as error:
        return isinstance(error.__cause__, discord.NotFound) and error.__cause__.code == UNKNOWN_CHANNEL
    except (SurfaceError, discord.InvalidData):
        pass
    return False
