"""Whom the messages that a bot writes could ping, going by what it asked of Discord."""

from playground.chat.faults import CALLBACK, CHANNEL_MESSAGE, CHANNEL_MESSAGES, FOLLOWUPS, TOKEN_MESSAGE

WRITES = {
    ("POST", CHANNEL_MESSAGES),
    ("PATCH", CHANNEL_MESSAGE),
    ("POST", FOLLOWUPS),
    ("PATCH", TOKEN_MESSAGE),
}
NEW, IN_PLACE = 4, 7
"""The types of a callback that carry a message."""


def written(record, bot):
    """Give all messages that a bot has sent or edited, as (entry, message)."""
    for entry in record:
        if entry.by not in {bot.id, None} or not isinstance(entry.body, dict):
            continue
        if (entry.method, entry.route) in WRITES:
            yield entry, entry.body
        elif entry.route == CALLBACK and entry.body["type"] in {NEW, IN_PLACE}:
            yield entry, entry.body["data"]


def pinging(record, bot):
    """Give those that leave it to Discord whom they ping: an edit is read for mentions as a new message is."""
    return [
        (entry.method, entry.route, message.get("allowed_mentions"))
        for entry, message in written(record, bot)
        if message.get("allowed_mentions") not in ({"parse": []}, {"parse": [], "replied_user": False})
    ]
