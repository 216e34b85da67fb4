"""
Ends answers that lose their place: a channel or thread is deleted or closed, a right or the guild is lost.

What was said in a place that is gone for good is forgotten.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.core.errors import SurfaceForbidden
from bot.core.model import Ending
from bot.core.runs import Asked

if TYPE_CHECKING:
    from bot.chat.client import Patter

CLOSED = "The thread was closed."
REMOVED = "I was removed from this server."


class Places(commands.Cog):
    """The events of the gateway come at once; the next write may be seconds away, or never come."""

    def __init__(self, bot: "Patter") -> None:
        self._bot, self._runs, self._leaving = bot, bot.services.runs, bot.services.leaving

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        await self._leaving.catch_up(self._bot)

    @commands.Cog.listener("on_guild_join")
    @commands.Cog.listener("on_guild_available")
    async def on_guild(self, guild: discord.Guild) -> None:
        await self._leaving.is_on(guild.id, self._bot)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._end(self._runs.in_channel(channel.id), Ending.DELETED)
        await self._leaving.channels_gone([channel.id])
        await self._leaving.catch_up(self._bot)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        self._end(self._runs.in_channel(payload.thread_id), Ending.DELETED)
        await self._leaving.channels_gone([payload.thread_id])

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        state = payload.data["thread_metadata"]
        if state["archived"] or state.get("locked"):
            self._end(self._runs.in_channel(payload.thread_id), Ending.FAILED, CLOSED)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        here = {channel.id for channel in (*guild.channels, *guild.threads)}
        self._end((asked for asked in self._runs if asked.channel_id in here), Ending.FAILED, REMOVED)
        await self._leaving.guild_left(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel) -> None:
        self._look_at_rights(channel.guild)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _: discord.Role, role: discord.Role) -> None:
        self._look_at_rights(role.guild)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self._look_at_rights(role.guild)

    @commands.Cog.listener()
    async def on_member_update(self, _: discord.Member, member: discord.Member) -> None:
        if member == member.guild.me:
            self._look_at_rights(member.guild)

    def _look_at_rights(self, guild: discord.Guild) -> None:
        forbidden = (asked for asked in self._runs if not _may_write(guild, asked.channel_id))
        self._end(forbidden, Ending.FAILED, SurfaceForbidden.hint)

    def _end(self, lost: Iterable[Asked], ending: Ending, hint: str = "") -> None:
        for asked in lost:
            asked.run.stop(ending, hint=hint)


def _may_write(guild: discord.Guild, channel_id: int) -> bool:
    """Tell whether the bot may write in a channel, as far as that is known; what is elsewhere is not looked at."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        return True
    rights = channel.permissions_for(guild.me)
    sends = rights.send_messages_in_threads if isinstance(channel, discord.Thread) else rights.send_messages
    return rights.view_channel and sends


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Places(bot))
