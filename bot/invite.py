"""What Patter asks of Discord: permissions, each with its reason, one privileged intent, and the link that asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.core.findings import Finding, fail, ok, warn

ADMINISTRATOR = 1 << 3
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""The application's flags of which one stands once the intent is granted; the second is for small bots."""

UNUSED_INTENTS = {"Presence": 1 << 12 | 1 << 13, "Server Members": 1 << 14 | 1 << 15}
SCOPES = "bot applications.commands"
AUTHORIZE = "https://discord.com/oauth2/authorize"
PORTAL = "https://discord.com/developers/applications"

WITHOUT_CONTENT = "Patter reads commands, mentions, replies with a ping and DMs"
WITH_CONTENT = "it would also follow a conversation in its threads without a mention"


@dataclass(frozen=True, slots=True)
class Permission:
    """`name` is what Discord's settings call it."""

    name: str
    bit: int
    reason: str
    is_vital: bool = False
    """Whether nothing but answers to commands works without it."""


NEEDED = (
    Permission("View Channels", 1 << 10, "to see where it is spoken to", is_vital=True),
    Permission("Send Messages", 1 << 11, "to answer", is_vital=True),
    Permission("Send Messages in Threads", 1 << 38, "to answer in threads", is_vital=True),
    Permission("Create Public Threads", 1 << 35, "to open a thread for a conversation"),
    Permission("Read Message History", 1 << 16, "to know what a reply replies to, and to mend answers after a crash"),
    Permission("Attach Files", 1 << 15, "to attach an answer that is too long for messages"),
)


def invite_url(application_id: int) -> str:
    """Give the link that brings the bot to a server, with the permissions that it needs and no others."""
    permissions = sum(permission.bit for permission in NEEDED)
    query = urlencode({"client_id": application_id, "scope": SCOPES, "permissions": permissions})
    return f"{AUTHORIZE}?{query}"


def portal_url(application_id: int, page: str = "bot") -> str:
    """Give the address of a page of the application's settings."""
    return f"{PORTAL}/{application_id}/{page}"


def missing(permissions: int) -> Sequence[Permission]:
    """Tell which of the needed permissions are not among these bits."""
    if permissions & ADMINISTRATOR:
        return ()
    return [permission for permission in NEEDED if not permissions & permission.bit]


def permissions_found(place: str, permissions: int, fix: str) -> Finding:
    """Judge what the bot may do in a place, be it a server or a channel."""
    lacking = missing(permissions)
    if not lacking:
        return ok("permissions", f"All that is needed is granted in {place}.")
    what = ", ".join(f"{permission.name} ({permission.reason})" for permission in lacking)
    finding = fail if any(permission.is_vital for permission in lacking) else warn
    return finding("permissions", f"Missing in {place}: {what}.", fix)


def intents_found(flags: int, application_id: int) -> list[Finding]:
    """Judge the application's flags: which privileged intents are granted, and which are of use."""
    page = portal_url(application_id)
    unused = [name for name, bits in UNUSED_INTENTS.items() if flags & bits]
    found = []
    if flags & MESSAGE_CONTENT:
        found.append(ok("intents", "Message Content is granted: Patter follows its threads without a mention."))
    else:
        text = f"Message Content is not granted: {WITHOUT_CONTENT}; with it, {WITH_CONTENT}."
        found.append(warn("intents", text, f"If that is wanted, switch on Message Content Intent: {page}"))
    if unused:
        text = f"Granted, but never used: {', '.join(unused)}."
        found.append(warn("intents", text, f"Switch off what no other program needs: {page}"))
    return found
