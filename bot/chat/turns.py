"""What was said, read back from Discord where the memory does not know it."""

import logging
import re
from collections.abc import Iterable, Sequence

import discord

from bot.chat.faults import translated
from bot.chat.shown_answers import ShownAnswer, replied_to, shown_answers
from bot.chat.text.pages import ATTACHMENT_NAME
from bot.chat.told import Marks, Reading, Told, begun_after, less_forgotten
from bot.chat.views import asker_by_buttons
from bot.core.errors import SurfaceError
from bot.core.memory import Speaker

CHAIN_TURNS = 20
CHANNEL_MESSAGES = 100
"""What Discord gives at once."""

WINDOW_MESSAGES = 50
"""What is read around a message, since its neighbours are what it goes on from."""

WINDOWS = 5
"""How many of them are read at most: Discord allows few reads a second."""

ATTACHMENT_BYTES = 1024 * 1024

log = logging.getLogger(__name__)

_SAID = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
_MENTION = re.compile(r"<@!?(\d{1,20})>")
_EMOJI = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")


def said_in(message: discord.Message) -> str:
    """Give what a person says in a message, without the mention of the bot and with names in place of ids."""
    names = {user.id: f"@{user.display_name}" for user in message.mentions}
    names[_me(message.channel)] = ""
    text = _MENTION.sub(lambda found: names.get(int(found[1]), found[0]), message.content)
    return _EMOJI.sub(r"\1", text).strip()


async def read_channel(
    channel: "discord.abc.MessageableChannel", marks: Marks, *, before: int, after: int | None = None
) -> Reading:
    """
    Give what was said in a thread or DM before a message, and begun after another.

    It is the newest of it, if there is much. A thread begins with what led to the message that it was opened from.
    """
    messages: list[discord.Message] = []
    try:
        with translated():
            older = channel.history(limit=CHANNEL_MESSAGES, before=discord.Object(before), oldest_first=False)
            messages += [message async for message in older]
    except SurfaceError as error:
        log.info("a channel could not be read back: %s", error)
    # A page that was posted after a fresh start tells by those before it that its answer was begun earlier.
    told: Sequence[Told] = await _tell(messages[::-1])
    if after is not None:
        told = begun_after(told, after)
    elif len(messages) < CHANNEL_MESSAGES and isinstance(channel, discord.Thread):
        told = [*await _read_start(channel), *told]
    return less_forgotten(told, marks)


async def read_replies(message: discord.Message, marks: Marks) -> Reading:
    """Give what led to a reply: the message that it answers, what that one answered, and so on."""
    known = [message.reference.resolved] if message.reference else []
    chain = _Chain(message.channel, [one for one in known if isinstance(one, discord.Message)])
    return less_forgotten(await chain.read(replied_to(message)), marks)


async def read_up_to(message: discord.Message, marks: Marks) -> Reading:
    """Give what led to a message, and last what it says itself, or the answer of which it is a page."""
    return less_forgotten(await _Chain(message.channel, [message]).read(message.id), marks)


async def _read_start(thread: discord.Thread) -> Sequence[Told]:
    parent = thread.parent
    if not isinstance(parent, discord.TextChannel):
        return []
    return await _Chain(parent, []).read(thread.id)


class _Chain:
    """Goes from message to message; what stands around each is read along with it."""

    def __init__(self, channel: "discord.abc.MessageableChannel", known: list[discord.Message]) -> None:
        self._channel = channel
        self._windows = [known]

    async def read(self, message_id: int | None) -> Sequence[Told]:
        links: list[list[discord.Message]] = []
        while message_id is not None and len(links) < CHAIN_TURNS:
            found = await self._find(message_id)
            if found is None:
                break
            links.append(found)
            message_id = replied_to(found[0])
        told: list[Told] = []
        for link in reversed(links):
            told += await _tell(link, told)
        return told

    async def _find(self, message_id: int) -> list[discord.Message] | None:
        """Give a person's message, or all pages of the answer to which the message belongs."""
        for window in self._windows:
            found = _at(window, message_id)
            if found and (not _is_mine(found[0]) or ShownAnswer(found).is_whole):
                return found
        if len(self._windows) > WINDOWS:
            return None
        around = discord.Object(message_id)
        try:
            with translated():
                window = [one async for one in self._channel.history(limit=WINDOW_MESSAGES, around=around)]
        except SurfaceError as error:
            log.info("a message could not be read back: %s", error)
            window = self._windows[0]
        self._windows.append(sorted(window, key=lambda one: one.id))
        return _at(window, message_id)


