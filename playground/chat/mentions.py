"""Whom a message's text pings, given its allowed_mentions."""

import re

from playground.chat.model import Json, Message, User
from playground.chat.permissions import Permission, may

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)")


def set_mentions(message: Message, allowed: Json | None, users: dict[int, User]) -> None:
    """
    Read the mentions anew from the text, as each send and each edit does.

    Without `allowed` everything that is written pings, and so does a reply.
    """
    content = message.content
    if "@" not in content and message.replies_to is None:
        message.mentions, message.mention_roles, message.mention_everyone = [], [], False
        return
    named = [users[one] for one in _ids(_USER, content, allowed, "users") if one in users]
    target = message.replies_to
    pings = allowed is None or allowed.get("replied_user")
    if target is not None and target.author is not message.author and pings:
        named.append(target.author)
    message.mentions = list(dict.fromkeys(named))
    roles = message.channel.guild.roles if message.channel.guild else {}
    message.mention_roles = [one for one in _ids(_ROLE, content, allowed, "roles") if one in roles]
    is_allowed = allowed is None or "everyone" in allowed.get("parse", ())
    is_written = is_allowed and _EVERYONE.search(content) is not None
    message.mention_everyone = is_written and may(message.channel, message.author, Permission.MENTION_EVERYONE)


def _ids(pattern: re.Pattern[str], content: str, allowed: Json | None, kind: str) -> list[int]:
    written = [int(one) for one in pattern.findall(content)]
    if allowed is None or kind in allowed.get("parse", ()):
        return written
    permitted = {int(one) for one in allowed.get(kind, ())}
    return [one for one in written if one in permitted]
