"""Who gets which event, and which of a message's words a bot may read."""

from playground.chat.events import Event, Intent
from playground.chat.model import AppFlag, Application, Channel, ChannelKind, Message, User
from playground.chat.permissions import Permission, permissions_in

ALL_INTENTS = (1 << 26) - 1

PRIVILEGED: dict[int, int] = {
    Intent.GUILD_MEMBERS: AppFlag.MEMBERS | AppFlag.MEMBERS_LIMITED,
    Intent.GUILD_PRESENCES: AppFlag.PRESENCE | AppFlag.PRESENCE_LIMITED,
    Intent.MESSAGE_CONTENT: AppFlag.MESSAGE_CONTENT | AppFlag.MESSAGE_CONTENT_LIMITED,
}


def may_ask_for(application: Application, intents: int) -> bool:
    """Tell whether the application has every privileged intent among these."""
    return all(application.flags & flags for intent, flags in PRIVILEGED.items() if intents & intent)


def receives(user: User, intents: int, event: Event) -> bool:
    if event.only is not None:
        is_there = user.id in event.only
    elif event.channel is not None:
        is_there = sees(user, event.channel)
    else:
        is_there = event.guild is not None and user.id in event.guild.members
    return is_there and (not event.intent or bool(intents & event.intent) or user.id == event.about)


def sees(user: User, channel: Channel) -> bool:
    bits = permissions_in(channel, user)
    if not bits & Permission.VIEW_CHANNEL:
        return False
    if channel.kind is not ChannelKind.PRIVATE_THREAD or channel.thread is None:
        return True
    return user.id in channel.thread.members or bool(bits & Permission.MANAGE_THREADS)


def reads(bot: User, message: Message) -> bool:
    """Tell whether a bot without MESSAGE_CONTENT reads this: its own messages, DMs, and what mentions it."""
    return message.author is bot or message.channel.guild is None or bot in message.mentions


def hidden_from(bot: User, message: Message) -> frozenset[int]:
    """Give the ids of those that such a bot does not read, of a message and the one to which it replies."""
    both = (message, message.replies_to)
    return frozenset(one.id for one in both if one is not None and not reads(bot, one))


def hidden_in_rest(application: Application, message: Message) -> frozenset[int]:
    """Give the same for REST, where the application's flags decide."""
    allowed = application.flags & PRIVILEGED[Intent.MESSAGE_CONTENT]
    return frozenset() if allowed else hidden_from(application.user, message)