def _at(window: Iterable[discord.Message], message_id: int) -> list[discord.Message] | None:
    """Find a message, with the other pages if it is one of an answer."""
    window = sorted(window, key=lambda one: one.id)
    for answer in shown_answers(one for one in window if _is_mine(one)):
        if any(one.id == message_id for one in answer.messages):
            return answer.messages
    return next(([one] for one in window if one.id == message_id), None)


async def _tell(messages: Sequence[discord.Message], before: Sequence[Told] = ()) -> list[Told]:
    """Turn messages into turns, oldest first; other bots and notices are left out."""
    answers = {answer.messages[0].id: answer for answer in shown_answers(one for one in messages if _is_mine(one))}
    told: list[Told] = []
    for message in messages:
        if message.id in answers:
            told += await _tell_answer(answers[message.id], [*before, *told])
        elif message.type in _SAID and not (message.author.bot or message.webhook_id):
            speaker, answered = _speaker(message.author), replied_to(message)
            told.append(Told("user", said_in(message), speaker, (message.id,), message.id, answered))
    return told


async def _tell_answer(answer: ShownAnswer, before: Sequence[Told]) -> list[Told]:
    first = answer.messages[0]
    told: list[Told] = []
    if answer.asker and answer.question:
        told.append(Told("user", answer.question, _speaker(answer.asker), (first.id,), answer.since))
    text = answer.text and (await _attached(answer) or answer.text)
    message_ids = tuple(message.id for message in answer.messages)
    told.append(Told("assistant", text, _asker(answer, before), message_ids, answer.since, replied_to(first)))
    return told


def _asker(answer: ShownAnswer, before: Sequence[Told]) -> Speaker:
    """Tell whom an answer is for; where nothing on it says so, it is whoever spoke last."""
    first = answer.messages[0]
    resolved = first.reference.resolved if first.reference else None
    user = answer.asker or (resolved.author if isinstance(resolved, discord.Message) else None)
    asker_id = asker_by_buttons(answer.messages[-1])  # a moderator may have had it written anew
    if user and asker_id in {None, user.id}:
        return _speaker(user)
    spoke = [one.speaker for one in before if one.role == "user" and one.text]
    if asker_id is not None:
        return next((one for one in spoke if one.id == asker_id), Speaker(asker_id, ""))
    return spoke[-1] if spoke else _speaker(first.author)


async def _attached(answer: ShownAnswer) -> str:
    """Give the whole text of an answer that was too long for messages."""
    files = [one for one in answer.messages[-1].attachments if one.filename == ATTACHMENT_NAME]
    if not files or files[0].size > ATTACHMENT_BYTES:
        return ""
    try:
        with translated():
            return (await files[0].read()).decode(errors="replace")
    except SurfaceError as error:
        log.info("an attachment could not be read back: %s", error)
        return ""


def _is_mine(message: discord.Message) -> bool:
    return message.author.id == _me(message.channel) and message.type in _SAID


def _me(channel: "discord.abc.MessageableChannel") -> int:
    me: int | None = channel._state.self_id  # noqa: SLF001 - a channel that is known by its id alone says it nowhere else
    assert me is not None, "there is a user once there are messages"
    return me


def _speaker(user: discord.abc.User) -> Speaker:
    return Speaker(user.id, user.display_name)
