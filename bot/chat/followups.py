"""
The further messages of an answer to an interaction, each posted just once.

A follow-up takes no nonce, so if its response is lost nobody can tell from that whether it is there: then it is looked
for before it is sent again, among what the gateway has shown and in the channel's history. One that turns up all the
same when another has taken its place is deleted.
"""

import asyncio
import logging
from typing import Any

import discord

from bot.chat.faults import translated
from bot.chat.routes import ChannelRoute, TokenRoute
from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone
from bot.core.model import Screen
from bot.core.scheduler import Grant

ECHO_S = 1.0
"""How long the gateway may be behind the response that was lost."""

REMOVE_PAUSES_S = (0.5, 2.0, 8.0)
"""After a fault on deleting a message that was posted twice; then it stays."""

log = logging.getLogger(__name__)


class Followups:
    """`message_ids` are all of the answer's messages; what is posted or found is added to them."""

    def __init__(
        self, interaction: discord.Interaction[Any], token: TokenRoute, channel: ChannelRoute, message_ids: list[int]
    ) -> None:
        self._interaction, self._token, self._channel = interaction, token, channel
        self._message_ids = message_ids
        self._posted_texts: set[str] = set()
        self._echoed: dict[int, str] = {}
        self._news = asyncio.Event()
        self._removing: set[asyncio.Task[None]] = set()
        self._is_posting = False
        self._is_lost = False  # whether a message that was tried to be posted may be there
        interaction.client.echoes.add(interaction.id, self)

    async def post(self, screen: Screen, grant: Grant) -> None:
        """Post a message. Raises SurfaceError, after which `recover` tells whether it is there."""
        self._posted_texts.add(screen.text.strip())
        self._is_posting = True
        try:
            message_id, _ = await self._token.post(screen, grant)
        except SurfaceError as error:
            self._is_lost = self._is_lost or error.may_be_applied
            raise
        finally:
            self._is_posting = False
        self._take(message_id)

    async def recover(self) -> str | None:
        """Give the text of the message whose response was lost, if there was one and it is there."""
        if not self._is_lost:
            return None
        found = await self._find()
        self._is_lost = False
        if found is None:
            return None
        message_id, text = found
        log.info("found a message whose response was lost")
        self._take(message_id)
        return text

    async def echoed(self, message_id: int, text: str) -> None:
        self._echoed[message_id] = text.strip()
        self._news.set()
        if not (self._is_posting or self._is_lost):
            self._remove_doubles()

    async def _find(self) -> tuple[int, str] | None:
        found = self._find_echo()
        if found is None:
            self._news.clear()
            try:
                async with asyncio.timeout(ECHO_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            found = self._find_echo()
        return found or await self._find_in_history()

    def _find_echo(self) -> tuple[int, str] | None:
        unknown = self._unknown()
        return (min(unknown), unknown[min(unknown)]) if unknown else None

    async def _find_in_history(self) -> tuple[int, str] | None:
        try:
            posted = await self._channel.posted_by(self._interaction.id, after=self._message_ids[-1])
        except (SurfaceForbidden, SurfaceGone):  # it may not look there, or the answer is for one person alone
            return None
        return next(((one.id, one.content) for one in posted if one.id not in self._message_ids), None)

    def _take(self, message_id: int) -> None:
        self._message_ids.append(message_id)
        self._remove_doubles()

    def _remove_doubles(self) -> None:
        """Begin to delete them; the answer does not wait for that."""
        for message_id in self._unknown():
            del self._echoed[message_id]
            removing = asyncio.create_task(self._remove(message_id), name=f"remove double {message_id}")
            self._removing.add(removing)
            removing.add_done_callback(self._removing.discard)

    async def _remove(self, message_id: int) -> None:
        for pause_s in REMOVE_PAUSES_S:
            try:
                with translated():
                    await self._interaction.followup.delete_message(message_id)
            except SurfaceGone:
                return
            except SurfaceError as error:
                log.info("a message that was posted twice is still there: %s", error)
                await asyncio.sleep(pause_s)
            else:
                return

    def _unknown(self) -> dict[int, str]:
        """Messages that the gateway has shown, that were posted here, and that are no part of the answer."""
        shown = self._echoed.items()
        return {key: text for key, text in shown if key not in self._message_ids and text in self._posted_texts}
