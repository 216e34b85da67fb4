"""`/ask`: put a question to the model."""

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.asking import Prompt
from bot.chat.threads import PRIVATE
from bot.core.errors import ModelError

if TYPE_CHECKING:
    from bot.chat.client import Patter

MAX_CHOICES = 25
"""How many choices Discord shows for an option."""

AUTOCOMPLETE_S = 2.0
"""Discord waits for three seconds."""


class Ask(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._services = bot.services

    @app_commands.command(description="Ask the model; watch the answer being written")
    @app_commands.describe(
        prompt="What you want to know",
        model="Another model than the usual one",
        private="Show the question and the answer to you alone",
        thread="Answer in a new thread, where the conversation can go on",
    )
    async def ask(
        self,
        interaction: "discord.Interaction[Patter]",
        prompt: app_commands.Range[str, 1, 6000],
        model: app_commands.Range[str, 1, 100] | None = None,
        private: bool = False,
        thread: bool | None = None,
    ) -> None:
        services = self._services
        if not private and await services.threads.wanted(interaction, wish=thread):
            await services.threads.ask(interaction, prompt, model=model, wished=bool(thread))
            return
        branch = services.branches.for_command(interaction)
        preface = PRIVATE if private and thread else ""
        await services.asking.by_interaction(
            interaction, Prompt(prompt, branch, model, private=private, preface=preface)
        )

    @ask.autocomplete("model")
    async def _models(self, interaction: "discord.Interaction[Patter]", typed: str) -> list[app_commands.Choice[str]]:
        try:
            async with asyncio.timeout(AUTOCOMPLETE_S):
                allowed = await self._services.asking.models(interaction)
                models = await self._services.model.models()
        except (ModelError, TimeoutError):
            return []
        fitting = [model.name for model in models if typed.lower() in model.name.lower() and len(model.name) <= 100]
        names = [name for name in fitting if allowed.allows(name)]
        return [app_commands.Choice(name=name, value=name) for name in names[:MAX_CHOICES]]


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Ask(bot))
