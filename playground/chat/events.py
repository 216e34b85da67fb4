"""What happens in the world, as the gateway will tell it. Each function makes one kind of event."""

import time
from dataclasses import dataclass, field

import msgspec

from playground.chat.message_payloads import emoji_json, message_json
from playground.chat.model import Channel, Guild, Json, Membership, Message, User
from playground.chat.payloads import channel_json, guild_json, member_json, role_json, user_json


class Intent:
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    GUILD_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_REACTIONS = 1 << 13
    DIRECT_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


@dataclass(slots=True, eq=False)
class Event:
    """
    One thing that happened, for those whom it concerns.

    `only` names the users that get it; without it, `channel` says that those who see it do; without both, `guild`
    says that its members do. A bot needs `intent` as well, unless the event is `about` itself.
    `message` is the one whose content a bot may lack the right to read.
    """

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None
    only: frozenset[int] | None = None
    intent: int = 0
    about: int | None = None
    message: Message | None = None
    _encoded: dict[frozenset[int], bytes] = field(default_factory=dict)

    def encoded(self, hidden: frozenset[int] = frozenset()) -> bytes:
        """Give `data` as JSON, encoded once for all who get the same; `hidden` as for `without_content`."""
        if hidden not in self._encoded:
            self._encoded[hidden] = msgspec.json.encode(without_content(self.data, hidden))
        return self._encoded[hidden]


def without_content(shown: Json, hidden: frozenset[int]) -> Json:
    """Show a message to a bot that may not read those with the ids `hidden`: itself, the one to which it replies."""
    if not hidden:
        return shown
    bare: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    target = shown.get("referenced_message")
    if target and int(target["id"]) in hidden:
        shown = shown | {"referenced_message": target | bare}
    return shown | bare if int(shown["id"]) in hidden else shown


def _in_guild(channel: Channel, data: Json, user: User | None = None) -> Json:
    """Add what events of guild channels carry beyond their REST form."""
    if channel.guild is None:
        return data
    data["guild_id"] = str(channel.guild.id)
    member = channel.guild.members.get(user.id) if user is not None else None
    if member is not None:
        data["member"] = member_json(member, with_user=False)
    return data


def _message_event(name: str, message: Message, data: Json, author: User | None = None) -> Event:
    channel = message.channel
    if message.only_for is not None:
        # An ephemeral message shows no guild and comes under the intent for DMs, as Discord documents it.
        only = frozenset((message.only_for.id, message.author.id))
        return Event(name, data, channel.guild, only=only, intent=Intent.DIRECT_MESSAGES, message=message)
    intent = Intent.GUILD_MESSAGES if channel.guild else Intent.DIRECT_MESSAGES
    return Event(name, _in_guild(channel, data, author), channel=channel, intent=intent, message=message)


def message_created(message: Message) -> Event:
    return _message_event("MESSAGE_CREATE", message, message_json(message), message.author)


def message_updated(message: Message) -> Event:
    return _message_event("MESSAGE_UPDATE", message, message_json(message), message.author)


def message_deleted(message: Message) -> Event:
    data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
    return _message_event("MESSAGE_DELETE", message, data)


def messages_deleted(channel: Channel, ids: list[int]) -> Event:
    data = _in_guild(channel, {"ids": [str(one) for one in ids], "channel_id": str(channel.id)})
    return Event("MESSAGE_DELETE_BULK", data, channel=channel, intent=Intent.GUILD_MESSAGES)


def reaction_changed(message: Message, key: str, user: User, *, added: bool) -> Event:
    channel = message.channel
    data: Json = {
        "user_id": str(user.id),
        "channel_id": str(channel.id),
        "message_id": str(message.id),
        "emoji": emoji_json(key),
        "type": 0,
        "burst": False,
    }
    if added:
        data["message_author_id"] = str(message.author.id)
    if channel.guild is not None:
        data["guild_id"] = str(channel.guild.id)
        if added and user.id in channel.guild.members:
            data["member"] = member_json(channel.guild.members[user.id])
    name = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
    intent = Intent.GUILD_REACTIONS if channel.guild else Intent.DIRECT_REACTIONS
    return Event(name, data, channel=channel, intent=intent)


def reactions_cleared(message: Message) -> Event:
    channel = message.channel
    data = _in_guild(channel, {"channel_id": str(channel.id), "message_id": str(message.id)})
    intent = Intent.GUILD_REACTIONS if channel.guild else Intent.DIRECT_REACTIONS
    return Event("MESSAGE_REACTION_REMOVE_ALL", data, channel=channel, intent=intent)


def typing(channel: Channel, user: User) -> Event:
    data: Json = {"channel_id": str(channel.id), "user_id": str(user.id), "timestamp": int(time.time())}
    if channel.guild is not None and user.id in channel.guild.members:
        data["member"] = member_json(channel.guild.members[user.id])
    intent = Intent.GUILD_TYPING if channel.guild else Intent.DIRECT_TYPING
    return Event("TYPING_START", _in_guild(channel, data), channel=channel, intent=intent)


def channel_changed(name: str, channel: Channel) -> Event:
    """CHANNEL_ or THREAD_, then CREATE, UPDATE or DELETE; a DM's creation goes to its two alone."""
    data = channel_json(channel)
    if name == "THREAD_CREATE":
        data["newly_created"] = True
    if channel.guild is None:
        return Event(name, data, only=frozenset(one.id for one in channel.recipients))
    return Event(name, data, channel=channel, intent=Intent.GUILDS)


def guild_created(guild: Guild, viewer: User) -> Event:
    return Event("GUILD_CREATE", guild_json(guild, viewer), guild, only=frozenset((viewer.id,)), intent=Intent.GUILDS)


def guild_deleted(guild: Guild, viewers: frozenset[int]) -> Event:
    data: Json = {"id": str(guild.id)} | ({"unavailable": True} if guild.unavailable else {})
    return Event("GUILD_DELETE", data, guild, only=viewers, intent=Intent.GUILDS)


def role_changed(name: str, guild: Guild, role_id: int) -> Event:
    data = {"guild_id": str(guild.id), "role": role_json(guild.roles[role_id], guild)}
    return Event(name, data, guild=guild, intent=Intent.GUILDS)


def member_changed(name: str, guild: Guild, member: Membership) -> Event:
    """GUILD_MEMBER_ADD, _UPDATE or _REMOVE; a bot needs no intent for the UPDATE of itself."""
    data: Json = {"guild_id": str(guild.id)}
    data |= {"user": user_json(member.user)} if name == "GUILD_MEMBER_REMOVE" else member_json(member)
    about = member.user.id if name == "GUILD_MEMBER_UPDATE" else None
    return Event(name, data, guild=guild, intent=Intent.GUILD_MEMBERS, about=about)


def to_user(name: str, user: User, data: Json) -> Event:
    """Tell one user something: interactions, their success and failure, autocomplete results."""
    return Event(name, data, only=frozenset((user.id,)))
