"""Which messages are for the bot, and what each of them gets: an answer, a sentence, or nothing."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import discord

from bot.chat.asking import Asking, FindBranch, Prompt, nothing_before
from bot.chat.branches import Branches, is_one_conversation
from bot.chat.faults import CannotReply, translated
from bot.chat.telling import NOBODY
from bot.chat.turns import said_in
from bot.core.errors import PatterError, SurfaceError
from bot.core.exchange import Memory
from bot.core.ports import Places
from bot.core.quota import Seldom

if TYPE_CHECKING:
    from bot.chat.client import Patter

SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply})

REFUSED_EVERY_S = 60.0
"""How often one is told in a message why there is no answer: it would be noise for all others."""

PING_OFF = (
    "I cannot read a reply that does not ping me. Leave the ping on (**@ ON**, at the right above the text) "
    "or mention me."
)
UNREADABLE = (
    "I may not read the message that you replied to. Right-click it and choose Apps → **Ask about this**, "
    "or copy its text into your question."
)
NO_TEXT_THERE = "There is no text in the message that you replied to, and text is all that I can read."
ONLY_TEXT = "I can read text alone. Write down what you want to know."
ASK_ME = "Ask me something: write your question after the mention, or use `/ask`."

log = logging.getLogger(__name__)


class Listening:
    """Answers what is said to the bot: in a DM, in a thread of its own, by a mention, by a reply to what it said."""

    def __init__(self, asking: Asking, branches: Branches, memory: Memory, places: Places) -> None:
        self._asking, self._branches, self._memory, self._places = asking, branches, memory, places
        self._refusals = Seldom(REFUSED_EVERY_S)

    async def hear(self, message: discord.Message, client: "Patter") -> None:
        if not _is_said_by_a_person(message) or not await self._is_for_me(message, client):
            return
        prompt = self._to_ask(message, client)
        try:
            if prompt is not None:
                await self._asking.by_message(message, client, prompt)
                return
            sentence = await self._instead(message, client)
        except PatterError as error:
            sentence = error.hint if self._refusals.may(message.author.id) else ""
        if sentence:
            await reply(message, sentence)

    async def _is_for_me(self, message: discord.Message, client: "Patter") -> bool:
        talked_to = client.user in message.mentions or is_one_conversation(message.channel, client)
        return talked_to or await self._answers_me(message, client)

    async def _answers_me(self, message: discord.Message, client: "Patter") -> bool:
        reference = message.reference
        if message.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
            return False
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved.author == client.user
        turn = None
        with self._memory.forgiving():
            turn = await self._memory.conversations.showing(reference.message_id)
        return turn is not None and turn.role == "assistant"

    def _to_ask(self, message: discord.Message, client: "Patter") -> Prompt | None:
        """Give what a message asks: its own text, or with a bare mention that of the message to which it replies."""
        mentioned, other = client.user in message.mentions, _of_another(message, client)
        if mentioned and other is not None and not said_in(other):
            return None
        text = said_in(message)
        if text:
            return Prompt(text, self._branch(message, client), shows_question=False)
        if mentioned and other is not None:
            return Prompt(said_in(other), partial(self._branches.to_answer, message, other), shows_question=False)
        return None

    async def _instead(self, message: discord.Message, client: "Patter") -> str:
        """Say why a message for the bot gets no answer: a sentence, or nothing if it is not to be spoken of."""
        readable = client.reads_all_messages or message.guild is None
        if client.user in message.mentions:
            if _of_another(message, client) is not None:
                return NO_TEXT_THERE if readable else UNREADABLE
            return ONLY_TEXT if message.attachments or message.stickers else ASK_ME
        if message.guild is None:
            return ONLY_TEXT
        if readable:
            return await self._once(message, "text", ONLY_TEXT)
        return await self._once(message, "ping", PING_OFF) if await self._answers_me(message, client) else ""

    async def _once(self, message: discord.Message, what: str, sentence: str) -> str:
        """Give a sentence the first time in a channel; with no memory to know that, never."""
        said = ""
        with self._memory.forgiving():
            if await self._places.first_time(message.channel.id, what):
                said = sentence
        return said

    def _branch(self, message: discord.Message, client: "Patter") -> FindBranch:
        together, other = is_one_conversation(message.channel, client), _of_another(message, client)
        if message.type is discord.MessageType.reply and not (together and other):
            return partial(self._branches.of_reply, message, other, together=together)
        if together:
            return partial(self._branches.of_channel, message.channel, message.id)
        return nothing_before


def _is_said_by_a_person(message: discord.Message) -> bool:
    return not message.author.bot and message.webhook_id is None and message.type in SPOKEN


def _of_another(message: discord.Message, client: "Patter") -> discord.Message | None:
    """Give the message to which this one replies, if it is not the bot's."""
    reference = message.reference if message.type is discord.MessageType.reply else None
    resolved = reference.resolved if reference else None
    return resolved if isinstance(resolved, discord.Message) and resolved.author != client.user else None


async def reply(message: discord.Message, sentence: str) -> None:
    """Say something to whoever wrote a message, without a ping."""
    reference = message.to_reference(fail_if_not_exists=False)
    try:
        try:
            await _say(message, sentence, reference)
        except CannotReply:
            await _say(message, sentence, None)
    except SurfaceError as error:
        log.info("could not answer a message: %s", error)


async def _say(message: discord.Message, sentence: str, reference: discord.MessageReference | None) -> None:
    parts: dict[str, Any] = {} if reference is None else {"reference": reference, "mention_author": False}
    with translated():
        await message.channel.send(sentence, allowed_mentions=NOBODY, **parts)
