"""Channels and threads."""

from playground.chat import errors, messages
from playground.chat.model import Channel
from playground.chat.payloads import channel_json
from playground.chat.permissions import Permission, may
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route

NAME_CHARS = 100
ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
PRIVATE_THREAD = 12


def read(call: Call) -> Reply:
    return Reply(200, channel_json(call.channel(), call.user))


def read_of_guild(call: Call) -> Reply:
    guild = call.world.guild(call.id("guild"))
    if call.user.id not in guild.members:
        raise errors.missing_access()
    return Reply(200, [channel_json(one) for one in guild.channels.values() if one.thread is None])


def edit(call: Call) -> Reply:
    """Rename a channel or thread; archive, wake or lock a thread. Its owner may do all but lock."""
    channel = call.channel()
    body = call.body
    if channel.thread is None:
        raise errors.wrong_channel_kind()
    manages = may(channel, call.user, Permission.MANAGE_THREADS)
    only_wakes = set(body) == {"archived"} and not body["archived"] and not channel.thread.locked
    is_owner = channel.thread.owner is call.user and "locked" not in body
    if not (manages or is_owner or only_wakes):
        raise errors.missing_permissions()
    if channel.thread.archived and body.get("archived", True):
        raise errors.thread_is_archived()
    name = _name(call) if "name" in body else None
    call.world.update_thread(channel, name=name, archived=body.get("archived"), locked=body.get("locked"))
    return Reply(200, channel_json(channel, call.user))


def delete(call: Call) -> Reply:
    channel = call.channel()
    if channel.guild is None:
        raise errors.wrong_channel_kind()
    needs = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
    if not may(channel, call.user, needs):
        raise errors.missing_permissions()
    shown = channel_json(channel, call.user)
    call.world.delete_channel(channel)
    return Reply(200, shown)


def start_thread_from(call: Call) -> Reply:
    channel = _parent(call, Permission.CREATE_PUBLIC_THREADS)
    thread = messages.start_thread_from(
        call.world, call.message(channel), _name(call), call.user, archive_minutes=_archive_minutes(call)
    )
    return Reply(201, channel_json(thread, call.user))


def start_thread(call: Call) -> Reply:
    private = call.body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
    needs = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    thread = call.world.start_thread(
        _parent(call, needs), _name(call), call.user, private=private, archive_minutes=_archive_minutes(call)
    )
    return Reply(201, channel_json(thread, call.user))


def _parent(call: Call, needs: int) -> Channel:
    channel = call.channel()
    if channel.thread is not None or channel.guild is None:
        raise errors.wrong_channel_kind()
    if not may(channel, call.user, needs):
        raise errors.missing_permissions()
    return channel


def _name(call: Call) -> str:
    name = str(call.body.get("name") or "").strip()
    if not 1 <= len(name) <= NAME_CHARS:
        raise errors.bad_length("name", 1, NAME_CHARS)
    return name


def _archive_minutes(call: Call) -> int:
    minutes: int = call.body.get("auto_archive_duration") or 1440
    if minutes not in ARCHIVE_MINUTES:
        raise errors.invalid_form(
            "auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {ARCHIVE_MINUTES}."
        )
    return minutes


def join_thread(call: Call) -> Reply:
    call.world.join_thread(_thread(call), call.user)
    return NO_CONTENT


def leave_thread(call: Call) -> Reply:
    call.world.leave_thread(_thread(call), call.user)
    return NO_CONTENT


def add_to_thread(call: Call) -> Reply:
    call.world.join_thread(_thread(call), call.world.user(call.id("user")))
    return NO_CONTENT


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if channel.thread is None:
        raise errors.wrong_channel_kind()
    if channel.thread.archived:
        raise errors.thread_is_archived()
    return channel


ROUTES = (
    Route("GET", "/channels/{channel}", read),
    Route("PATCH", "/channels/{channel}", edit),
    Route("DELETE", "/channels/{channel}", delete),
    Route("GET", "/guilds/{guild}/channels", read_of_guild),
    Route("POST", "/channels/{channel}/messages/{message}/threads", start_thread_from),
    Route("POST", "/channels/{channel}/threads", start_thread),
    Route("PUT", "/channels/{channel}/thread-members/@me", join_thread),
    Route("DELETE", "/channels/{channel}/thread-members/@me", leave_thread),
    Route("PUT", "/channels/{channel}/thread-members/{user}", add_to_thread),
)
