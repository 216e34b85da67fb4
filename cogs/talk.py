"""What is said in messages: questions, and what becomes of them when they are changed or deleted."""

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.chat.client import Patter


class Talk(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._bot, self._services = bot, bot.services

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        await self._services.listening.hear(message, self._bot)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self._services.revising.edited(payload.message, self._bot)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._services.revising.deleted({payload.message_id}, payload.channel_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._services.revising.deleted(payload.message_ids, payload.channel_id)


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Talk(bot))
