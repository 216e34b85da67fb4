"""Messages of a channel: read, send, edit, delete."""

from itertools import islice

from playground.chat import errors, messages
from playground.chat.draft import Draft, read_draft
from playground.chat.events import typing
from playground.chat.limits import Lane
from playground.chat.model import Channel, ChannelKind, Message
from playground.chat.permissions import Permission, may
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route, snowflake

MOST_LISTED = 100
MOST_DELETED = 100
NONCES_KEPT = 10_000


def read_one(call: Call) -> Reply:
    return Reply(200, call.show(call.message(call.channel(needs=Permission.READ_MESSAGE_HISTORY))))


def read_many(call: Call) -> Reply:
    """List messages, newest first; without the right to read history there are none."""
    channel = call.channel()
    limit = call.number("limit", 50, 1, MOST_LISTED)
    if not may(channel, call.user, Permission.READ_MESSAGE_HISTORY):
        return Reply(200, [])
    visible = [one for one in channel.messages.values() if one.only_for is None]
    return Reply(200, [call.show(one) for one in _slice(call, visible, limit)])


def _slice(call: Call, visible: list[Message], limit: int) -> list[Message]:
    """Choose `limit` messages before, after or around an id, newest first."""
    query = call.query
    if "after" in query:
        after = snowflake(query["after"])
        return list(islice((one for one in visible if one.id > after), limit))[::-1]
    if "around" in query:
        around = snowflake(query["around"])
        older = [one for one in visible if one.id < around][-(limit // 2) :] if limit > 1 else []
        newer = [one for one in visible if one.id >= around][: limit - len(older)]
        return (older + newer)[::-1]
    before = snowflake(query["before"]) if "before" in query else None
    return list(islice((one for one in reversed(visible) if before is None or one.id < before), limit))


def send(call: Call) -> Reply:
    channel = call.channel()
    _check_may_send(call, channel)
    draft = read_draft(call.body, call.uploads)
    earlier = _sent_with_nonce(call, channel, draft)
    if earlier is not None:
        return Reply(200, call.show(earlier))
    target = _target(call, channel, draft)
    message = messages.send(call.world, channel, call.user, draft, target)
    if draft.unique and draft.nonce is not None:
        _remember(call, channel, draft.nonce, message)
    return Reply(200, call.show(message))


def _remember(call: Call, channel: Channel, nonce: str | int, message: Message) -> None:
    """Keep what a nonce made; those of some minutes ago are forgotten once there are many."""
    nonces = call.world.nonces
    if len(nonces) > NONCES_KEPT:
        oldest = call.world.clock() - call.limiter.limits.nonce_life_s
        for key in [key for key, one in nonces.items() if one.born < oldest]:
            del nonces[key]
    nonces[call.user.id, channel.id, str(nonce)] = message


def _check_may_send(call: Call, channel: Channel) -> None:
    needs = Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
    if not may(channel, call.user, needs):
        raise errors.missing_permissions()
    is_locked = channel.thread is not None and channel.thread.locked
    if is_locked and not may(channel, call.user, Permission.MANAGE_THREADS):
        raise errors.thread_is_locked()
    if channel.kind is ChannelKind.DM and all(one.bot for one in channel.recipients):
        raise errors.cannot_message_user()


def _sent_with_nonce(call: Call, channel: Channel, draft: Draft) -> Message | None:
    """Give the message that this nonce made, if that is a few minutes ago at most."""
    if not draft.unique or draft.nonce is None:
        return None
    message = call.world.nonces.get((call.user.id, channel.id, str(draft.nonce)))
    if message is None or call.world.clock() - message.born > call.limiter.limits.nonce_life_s:
        return None
    return message


def _target(call: Call, channel: Channel, draft: Draft) -> Message | None:
    if draft.reference is None:
        return None
    if not may(channel, call.user, Permission.READ_MESSAGE_HISTORY):
        raise errors.cannot_reply()
    target = channel.messages.get(snowflake(str(draft.reference.get("message_id", ""))))
    if target is not None and target.only_for is None:
        return target
    if draft.reference.get("fail_if_not_exists", True):
        raise errors.invalid_form("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    return None


def edit(call: Call) -> Reply:
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.user:
        _check_suppresses(call, channel)
    limits = call.limiter.limits
    if call.user.bot and call.world.clock() - message.born > limits.old_after_s:
        refusal = call.limiter.old_edit(channel.id, call.user.id)
        if refusal is not None:
            raise errors.too_many_old_edits(refusal.retry_after)
    messages.edit(call.world, message, read_draft(call.body, call.uploads))
    return Reply(200, call.show(message))


def _check_suppresses(call: Call, channel: Channel) -> None:
    """Let those who manage messages change another's flags, nothing else."""
    if not set(call.body) <= {"flags"}:
        raise errors.not_the_author()
    if not may(channel, call.user, Permission.MANAGE_MESSAGES):
        raise errors.missing_permissions()


def delete(call: Call) -> Reply:
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.user and not may(channel, call.user, Permission.MANAGE_MESSAGES):
        raise errors.missing_permissions()
    messages.delete(call.world, message)
    return NO_CONTENT


def delete_many(call: Call) -> Reply:
    channel = call.channel(needs=Permission.MANAGE_MESSAGES)
    ids = [snowflake(str(one)) for one in call.body.get("messages", ())]
    if not 2 <= len(ids) <= MOST_DELETED:
        raise errors.bad_length("messages", 2, MOST_DELETED)
    messages.delete_many(call.world, channel, ids)
    return NO_CONTENT


def type_(call: Call) -> Reply:
    call.world.publish(typing(call.channel(needs=Permission.SEND_MESSAGES), call.user))
    return NO_CONTENT


ROUTES = (
    Route("PATCH", "/channels/{channel}/messages/{message}", edit, Lane.EDIT),
    Route("POST", "/channels/{channel}/messages", send, Lane.SEND),
    Route("GET", "/channels/{channel}/messages/{message}", read_one),
    Route("GET", "/channels/{channel}/messages", read_many),
    Route("DELETE", "/channels/{channel}/messages/{message}", delete),
    Route("POST", "/channels/{channel}/messages/bulk-delete", delete_many, caller="bot"),
    Route("POST", "/channels/{channel}/typing", type_),
)
