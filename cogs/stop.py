"""All ways to stop an answer but its button: `/stop`, a reaction, and deleting its message."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.stopping import may_stop
from bot.chat.telling import tell
from bot.core.model import Ending

if TYPE_CHECKING:
    from bot.chat.client import Patter


class Stop(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._bot, self._services = bot, bot.services

    @app_commands.command(description="Stop your answers in this channel; moderators stop anybody's")
    async def stop(self, interaction: "discord.Interaction[Patter]") -> None:
        assert interaction.channel_id is not None, "a command is always used in a channel"
        here = self._services.runs.in_channel(interaction.channel_id)
        mine = [asked for asked in here if asked.asker_id == interaction.user.id]
        stoppable = mine or [
            asked for asked in here if may_stop(self._bot, interaction.user.id, interaction.permissions, asked)
        ]
        stopped = sum(asked.run.stop(by=interaction.user.display_name) for asked in stoppable)
        others = sum(not asked.private for asked in here if asked not in stoppable)
        await tell(interaction, _sentence(stopped, others))

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        if str(payload.emoji) != self._services.stop_emoji or (payload.member is not None and payload.member.bot):
            return
        asked = self._services.runs.showing(payload.message_id)
        if asked is not None and may_stop(self._bot, payload.user_id, self._permissions(payload), asked):
            asked.run.stop(by=payload.member.display_name if payload.member else "")

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self._stop_deleted({payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        self._stop_deleted(payload.message_ids)

    def _stop_deleted(self, message_ids: set[int]) -> None:
        for message_id in message_ids:
            asked = self._services.runs.showing(message_id)
            if asked is not None:
                asked.run.stop(Ending.DELETED)

    def _permissions(self, payload: discord.RawReactionActionEvent) -> discord.Permissions:
        """What the one who reacted may do in that channel; nothing where that is not known."""
        guild = self._bot.get_guild(payload.guild_id) if payload.guild_id else None
        channel = guild.get_channel_or_thread(payload.channel_id) if guild else None
        if channel is None or payload.member is None:
            return discord.Permissions.none()
        return channel.permissions_for(payload.member)


def _sentence(stopped: int, others: int) -> str:
    if stopped:
        return "Stopped." if stopped == 1 else f"Stopped {stopped} answers."
    if others:
        return "Nothing of yours is being written here. Others' answers can be stopped by moderators."
    return "Nothing is being written here."


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Stop(bot))
