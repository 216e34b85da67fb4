"""Discord's rate-limit buckets in words."""

import time
from typing import Any

from playground.chat.limits import Lane, Window
from playground.chat.model import Channel, Interaction
from playground.chat.server import ChatServer

SHOWN_S = 30.0  # so long after its reset a bucket is still shown, full
MOST = 24
GLOBAL = "everything"
ROUTES = {
    Lane.EDIT: "PATCH /channels/{channel}/messages/{message}",
    Lane.SEND: "POST /channels/{channel}/messages",
    Lane.TOKEN: "/webhooks/{application}/{token}",
    Lane.REACTION: "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me",
}
DOINGS = {Lane.EDIT: "edits in", Lane.SEND: "messages to", Lane.REACTION: "reactions in"}


def buckets(chat: ChatServer) -> list[dict[str, Any]]:
    """Show the buckets that were used of late, the newest last; their keys name no token."""
    oldest = time.monotonic() - SHOWN_S
    shown = [
        _named(chat, kind, major, window)
        for kind, major, window in chat.limits.windows()
        if kind in KINDS and window.ends >= oldest
    ]
    return shown[-MOST:]


KINDS = {GLOBAL, *(lane.value for lane in Lane)}


def _named(chat: ChatServer, kind: str, major: str, window: Window) -> dict[str, Any]:
    key, route, what = _names(chat, kind, major)
    return {
        "key": key,
        "route": route,
        "what": what,
        "limit": window.rate.count,
        "remaining": window.remaining,
        "reset_after": window.reset_after,
        "window": window.rate.per_s,
    }


def _names(chat: ChatServer, kind: str, major: str) -> tuple[str, str, str]:
    if kind == GLOBAL:
        return GLOBAL, "every request with the bot's token", "all of the bot's requests"
    lane = Lane(kind)
    if lane is Lane.TOKEN:
        interaction = chat.world.interactions.get(major)
        return f"{kind}:{interaction.id if interaction else 'over'}", ROUTES[lane], f"token of {_used(interaction)}"
    channel = chat.world.channels.get(int(major))
    return f"{kind}:{major}", ROUTES[lane], f"{DOINGS[lane]} {_place(channel)}"


def _used(interaction: Interaction | None) -> str:
    if interaction is None:
        return "something that is over"
    data = interaction.data
    if "name" in data:
        return f"/{data['name']}" if data.get("type", 1) == 1 else str(data["name"])
    return "a button or menu"


def _place(channel: Channel | None) -> str:
    if channel is None:
        return "a deleted channel"
    return f"#{channel.name}" if channel.guild else "a direct message"
