"""Buttons that go on working after a restart: a click is matched by its custom_id alone."""

import contextlib
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import discord

from bot.chat.stopping import STOPPED, stop_from
from bot.chat.telling import tell
from bot.core.model import Button

if TYPE_CHECKING:
    from bot.chat.client import Patter

_KNOWS_ASKER = re.compile(r"(?:retry|continue):(\d{1,20})")

Item = discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]]


class StopButton(Item, template=r"stop:(?P<run_id>[A-Za-z0-9_-]{1,40})"):
    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(
            discord.ui.Button(label="Stop", emoji="🛑", style=discord.ButtonStyle.secondary, custom_id=f"stop:{run_id}")
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(match["run_id"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Patter = interaction.client
        sentence = stop_from(interaction, client.services.runs.find(self.run_id))
        if sentence != STOPPED:
            await tell(interaction, sentence)
            return
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await interaction.response.defer()  # the message itself says so


class RetryButton(Item, template=r"retry:(?P<asker_id>\d{1,20})"):
    """A button of an answer that has ended. It knows whose answer it is, for when the memory does not."""

    def __init__(self, asker_id: int) -> None:
        self.asker_id = asker_id
        super().__init__(discord.ui.Button(label="Retry", emoji="🔁", custom_id=f"retry:{asker_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["asker_id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Patter = interaction.client
        await client.services.afterwards.retry(interaction, self.asker_id)


class ContinueButton(Item, template=r"continue:(?P<asker_id>\d{1,20})"):
    def __init__(self, asker_id: int) -> None:
        self.asker_id = asker_id
        super().__init__(discord.ui.Button(label="Continue", emoji="▶️", custom_id=f"continue:{asker_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["asker_id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Patter = interaction.client
        await client.services.afterwards.go_on(interaction, self.asker_id)


class ThreadButton(Item, template="thread"):
    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="Continue in thread", emoji="🧵", custom_id="thread"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], _match: re.Match[str]
    ) -> Self:
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Patter = interaction.client
        await client.services.threads.continue_from(interaction)


class UnknownButton(Item, template=r"(?!(?:stop:[\w-]{1,40}|(?:retry|continue):\d{1,20}|thread)\Z)(?s:.)*"):
    """Catches what no other pattern does: without it a click on an old or forged button would get no answer."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id[:100]))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(match[0])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await tell(interaction, "This button no longer does anything.")


ALL = (StopButton, RetryButton, ContinueButton, ThreadButton, UnknownButton)


def ids_below(message: discord.Message) -> list[str]:
    """Give the custom ids of the buttons below a message."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [custom_id for row in rows for item in row.children if (custom_id := getattr(item, "custom_id", None))]


def asker_by_buttons(message: discord.Message) -> int | None:
    """Tell by the buttons below an answer whom it is for; None if they do not say."""
    found = (_KNOWS_ASKER.fullmatch(custom_id) for custom_id in ids_below(message))
    return next((int(match[1]) for match in found if match), None)


def buttons_below(buttons: Collection[Button], run_id: str, asker_id: int) -> discord.ui.View | None:
    """Give the buttons to go below an answer; None if there are none."""
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for button in Button:
        if button in buttons:
            view.add_item(_item(button, run_id, asker_id))
    view.stop()  # discord.py need not keep it: clicks are matched by the patterns above
    return view


def _item(button: Button, run_id: str, asker_id: int) -> Item:
    match button:
        case Button.STOP:
            return StopButton(run_id)
        case Button.CONTINUE:
            return ContinueButton(asker_id)
        case Button.RETRY:
            return RetryButton(asker_id)
        case Button.THREAD:
            return ThreadButton()
