"""Reactions. In the path an emoji is itself or `name:id`, percent-encoded."""

from playground.chat import errors, messages
from playground.chat.limits import Lane
from playground.chat.payloads import user_json
from playground.chat.permissions import Permission, may
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route

PATH = "/channels/{channel}/messages/{message}/reactions"


def _emoji(call: Call) -> str:
    """Give the emoji in the path. Plain letters are none: Discord takes them for an unknown one."""
    key = call.params["emoji"]
    name, _, emoji_id = key.partition(":")
    if not name or (name.isascii() and not emoji_id.isdecimal() and not name[0].isdecimal()):
        raise errors.unknown_emoji()
    return key


def add(call: Call) -> Reply:
    channel = call.channel(needs=Permission.READ_MESSAGE_HISTORY)
    message, key = call.message(channel), _emoji(call)
    if channel.thread is not None and channel.thread.archived:
        raise errors.thread_is_archived()
    if key not in message.reactions and not may(channel, call.user, Permission.ADD_REACTIONS):
        raise errors.missing_permissions()
    messages.react(call.world, message, key, call.user)
    return NO_CONTENT


def remove_own(call: Call) -> Reply:
    messages.unreact(call.world, call.message(call.channel()), _emoji(call), call.user)
    return NO_CONTENT


def remove(call: Call) -> Reply:
    channel = call.channel(needs=Permission.MANAGE_MESSAGES)
    message = call.message(channel)
    messages.unreact(call.world, message, _emoji(call), call.world.user(call.id("user")))
    return NO_CONTENT


def clear(call: Call) -> Reply:
    message = call.message(call.channel(needs=Permission.MANAGE_MESSAGES))
    messages.clear_reactions(call.world, message)
    return NO_CONTENT


def users(call: Call) -> Reply:
    message = call.message(call.channel(needs=Permission.READ_MESSAGE_HISTORY))
    limit = call.number("limit", 25, 1, 100)
    reacted = message.reactions.get(_emoji(call), {})
    return Reply(200, [user_json(one) for one in list(reacted.values())[:limit]])


ROUTES = (
    Route("PUT", PATH + "/{emoji}/@me", add, Lane.REACTION),
    Route("DELETE", PATH + "/{emoji}/@me", remove_own, Lane.REACTION),
    Route("DELETE", PATH + "/{emoji}/{user}", remove, Lane.REACTION),
    Route("GET", PATH + "/{emoji}", users),
    Route("DELETE", PATH, clear, Lane.REACTION),
)
