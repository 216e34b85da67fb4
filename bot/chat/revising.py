"""Questions that are changed, and messages that are deleted, once they are part of a conversation."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import discord

from bot.chat.faults import translated
from bot.chat.telling import NOBODY
from bot.chat.text.pages import MESSAGE_CHARS
from bot.chat.turns import said_in
from bot.core.errors import SurfaceError
from bot.core.exchange import Memory
from bot.core.memory import Edited
from bot.core.runs import Runs

if TYPE_CHECKING:
    from bot.chat.client import Patter

CHANGED = "the question has changed since: Retry answers the new one"
BELOW = f"\n-# {CHANGED}"

log = logging.getLogger(__name__)


class Revising:
    def __init__(self, memory: Memory, runs: Runs) -> None:
        self._memory, self._runs = memory, runs

    async def edited(self, message: discord.Message, client: "Patter") -> None:
        """
        Take over the new text of a question, and say below its answer how to have a new one.

        Below one that has ended it is said unless somebody went on from it.
        """
        if message.author.bot or not message.content:
            return
        edited = None
        async with self._memory.turn_of(message.channel.id):
            with self._memory.forgiving():
                edited = await self._memory.conversations.edit(message.id, said_in(message))
        if edited is not None and not await self._note(edited) and edited.is_last and edited.message_ids:
            await self._offer_retry(edited, client)

    async def _note(self, edited: Edited) -> bool:
        """Have it said with the end of an answer that is being written; false if there is none, or it has ended."""
        asked = self._runs.writing(edited.answer.id) if edited.answer else None
        if asked is None:
            return False
        if asked.run.outcome is None:
            asked.note(CHANGED)
            return True
        await self._runs.until_over(asked.run.id)
        return False

    async def _offer_retry(self, edited: Edited, client: "Patter") -> None:
        last = edited.message_ids[-1]
        if edited.question.private:
            return
        place = edited.question.place
        channel = client.get_partial_messageable(place.channel_id, guild_id=place.guild_id)
        try:
            with translated():
                answer = await channel.fetch_message(last)
                if CHANGED not in answer.content and len(answer.content) + len(BELOW) <= MESSAGE_CHARS:
                    # Leaving `view` out keeps the buttons, Retry among them.
                    partial = channel.get_partial_message(last)
                    await partial.edit(content=answer.content + BELOW, allowed_mentions=NOBODY)
        except SurfaceError as error:
            log.info("could not offer to answer a changed question: %s", error)

    async def deleted(self, message_ids: Iterable[int], channel_id: int) -> None:
        """Take what the messages showed out of its conversation, before what is said next in it."""
        async with self._memory.turn_of(channel_id):
            with self._memory.forgiving():
                await self._memory.conversations.drop_messages(message_ids)
