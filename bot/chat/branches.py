"""Where a question goes on from: the memory's tree, or what Discord still shows where the memory knows nothing."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.chat.asking import FindBranch, nothing_before, speaker_of
from bot.chat.faults import translated
from bot.chat.told import Marks, Reading, Told, less_forgotten
from bot.chat.turns import read_channel, read_replies, read_up_to, said_in
from bot.core.errors import PatterError, StoreError, SurfaceError
from bot.core.exchange import Branch, Memory
from bot.core.memory import Place, StoredTurn, new_turn_id, turn_id_at

if TYPE_CHECKING:
    from bot.chat.client import Patter


READ_AT_MOST = 500
"""Messages of a channel that are summarised. Discord gives 100 at once."""

NOTHING_READ = "From there on I found nothing that a person wrote."
NOT_READ = "I could not read the messages. Try again in a minute."
FORGOTTEN = "I no longer read that message: whoever wrote it, or was answered by it, has had me forget it (`/forget`)."


def is_one_conversation(channel: object, client: "Patter") -> bool:
    """Tell whether all that is said in a channel is one conversation with the bot: in a DM, and in its threads."""
    if isinstance(channel, discord.Thread):
        return client.user is not None and channel.owner_id == client.user.id
    return isinstance(channel, discord.DMChannel)


class Branches:
    """
    Without a memory there is Discord, and what that does not tell was not said.

    Raises StoreError only where it was never known what must not be read back, as somebody has had it forgotten.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def for_command(self, interaction: "discord.Interaction[Patter]") -> FindBranch:
        """Give where a command goes on from: what was said before in a DM or a thread of the bot's, else nothing."""
        channel = interaction.channel
        if isinstance(channel, discord.Thread | discord.DMChannel) and is_one_conversation(channel, interaction.client):
            return partial(self.of_channel, channel, interaction.id)
        return nothing_before

    async def of_channel(self, channel: "discord.abc.MessageableChannel", before: int) -> Branch:
        """Give where a thread or DM goes on from; `before` is the id of what is said now."""
        after = None
        try:
            tip = await self._memory.conversations.tip(channel.id)
            if tip is not None:
                return await self.of_turn(tip)
            after = await self._memory.conversations.fresh_since(channel.id)
        except StoreError:
            pass
        marks = await self._marks()
        reading = await read_channel(channel, marks, before=before, after=after)
        return await self._adopt(reading.told, marks, channel)

    async def of_reply(
        self, message: discord.Message, other: discord.Message | None, *, together: bool = False
    ) -> Branch:
        """
        Give where a reply goes on from: the message that it answers, and what came before that.

        `other` is that message if it is not ours. If nothing was said there, as in a notice of ours, it goes on with
        the channel where all is said `together`.
        """
        assert message.reference is not None, "it is a reply"
        known = await self._showing(message.reference.message_id)
        if known is not None:
            return known
        marks = await (self._marks() if other is None else self._certain_marks())
        reading = await read_replies(message, marks)
        told = reading.told if other is None else _with(reading, other, marks)
        if together and not told:
            return await self.of_channel(message.channel, message.id)
        return replace(await self._adopt(told, marks, message.channel), is_cut=bool(reading.forgotten))

    async def to_answer(self, message: discord.Message, other: discord.Message) -> Branch:
        """Give the branch on which the question is `other`, to which a message replies."""
        branch = await self.of_reply(message, other)
        if not branch.turns or branch.turns[-1].role != "user":
            return branch
        *before, asked = branch.turns
        return Branch(tuple(before), asked.parent_id, branch.parent_id and asked.id, asked.speaker)

    async def of_message(self, message: discord.Message) -> Branch:
        """Give where something goes on from that follows a message, whoever wrote it."""
        known = await self._showing(message.id)
        if known is not None:
            return known
        marks = await self._certain_marks()
        told = _with(await read_up_to(message, marks), message, marks)
        return await self._adopt(told, marks, message.channel, private=message.flags.ephemeral)

    async def read_from(self, first: discord.Message) -> Branch:
        """
        Give what people said in a channel from a message on, newest first to be kept. It is not for the memory.

        Raises PatterError if that is nothing, or cannot be read.
        """
        place = Place(first.channel.id, first.guild.id if first.guild else None)
        said: list[StoredTurn] = []
        marks = await self._certain_marks()
        try:
            with translated():
                after = discord.Object(first.id - 1)
                newest = first.channel.history(limit=READ_AT_MOST, after=after, oldest_first=False)
                async for message in newest:
                    text = "" if message.author.bot or message.is_system() else said_in(message)
                    if text and not _is_forgotten(message, marks):
                        speaker = speaker_of(message.author)
                        said.append(StoredTurn(new_turn_id(), None, "user", text, place, speaker))
        except SurfaceError as error:
            raise PatterError(str(error), hint=NOT_READ) from error
        if not said:
            raise PatterError(hint=NOTHING_READ)
        return Branch(tuple(reversed(said)), is_read=True)

    async def before_answer(self, message: discord.Message) -> tuple[Branch, Told | None, Sequence[int]]:
        """Give the question of an answer that the memory does not know, what led to it, and the answer's messages."""
        marks = await self._marks()
        reading, pages = await read_up_to(message, marks), [message.id]
        told = () if message.id in reading.forgotten else reading.told
        if told and told[-1].role == "assistant":
            told, pages = told[:-1], [*told[-1].message_ids]
        question = told[-1] if told and told[-1].role == "user" else None
        before = told[:-1] if question else told
        branch = await self._adopt(before, marks, message.channel, private=message.flags.ephemeral)
        return branch, question, pages

    async def of_turn(self, turn: StoredTurn) -> Branch:
        """Give where something goes on from that follows a turn. Raises StoreError."""
        return Branch(tuple(await self._memory.conversations.path(turn.id)), turn.id)

    async def again(self, question: StoredTurn) -> Branch:
        """Give the branch of a question that is to be answered again. Raises StoreError."""
        parent_id = question.parent_id
        before = await self._memory.conversations.path(parent_id) if parent_id else ()
        return Branch(tuple(before), parent_id, question.id)

    async def _marks(self) -> Marks:
        return await self._memory.conversations.forgotten()

    async def _certain_marks(self) -> Marks:
        """Give them where nothing can be asked without what is read. Raises PatterError."""
        try:
            return await self._marks()
        except StoreError as error:
            raise PatterError(str(error), hint=error.hint) from error

    async def _showing(self, message_id: int | None) -> Branch | None:
        """Give where something goes on from that follows what a message shows; None if the memory does not know."""
        with suppress(StoreError):
            turn = await self._memory.conversations.showing(message_id) if message_id else None
            return None if turn is None else await self.of_turn(turn)
        return None

    async def _adopt(
        self, told: Sequence[Told], marks: Marks, channel: "discord.abc.MessageableChannel", *, private: bool = False
    ) -> Branch:
        """Keep what Discord told, so that it need not be asked again; it goes on from the newest that was known."""
        known, told = await self._newest_known(told)
        told = less_forgotten(told, marks).told  # it may have been wanted meanwhile; nothing is awaited from here on
        turns: list[StoredTurn] = []
        place = Place(channel.id, channel.guild.id if channel.guild else None)
        for one in told:
            at = turn_id_at(discord.utils.snowflake_time(one.message_ids[0]).timestamp())
            turn_id = max(at, turns[-1].id + 1) if turns else at  # a command's question and answer share a message
            parent_id = turns[-1].id if turns else known.parent_id
            turns.append(StoredTurn(turn_id, parent_id, one.role, one.text, place, one.speaker, private))
        try:
            await self._memory.conversations.add(
                *turns, shown_by={turn.id: one.message_ids for turn, one in zip(turns, told, strict=True)}
            )
        except StoreError:
            return Branch((*known.turns, *turns))
        return Branch((*known.turns, *turns), turns[-1].id if turns else known.parent_id)

    async def _newest_known(self, told: Sequence[Told]) -> tuple[Branch, Sequence[Told]]:
        """Give the branch of the newest turn that the memory knows, and what followed it."""
        for number in reversed(range(len(told))):
            known = await self._showing(told[number].message_ids[0])
            if known is not None and known.turns and known.turns[-1].role == told[number].role:
                return known, told[number + 1 :]
        return Branch(), told


def _with(reading: Reading, message: discord.Message, marks: Marks) -> list[Told]:
    """Add a message as it stands, if nothing was told of it: another bot's, or a notice of ours. Raises PatterError."""
    if message.id in reading.forgotten or _is_forgotten(message, marks):
        raise PatterError("it is forgotten", hint=FORGOTTEN)
    text = said_in(message)
    if not text or any(message.id in one.message_ids for one in reading.told):
        return [*reading.told]
    return [*reading.told, Told("user", text, speaker_of(message.author), (message.id,), message.id)]


def _is_forgotten(message: discord.Message, marks: Marks) -> bool:
    return message.id <= marks.get(message.author.id, -1)
