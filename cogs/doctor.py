"""`/doctor`: what is right and what is wrong, for the bot's owner."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.checkup import as_message, check_up
from bot.chat.telling import tell

if TYPE_CHECKING:
    from bot.chat.client import Patter


class Doctor(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._bot = bot

    @app_commands.command(description="For the bot's owner: what is right, what is wrong, and how to mend it")
    @app_commands.default_permissions(administrator=True)
    async def doctor(self, interaction: "discord.Interaction[Patter]") -> None:
        if interaction.user.id not in self._bot.owners:
            await tell(interaction, "Only the owner of this bot may ask that.")
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await tell(interaction, as_message(await check_up(self._bot, interaction)))


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Doctor(bot))
