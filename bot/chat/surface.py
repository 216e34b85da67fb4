"""
One answer's messages on Discord.

What answers an interaction is written through its token, which Discord's global limit does not cover, and from
`HANDOVER_S` on (or when the token turns out to be dead) through the channel's own routes. What answers a message is
written through the channel from the beginning.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import discord

from bot.chat.faults import ALREADY_ACKNOWLEDGED, CannotReply, TokenExpired, translated
from bot.chat.followups import Followups
from bot.chat.routes import ChannelRoute, Dress, TokenRoute
from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone, SurfaceRefused
from bot.core.model import Screen
from bot.core.ports import Write
from bot.core.scheduler import Grant, Urgency

HANDOVER_S = 14 * 60.0
"""Age of an interaction at which its token is left: Discord lets it live for 15 minutes."""

OPEN_TRIES, OPEN_PAUSE_S = 4, 0.3
"""For the response to an interaction: Discord waits three seconds for it."""

REPLY_PAUSES_S = (0.3, 1.0, 3.0, 9.0, 27.0)
"""Between the tries of a reply's first message."""


class InteractionSurface:
    """
    The messages of an answer to a command or a button, the first of which is the response to the interaction.

    With `in_place` that is the message below which the button is. If the interaction has been answered already,
    `response_id` is the message of that, whose place the answer takes.
    """

    urgency = Urgency.FIRST

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        token: TokenRoute,
        channel: ChannelRoute,
        dress: Dress,
        *,
        private: bool,
        in_place: bool = False,
        response_id: int | None = None,
        handover_s: float = HANDOVER_S,
    ) -> None:
        self._interaction, self._token, self._channel, self._dress = interaction, token, channel, dress
        self._private, self._in_place = private, in_place
        self._is_answered = response_id is not None
        taken = interaction.message.id if in_place and interaction.message else response_id
        self._message_ids = [] if taken is None else [taken]
        self._followups = Followups(interaction, token, channel, self._message_ids)
        self.unseen_since = asyncio.get_running_loop().time()
        self._token_until = self.unseen_since + handover_s
        self._channel_closed = False  # whether the channel's own routes turned out to be forbidden

    @property
    def message_ids(self) -> Sequence[int]:
        return self._message_ids

    async def open(self, screen: Screen) -> None:
        for tries_left in reversed(range(OPEN_TRIES)):
            try:
                with translated():
                    await self._respond(screen)
            except (SurfaceGone, SurfaceForbidden, SurfaceRefused):
                raise
            except SurfaceError:
                if not tries_left:
                    raise
                await asyncio.sleep(OPEN_PAUSE_S)
            else:
                return

    def edit(self) -> Write:
        if self._by_token():
            return Write(self._token.writes, self._edit_by_token)
        return Write(self._channel.edits, self._edit_in_channel)

    def post(self) -> Write:
        if self._by_token():
            return Write(self._token.writes, self._post_by_token)
        return Write(self._channel.sends, self._post_in_channel)

    def _by_token(self) -> bool:
        """Nothing but the token writes an ephemeral message, so a private answer never leaves it."""
        only_way = self._private or self._channel_closed
        return only_way or asyncio.get_running_loop().time() < self._token_until

    async def _respond(self, screen: Screen) -> None:
        if self._is_answered:
            async with self._token.writes.turn(self) as grant:
                await self._token.rewrite_response(screen, grant)
            return
        try:
            if self._in_place:
                await self._token.respond_in_place(screen)
                return
            response = await self._token.respond(screen)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            if not self._in_place:  # an earlier try's answer was lost
                self._message_ids.append((await self._interaction.original_response()).id)
            return
        assert response.message_id is not None, "the response to a command is a message"
        self._message_ids.append(response.message_id)

    async def _edit_by_token(self, screen: Screen, grant: Grant) -> bool:
        is_response = len(self._message_ids) == 1
        with self._leaving_dead_token(), without_forbidden_file(self._dress, screen):
            await self._token.edit(None if is_response else self._message_ids[-1], screen, grant)
        return True

    async def _edit_in_channel(self, screen: Screen, grant: Grant) -> bool:
        with self._leaving_closed_channel(), without_forbidden_file(self._dress, screen):
            await self._channel.edit(self._message_ids[-1], screen, grant)
        return True

    async def _post_by_token(self, screen: Screen, grant: Grant) -> bool:
        if (text := await self._followups.recover()) is not None:
            grant.give_back()
            return text == screen.text.strip()
        with self._leaving_dead_token(), without_forbidden_file(self._dress, screen):
            await self._followups.post(screen, grant)
        return True

    async def _post_in_channel(self, screen: Screen, grant: Grant) -> bool:
        if (text := await self._followups.recover()) is not None:
            grant.give_back()
            return text == screen.text.strip()
        with self._leaving_closed_channel(), without_forbidden_file(self._dress, screen):
            message_id, text = await self._channel.post(len(self._message_ids), screen, grant)
        self._message_ids.append(message_id)
        return text == screen.text.strip()

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
    def _leaving_closed_channel(self) -> Iterator[None]:
        """After a refusal write by the token, as long as it lives."""
        try:
            yield
        except SurfaceForbidden:
            self._channel_closed = True
            raise


class ChannelSurface:
    """The messages of an answer in a channel, thread or DM, the first of which may be a reply to the question."""

    urgency = Urgency.FIRST

    def __init__(self, channel: ChannelRoute, dress: Dress, reply_to: discord.MessageReference | None = None) -> None:
        self._channel, self._dress, self._reply_to = channel, dress, reply_to
        self._message_ids: list[int] = []
        self.unseen_since = asyncio.get_running_loop().time()

    @property
    def message_ids(self) -> Sequence[int]:
        return self._message_ids

    async def open(self, screen: Screen) -> None:
        for pause_s in REPLY_PAUSES_S:
            try:
                return await self._open(screen)
            except (SurfaceGone, SurfaceForbidden, SurfaceRefused):
                raise
            except CannotReply:
                self._reply_to = None
            except SurfaceError:
                await asyncio.sleep(pause_s)
        return await self._open(screen)

    async def _open(self, screen: Screen) -> None:
        async with self._channel.sends.turn(self) as grant:
            await self._post(screen, grant, self._reply_to)

    def edit(self) -> Write:
        return Write(self._channel.edits, self._edit)

    def post(self) -> Write:
        return Write(self._channel.sends, self._post)

    async def _edit(self, screen: Screen, grant: Grant) -> bool:
        with without_forbidden_file(self._dress, screen):
            await self._channel.edit(self._message_ids[-1], screen, grant)
        return True

    async def _post(self, screen: Screen, grant: Grant, reply_to: discord.MessageReference | None = None) -> bool:
        with without_forbidden_file(self._dress, screen):
            message_id, text = await self._channel.post(len(self._message_ids), screen, grant, reply_to)
        self._message_ids.append(message_id)
        return text == screen.text.strip()


@contextmanager
def without_forbidden_file(dress: Dress, screen: Screen) -> Iterator[None]:
    """After a refusal of a message with a file the next try is made without it."""
    try:
        yield
    except (SurfaceForbidden, SurfaceRefused) as error:
        if not (screen.attachment and dress.may_attach):
            raise
        dress.may_attach = False
        raise SurfaceError("a file is not taken here") from error
