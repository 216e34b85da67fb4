"""Which of the bot's messages are the pages of one answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import discord

from bot.chat.text.captions import NO_ANSWER
from bot.chat.text.reading import ReadPage, join, read_page


@dataclass
class ShownAnswer:
    """The messages of one answer that were found, oldest first; or of a notice, which has no caption."""

    messages: list[discord.Message] = field(default_factory=list)

    @cached_property
    def pages(self) -> list[ReadPage]:
        return [read_page(message.content) for message in self.messages]

    @property
    def asker(self) -> discord.abc.User | None:
        """Who used the command that it answers."""
        metadata = self.messages[0].interaction_metadata
        return metadata.user if metadata else None

    @property
    def since(self) -> int:
        """
        The id of the command or message that it answers, or of the thread that was opened for it.

        0 where nothing says so, as of a page whose first one was not found.
        """
        first = self.messages[0]
        if first.interaction_metadata:
            return first.interaction_metadata.id
        return replied_to(first) or (first.channel.id if isinstance(first.channel, discord.Thread) else 0)

    @property
    def question(self) -> str | None:
        return self.pages[0].question if self.asker else None

    @property
    def text(self) -> str:
        """What the model said, as far as the messages show it; empty if that is nothing, or this is no answer."""
        if not self.pages[-1].caption:
            return ""
        text = join(self.pages, has_heading=replied_to(self.messages[0]) is None)
        return "" if text == NO_ANSWER else text

    @property
    def is_whole(self) -> bool:
        first = self.messages[0]
        begins = self.question is not None or replied_to(first) is not None
        return begins and bool(self.pages[-1].caption)


def replied_to(message: discord.Message) -> int | None:
    """Give the id of the message that this one is a reply to, in the same channel, for the sake of what it says."""
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply or message.interaction_metadata:
        return None
    return reference.message_id if reference.channel_id == message.channel.id else None


def shown_answers(messages: Iterable[discord.Message]) -> list[ShownAnswer]:
    """
    Put the bot's own messages, which come oldest first, together to answers, in the order of their first pages.

    Pages that answer a command bear its interaction; one that was sent through the channel goes on from the answer
    before it, unless that has ended or this is a reply.
    """
    answers: list[ShownAnswer] = []
    by_interaction: dict[int, ShownAnswer] = {}
    for message in messages:
        metadata = message.interaction_metadata
        answer = by_interaction.get(metadata.id) if metadata else _unended(answers, message)
        if answer is None:
            answer = ShownAnswer()
            answers.append(answer)
        if metadata:
            by_interaction[metadata.id] = answer
        answer.messages.append(message)
    return answers


def _unended(answers: list[ShownAnswer], message: discord.Message) -> ShownAnswer | None:
    if replied_to(message) is not None or not answers:
        return None
    last = answers[-1]
    return None if read_page(last.messages[-1].content).caption else last
