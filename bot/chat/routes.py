"""The two ways to write an answer's messages: through an interaction's token, and through the channel."""

import io
from collections.abc import Coroutine, Sequence
from typing import Any

import discord

from bot.chat.faults import translated
from bot.chat.limits import CHANNEL_EDITS, CHANNEL_SENDS, TOKEN_WRITES, Limits
from bot.chat.telling import NOBODY
from bot.chat.views import buttons_below
from bot.core.memory import Place
from bot.core.model import Button, Screen
from bot.core.scheduler import Grant, Lane, Scheduler

ATTACHMENT_NAME = "answer.md"

LOOKED_THROUGH = 200
"""Messages of a channel in which one is looked for whose response was lost."""


class Dress:
    """
    What a Screen becomes as a message's parts.

    `may_thread` says whether a thread can be opened from it, `may_retry` whether it can be asked for again.
    """

    def __init__(self, run_id: str, asker_id: int, *, may_thread: bool, may_retry: bool = True) -> None:
        self.run_id = run_id
        self.may_attach = True
        self._asker_id = asker_id
        self._never = frozenset([Button.THREAD] * (not may_thread) + [Button.RETRY] * (not may_retry))

    def of_edit(self, screen: Screen) -> dict[str, Any]:
        """Leaving `view` out keeps the Stop button that came with the message."""
        parts: dict[str, Any] = {"content": screen.text, "allowed_mentions": NOBODY}
        if not screen.stoppable:
            parts["view"] = self.view(screen)
        if screen.attachment and self.may_attach:
            parts["attachments"] = [_file(screen.attachment)]
        return parts

    def of_post(self, screen: Screen) -> dict[str, Any]:
        parts: dict[str, Any] = {"content": screen.text, "allowed_mentions": NOBODY, "suppress_embeds": True}
        view = self.view(screen)
        if view is not None:
            parts["view"] = view
        if screen.attachment and self.may_attach:
            parts["file"] = _file(screen.attachment)
        return parts

    def view(self, screen: Screen) -> discord.ui.View | None:
        return buttons_below(screen.buttons - self._never, self.run_id, self._asker_id)


class ChannelRoute:
    """Writes as the bot, in any channel that it can see, for as long as it likes; within the global limit."""

    def __init__(
        self, client: discord.Client, place: Place, dress: Dress, scheduler: Scheduler, limits: Limits
    ) -> None:
        self._channel = client.get_partial_messageable(place.channel_id, guild_id=place.guild_id)
        self._dress, self._scheduler, self._limits = dress, scheduler, limits

    @property
    def edits(self) -> Lane:
        return self._scheduler.lane(("edit", self._channel.id), CHANNEL_EDITS, counts_globally=True)

    @property
    def sends(self) -> Lane:
        return self._scheduler.lane(("send", self._channel.id), CHANNEL_SENDS, counts_globally=True)

    async def edit(self, message_id: int, screen: Screen, grant: Grant) -> None:
        message = self._channel.get_partial_message(message_id)
        with translated():
            await self._limits.apply(grant, message.edit(**self._dress.of_edit(screen)))

    async def post(
        self, number: int, screen: Screen, grant: Grant, reply_to: discord.MessageReference | None = None
    ) -> tuple[int, str]:
        """
        Post the answer's message of that number; return its id and text.

        All tries of one message carry the same nonce: if an answer was lost, the next try finds the message.
        """
        parts = self._dress.of_post(screen)
        if reply_to is not None:
            parts |= {"reference": reply_to, "mention_author": False}
        send = self._channel.send(nonce=f"{self._dress.run_id}:{number}", **parts)
        with translated():
            return await self._limits.post(grant, send)

    async def posted_by(self, interaction_id: int, *, after: int) -> Sequence[discord.Message]:
        """Give what was posted in answer to an interaction after a message, oldest first, as far as that is seen."""
        with translated():
            newer = self._channel.history(limit=LOOKED_THROUGH, after=discord.Object(after), oldest_first=True)
            return [one async for one in newer if _answers(one, interaction_id)]


class TokenRoute:
    """
    Writes as the response to an interaction, outside the global limit, while the token lives.

    Nothing else writes an ephemeral message.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        dress: Dress,
        scheduler: Scheduler,
        limits: Limits,
        *,
        private: bool,
    ) -> None:
        self._interaction, self._dress, self._private = interaction, dress, private
        self._scheduler, self._limits = scheduler, limits

    @property
    def writes(self) -> Lane:
        return self._scheduler.lane(("token", self._interaction.id), TOKEN_WRITES, counts_globally=False)

    async def edit(self, message_id: int | None, screen: Screen, grant: Grant) -> None:
        """Edit a follow-up, or the response itself if `message_id` is None."""
        parts = self._dress.of_edit(screen)
        edit: Coroutine[Any, Any, object]
        if message_id is None:
            edit = self._interaction.edit_original_response(**parts)
        else:
            edit = self._interaction.followup.edit_message(message_id, **parts)
        with translated():
            await self._limits.apply(grant, edit)

    async def post(self, screen: Screen, grant: Grant) -> tuple[int, str]:
        send = self._interaction.followup.send(wait=True, ephemeral=self._private, **self._dress.of_post(screen))
        with translated():
            return await self._limits.post(grant, send)

    async def respond(self, screen: Screen) -> discord.InteractionCallbackResponse[Any]:
        """Answer the interaction with a message of its own. Raises what discord.py raises."""
        return await self._interaction.response.send_message(**self._dress.of_post(screen), ephemeral=self._private)

    async def rewrite_response(self, screen: Screen, grant: Grant) -> None:
        """Put the answer in the place of an earlier response."""
        parts = self._dress.of_edit(screen) | {"view": self._dress.view(screen), "attachments": []}
        with translated():
            await self._limits.apply(grant, self._interaction.edit_original_response(**parts))

    async def respond_in_place(self, screen: Screen) -> None:
        """Answer the click on a button by changing the message below which it is. Raises what discord.py raises."""
        parts = self._dress.of_edit(screen) | {"view": self._dress.view(screen), "attachments": []}
        await self._interaction.response.edit_message(**parts)


def _answers(message: discord.Message, interaction_id: int) -> bool:
    return message.interaction_metadata is not None and message.interaction_metadata.id == interaction_id


def _file(text: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), ATTACHMENT_NAME)
