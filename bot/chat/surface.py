"""
One answer's messages on Discord.

They are written through the interaction's token, which Discord's global limit does not cover, and from `HANDOVER_S` on
(or when the token turns out to be dead) through the channel's own routes.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import discord

from bot.chat.faults import TokenExpired, translated
from bot.chat.limits import CHANNEL_EDITS, CHANNEL_SENDS, TOKEN_WRITES, Limits
from bot.chat.views import controls
from bot.core.errors import SurfaceGone
from bot.core.model import Screen
from bot.core.ports import Write
from bot.core.scheduler import Allowance, Grant, Lane, Scheduler

HANDOVER_S = 14 * 60.0
"""Age of an interaction at which its token is left: Discord lets it live for 15 minutes."""

NOBODY = discord.AllowedMentions.none()


class AskSurface:
    """The messages of an answer to a slash command, the first of which is the response to the interaction."""

    def __init__(
        self,
        interaction: discord.Interaction,
        first_message_id: int,
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
        self._message_ids = [first_message_id]
        self._token_until = asyncio.get_running_loop().time() + handover_s

    @property
    def message_ids(self) -> Sequence[int]:
        return self._message_ids

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
        return self._private or asyncio.get_running_loop().time() < self._token_until

    def _token_lane(self) -> Lane:
        return self._scheduler.lane(("token", self._interaction.id), TOKEN_WRITES, counts_globally=False)

    def _channel_lane(self, route: str, guess: Allowance) -> Lane:
        return self._scheduler.lane((route, self._interaction.channel_id), guess, counts_globally=True)

    @property
    def _channel(self) -> discord.PartialMessageable:
        interaction = self._interaction
        assert interaction.channel_id is not None, "a slash command is always used in a channel"
        return interaction.client.get_partial_messageable(interaction.channel_id, guild_id=interaction.guild_id)

    async def _edit_by_token(self, screen: Screen, grant: Grant) -> None:
        with self._leaving_dead_token(), translated():
            await self._limits.apply(grant, self._token_edit(screen))

    def _token_edit(self, screen: Screen) -> Coroutine[Any, Any, object]:
        view = _view_of_edit(screen)
        if len(self._message_ids) == 1:
            return self._interaction.edit_original_response(content=screen.text, view=view, allowed_mentions=NOBODY)
        return self._interaction.followup.edit_message(
            self._message_ids[-1], content=screen.text, view=view, allowed_mentions=NOBODY
        )

    async def _edit_in_channel(self, screen: Screen, grant: Grant) -> None:
        message = self._channel.get_partial_message(self._message_ids[-1])
        edit = message.edit(content=screen.text, view=_view_of_edit(screen), allowed_mentions=NOBODY)
        with translated():
            await self._limits.apply(grant, edit)

    async def _post_by_token(self, screen: Screen, grant: Grant) -> None:
        send = self._interaction.followup.send(
            screen.text,
            wait=True,
            ephemeral=self._private,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
            view=controls(self._run_id) if screen.stoppable else discord.utils.MISSING,
        )
        with self._leaving_dead_token(), translated():
            message = await self._limits.fetch(grant, send)
        self._message_ids.append(message.id)

    async def _post_in_channel(self, screen: Screen, grant: Grant) -> None:
        send = self._channel.send(
            screen.text,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
            view=controls(self._run_id) if screen.stoppable else discord.utils.MISSING,
        )
        with translated():
            message = await self._limits.fetch(grant, send)
        self._message_ids.append(message.id)

    @contextmanager
    def _leaving_dead_token(self) -> Iterator[None]:
        try:
            yield
        except TokenExpired:
            if self._private:
                raise SurfaceGone("the token of a private answer is dead") from None
            self._token_until = 0.0
            raise


def _view_of_edit(screen: Screen) -> discord.ui.View | None:
    """Give the `view` of an edit: leaving it out keeps the Stop button that came with the message."""
    missing: discord.ui.View = discord.utils.MISSING
    return missing if screen.stoppable else None
