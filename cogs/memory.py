"""`/new`, `/forget` and `/privacy`: what people may know of the memory, and take out of it."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.branches import is_one_conversation
from bot.chat.privacy import privacy_notice
from bot.chat.telling import NOBODY, tell
from bot.core.memory import Forgotten

if TYPE_CHECKING:
    from bot.chat.client import Patter

AFRESH = "From here on I start afresh. To go on from something older, reply to that answer."
FRESH_ALREADY = "This is a fresh start already: nothing said before is on my mind here."
ALWAYS_AFRESH = (
    "In this channel every `/ask` and every mention begins a new conversation anyway. "
    "To go on from an answer, reply to it or continue in a thread."
)

STILL_THERE = "What you wrote is still in Discord: I no longer read it, others can; delete it there."

ENDING_S = 10.0
"""How long `/forget` waits for the ends of answers to show; if Discord takes none, it has to do without."""


class Memory(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._bot, self._services = bot, bot.services

    @app_commands.command(description="Start afresh here: what was said before is no longer on the bot's mind")
    async def new(self, interaction: "discord.Interaction[Patter]") -> None:
        assert interaction.channel_id is not None, "a command is always used in a channel"
        if not is_one_conversation(interaction.channel, self._bot):
            await tell(interaction, ALWAYS_AFRESH)
            return
        conversations = self._services.memory.conversations
        if await conversations.start_afresh(interaction.channel_id, after=interaction.id):
            await interaction.response.send_message(AFRESH, allowed_mentions=NOBODY)
        else:
            await tell(interaction, FRESH_ALREADY)

    @app_commands.command(description="Delete everything that the bot has stored of you, everywhere")
    async def forget(self, interaction: "discord.Interaction[Patter]") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._end_answers_to(interaction.user)
        forgotten = await self._services.memory.conversations.forget(interaction.user.id, up_to=interaction.id)
        await tell(interaction, _sentence(forgotten))

    async def _end_answers_to(self, user: discord.abc.User) -> None:
        """Stop them, and wait until nothing more of them will be kept."""
        runs = self._services.runs
        theirs = [asked.run for asked in runs if asked.asker_id == user.id]
        for run in theirs:
            run.stop(by=user.display_name)
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDING_S):
                for run in theirs:
                    await runs.until_over(run.id)

    @app_commands.command(description="What the bot keeps of what is said to it, where, and for how long")
    async def privacy(self, interaction: "discord.Interaction[Patter]") -> None:
        reads_all = self._bot.reads_all_messages
        await tell(interaction, privacy_notice(self._services.keeping, reads_all_messages=reads_all))


def _sentence(forgotten: Forgotten) -> str:
    if not (forgotten.questions or forgotten.answers):
        return f"There was nothing of yours to forget. {STILL_THERE}"
    questions = "1 question" if forgotten.questions == 1 else f"{forgotten.questions} questions"
    answers = "1 answer" if forgotten.answers == 1 else f"{forgotten.answers} answers"
    return f"Forgotten: {questions} of yours and {answers} to you. {STILL_THERE}"


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Memory(bot))
