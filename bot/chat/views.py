"""Buttons that go on working after a restart: a click is matched by its custom_id alone."""

import contextlib
import re
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.chat.stopping import STOPPED, stop_from
from bot.chat.telling import tell

if TYPE_CHECKING:
    from bot.chat.client import Patter


class StopButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"stop:(?P<run_id>[A-Za-z0-9_-]{1,40})"
):
    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(
            discord.ui.Button(label="Stop", emoji="🛑", style=discord.ButtonStyle.secondary, custom_id=f"stop:{run_id}")
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> "StopButton":
        return cls(match["run_id"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Patter = interaction.client
        sentence = stop_from(interaction, client.services.runs.find(self.run_id))
        if sentence != STOPPED:
            await tell(interaction, sentence)
            return
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await interaction.response.defer()  # the message itself says so


class UnknownButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"(?!stop:)(?s:.)*"):
    """Catches what no other pattern does: without it a click on an old or forged button would get no answer."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id[:100]))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> "UnknownButton":
        return cls(match[0])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await tell(interaction, "This button no longer does anything.")


def controls(run_id: str) -> discord.ui.View:
    """The buttons under an answer that is being written."""
    view = discord.ui.View(timeout=None)
    view.add_item(StopButton(run_id))
    view.stop()  # discord.py need not keep it: clicks are matched by the patterns above
    return view
