"""`/stats`: how the last day was."""

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.day_report import description, report
from bot.chat.telling import NOBODY

if TYPE_CHECKING:
    from bot.chat.client import Patter


class Stats(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._services = bot.services

    @app_commands.command(description="How the last day was: answers, tokens, speed, and how long one waits")
    async def stats(self, interaction: "discord.Interaction[Patter]") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        statistics = self._services.statistics
        day = statistics.last_day()
        picture = io.BytesIO(await statistics.picture(day))
        await interaction.followup.send(
            report(day, under_way=len(self._services.runs)),
            file=discord.File(picture, "stats.png", description=description(day)),
            ephemeral=True,
            allowed_mentions=NOBODY,
        )


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Stats(bot))
