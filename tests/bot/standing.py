"""What stands in Discord, as discord.py would hand it over."""

from dataclasses import dataclass
from types import SimpleNamespace

import discord

from bot.chat.text.captions import NO_ANSWER
from bot.chat.text.markdown import question_line

BOT = 1


@dataclass(eq=False)
class Standing:
    """A message; what it says is looked up when it is read."""

    channel: int
    private: bool = False
    said: object = None
    """What a person says in it, who may say nothing; None for the bot's."""
    by: object = None
    run: object = None
    """The answer of which it is a page."""
    replies_to: int | None = None
    command: tuple | None = None
    """The id of the command that it answers, and who gave it."""
    is_leftover: bool = False
    """Whether it is a page of an answer of which another page was deleted."""


class Standings(dict):
    """All messages by their ids, and their channels to read."""

    def first_page(self, message_id):
        run = self[message_id].run
        return run.pages[0] if run else message_id

    def channel(self, channel_id):
        """Give a channel that can be read back; what is private nobody reads there."""

        async def history(*, limit, before=None, around=None, oldest_first=False):
            here = [
                id_
                for id_, one in self.items()
                if one.channel == channel_id and not one.private and not one.is_leftover
                if before is None or id_ < before.id
            ]
            near = sorted(here, key=lambda id_: abs(id_ - around.id) if around else -id_)[:limit]
            for id_ in sorted(near, reverse=not oldest_first):
                yield self.message(id_, channel)

        state = SimpleNamespace(self_id=BOT)
        channel = SimpleNamespace(id=channel_id, guild=None, history=history, _state=state)
        return channel

    def reply_to(self, message_id):
        """Give a message that is to come, in reply to one."""
        channel = self.channel(self[message_id].channel)
        return SimpleNamespace(channel=channel, reference=_reference(message_id, channel), interaction_metadata=None)

    def message(self, message_id, channel):
        one = self[message_id]
        by = SimpleNamespace(id=BOT, bot=True, display_name="bot") if one.run else _user(one.by)
        return SimpleNamespace(
            id=message_id,
            channel=channel,
            author=by,
            type=discord.MessageType.default,
            webhook_id=None,
            content=_page(one.run, message_id) if one.run else one.said.text if one.said else f"<@{BOT}>",
            mentions=[],
            attachments=[],
            reference=one.replies_to and _reference(one.replies_to, channel),
            interaction_metadata=one.command and SimpleNamespace(id=one.command[0], user=_user(one.command[1])),
            components=[_row(one.run)] if one.run and one.run.pages[-1] == message_id else [],
        )


def _page(run, message_id):
    number, ended = run.pages.index(message_id), run.answer.text is not None
    above = [question_line(run.question.text)] if number == 0 and run.wish.message_id is None else []
    text = (run.answer.text or NO_ANSWER) if ended else "so far"
    below = [] if number < len(run.pages) - 1 else ["-# smol" if ended else "-# writing…"]
    return "\n".join([*above, text if number == 0 else "and so on", *below])


def _row(run):
    custom_id = f"retry:{run.wish.speaker.id}" if run.answer.text is not None else f"stop:{run.wish.run_id}"
    return discord.ActionRow({"type": 1, "components": [{"type": 2, "style": 2, "custom_id": custom_id}]})


def _user(speaker):
    return SimpleNamespace(id=speaker.id, bot=False, display_name=speaker.name)


def _reference(message_id, channel):
    return SimpleNamespace(
        message_id=message_id, channel_id=channel.id, type=discord.MessageReferenceType.reply, resolved=None
    )
