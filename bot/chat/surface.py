"""
One answer's messages on Discord.

They are written through the interaction's token, which Discord's global limit does not cover, and from `HANDOVER_S` on
(or when the token turns out to be dead) through the channel's own routes.
"""

import asyncio
import io
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import discord

from bot.chat.faults import ALREADY_ACKNOWLEDGED, TokenExpired, translated
from bot.chat.limits import CHANNEL_EDITS, CHANNEL_SENDS, TOKEN_WRITES, Limits
from bot.chat.telling import NOBODY
from bot.chat.views import controls
from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone
from bot.core.model import Screen
from bot.core.ports import Write
from bot.core.scheduler import Allowance, Grant, Lane, Scheduler

HANDOVER_S = 14 * 60.0
"""Age of an interaction at which its token is left: Discord lets it live for 15 minutes."""

OPEN_TRIES, OPEN_PAUSE_S = 4, 0.3
"""For the first message: Discord waits three seconds for it."""

ATTACHMENT_NAME = "answer.md"


class AskSurface:
    """The messages of an answer to a slash command, the first of which is the response to the interaction."""

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        run_id: str,
        *,
        scheduler: Scheduler,
        limits: Limits,
        private: bool,
        handover_s: float = HANDOVER_S,
    ) -> None:
        self._interaction, self._run_id = interaction, run_id
        self._scheduler, self._limits = scheduler, limits
        self._private = private
        self._message_ids: list[int] = []
        self._token_until = asyncio.get_running_loop().time() + handover_s
        self._channel_closed = False  # whether the channel's own routes turned out to be forbidden
        self._may_attach = True

    @property
    def message_ids(self) -> Sequence[int]:
        return self._message_ids

    async def open(self, screen: Screen) -> None:
        for tries_left in reversed(range(OPEN_TRIES)):
            try:
                with translated():
                    self._message_ids.append(await self._respond(screen))
            except (SurfaceGone, SurfaceForbidden):
                raise
            except SurfaceError:
                if not tries_left:
                    raise
                await asyncio.sleep(OPEN_PAUSE_S)
            else:
                return

    def edit(self) -> Write:
        if self._by_token():
            return Write(self._token_lane(), self._edit_by_token)
        return Write(self._channel_lane("edit", CHANNEL_EDITS), self._edit_in_channel)

    def post(self) -> Write:
        if self._by_token():
            return Write(self._token_lane(), self._post_by_token)
        return Write(self._channel_lane("send", CHANNEL_SENDS), self._post_in_channel)

    def _by_token(self) -> bool:
        """Nothing but the token writes an ephemeral message, so a private answer never leaves it."""
        only_way = self._private or self._channel_closed
        return only_way or asyncio.get_running_loop().time() < self._token_until

    def _token_lane(self) -> Lane:
        return self._scheduler.lane(("token", self._interaction.id), TOKEN_WRITES, counts_globally=False)

    def _channel_lane(self, route: str, guess: Allowance) -> Lane:
        return self._scheduler.lane((route, self._interaction.channel_id), guess, counts_globally=True)

    @property
    def _channel(self) -> discord.PartialMessageable:
        interaction = self._interaction
        assert interaction.channel_id is not None, "a slash command is always used in a channel"
        channel: discord.PartialMessageable = interaction.client.get_partial_messageable(
            interaction.channel_id, guild_id=interaction.guild_id
        )
        return channel

    async def _respond(self, screen: Screen) -> int:
        try:
            response = await self._interaction.response.send_message(
                screen.text,
                view=controls(self._run_id),
                ephemeral=self._private,
                suppress_embeds=True,
                allowed_mentions=NOBODY,
            )
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            return (await self._interaction.original_response()).id  # an earlier try's answer was lost
        assert response.message_id is not None, "the response to a command is a message"
        return response.message_id

    async def _edit_by_token(self, screen: Screen, grant: Grant) -> bool:
        with self._leaving_dead_token(), translated():
            await self._limits.apply(grant, self._token_edit(screen))
        return True

    def _token_edit(self, screen: Screen) -> Coroutine[Any, Any, object]:
        parts = self._parts_of_edit(screen)
        if len(self._message_ids) == 1:
            return self._interaction.edit_original_response(**parts)
        return self._interaction.followup.edit_message(self._message_ids[-1], **parts)

    async def _edit_in_channel(self, screen: Screen, grant: Grant) -> bool:
        message = self._channel.get_partial_message(self._message_ids[-1])
        with self._leaving_closed_channel(screen), translated():
            await self._limits.apply(grant, message.edit(**self._parts_of_edit(screen)))
        return True

    async def _post_by_token(self, screen: Screen, grant: Grant) -> bool:
        send = self._interaction.followup.send(wait=True, ephemeral=self._private, **self._parts_of_post(screen))
        with self._leaving_dead_token(), translated():
            message_id, _ = await self._limits.post(grant, send)
        self._message_ids.append(message_id)
        return True

    async def _post_in_channel(self, screen: Screen, grant: Grant) -> bool:
        # The same nonce for each try of a page: if an answer was lost, the next try finds the message.
        nonce = f"{self._run_id}:{len(self._message_ids)}"
        send = self._channel.send(nonce=nonce, **self._parts_of_post(screen))
        with self._leaving_closed_channel(screen), translated():
            message_id, text = await self._limits.post(grant, send)
        self._message_ids.append(message_id)
        return text == screen.text.strip()

    def _parts_of_edit(self, screen: Screen) -> dict[str, Any]:
        """Leaving `view` out keeps the Stop button that came with the message."""
        parts: dict[str, Any] = {"content": screen.text, "allowed_mentions": NOBODY}
        if not screen.stoppable:
            parts["view"] = None
        if screen.attachment and self._may_attach:
            parts["attachments"] = [_file(screen.attachment)]
        return parts

    def _parts_of_post(self, screen: Screen) -> dict[str, Any]:
        parts: dict[str, Any] = {"content": screen.text, "allowed_mentions": NOBODY, "suppress_embeds": True}
        if screen.stoppable:
            parts["view"] = controls(self._run_id)
        if screen.attachment and self._may_attach:
            parts["file"] = _file(screen.attachment)
        return parts

    @contextmanager
    def _leaving_dead_token(self) -> Iterator[None]:
        try:
            yield
        except TokenExpired:
            if self._private or self._channel_closed:
                raise SurfaceGone("the token is dead, and there is no other way") from None
            self._token_until = 0.0
            raise

    @contextmanager
    def _leaving_closed_channel(self, screen: Screen) -> Iterator[None]:
        """After a refusal try without the attachment, and then by the token as long as it lives."""
        try:
            yield
        except SurfaceForbidden as error:
            if screen.attachment and self._may_attach:
                self._may_attach = False
                raise SurfaceError("a file is forbidden here") from error
            self._channel_closed = True
            raise


def _file(text: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), ATTACHMENT_NAME)
