"""What one can choose under Apps in a message's menu: to ask about it, and to have the talk from it on summarised."""

import secrets
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.afterwards import SUMMARISE
from bot.chat.asking import Prompt
from bot.chat.telling import tell
from bot.chat.turns import said_in
from bot.core.errors import PatterError
from bot.services import Services

if TYPE_CHECKING:
    from bot.chat.client import Patter

ABOUT = "about:"
QUESTION_CHARS = 4000
"""What Discord takes in a modal's field."""

MODAL_S = 30 * 60.0
"""How long somebody may think of a question. Discord does not tell when a modal is closed."""

NO_TEXT = "There is no text in this message, and text is all that I can read."
TOO_LATE = "I no longer know which message this was about. Open its menu again."
NEEDS_INTENT = (
    "I may not read what people say to each other here. Whoever runs this bot can grant it the Message Content "
    "intent: discord.com/developers/applications, Bot, Privileged Gateway Intents."
)
NEEDS_HISTORY = "That takes the right to read the message history here, for you and for me."


class Menus(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._bot, self._services = bot, bot.services
        self._open: weakref.WeakValueDictionary[str, AskAbout] = weakref.WeakValueDictionary()
        self._menus = [
            app_commands.ContextMenu(name="Ask about this", callback=self.ask_about),
            app_commands.ContextMenu(name="Summarise from here", callback=self.summarise),
        ]

    async def cog_load(self) -> None:
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def ask_about(self, interaction: "discord.Interaction[Patter]", message: discord.Message) -> None:
        if not said_in(message):
            await tell(interaction, NO_TEXT)
            return
        modal = AskAbout(self._services, message)
        self._open[modal.custom_id] = modal
        await interaction.response.send_modal(modal)

    async def summarise(self, interaction: "discord.Interaction[Patter]", message: discord.Message) -> None:
        mine, theirs = interaction.app_permissions, interaction.permissions
        in_guild = interaction.guild_id is not None
        if in_guild and not self._bot.reads_all_messages:
            await tell(interaction, NEEDS_INTENT)
        elif in_guild and not (mine.read_message_history and theirs.read_message_history):
            await tell(interaction, NEEDS_HISTORY)
        else:
            prompt = Prompt(
                SUMMARISE,
                partial(self._services.branches.read_from, message),
                shows_question=False,
                preface=f"-# summary [from here on]({message.jump_url})",
                may_retry=False,
            )
            await self._services.asking.by_interaction(interaction, prompt)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: "discord.Interaction[Patter]") -> None:
        """Answer what was sent in over a restart, or after so long that the modal is forgotten."""
        data: Any = interaction.data
        if interaction.type is discord.InteractionType.modal_submit and data["custom_id"].startswith(ABOUT):
            modal = self._open.get(data["custom_id"])
            if modal is None or modal.answered_id != interaction.id:
                await tell(interaction, TOO_LATE)


class AskAbout(discord.ui.Modal, title="Ask about this"):
    def __init__(self, services: Services, message: discord.Message) -> None:
        super().__init__(timeout=MODAL_S, custom_id=f"{ABOUT}{secrets.token_urlsafe(9)}")
        self._services, self._message = services, message
        self.answered_id: int | None = None
        self._field = discord.ui.TextInput[AskAbout](
            custom_id="question",
            style=discord.TextStyle.paragraph,
            placeholder="Explain this in simple words",
            max_length=QUESTION_CHARS,
        )
        self.add_item(discord.ui.Label(text="Your question", component=self._field))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        message, self.answered_id = self._message, interaction.id
        prompt = Prompt(
            self._field.value,
            partial(self._services.branches.of_message, message),
            private=message.flags.ephemeral,
            preface=f"-# about [this message]({message.jump_url})",
        )
        try:
            await self._services.asking.by_interaction(interaction, prompt)
        except PatterError as error:
            await tell(interaction, error.hint)


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Menus(bot))
