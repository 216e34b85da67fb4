"""What people are told about what is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long turns are kept, in days, and in what: the name of a database engine."""

    retention_days: float
    engine: str


def privacy_notice(keeping: Keeping, *, reads_all_messages: bool) -> str:
    """
    Say what is kept, where, and for how long; it fits a message.

    >>> "30 days" in privacy_notice(Keeping(30.0, "sqlite"), reads_all_messages=False)
    True
    """
    where = "in a file" if keeping.engine == "sqlite" else f"in a database ({keeping.engine})"
    days = "1 day" if keeping.retention_days == 1 else f"{keeping.retention_days:g} days"
    heard = (
        "I can read the messages of the channels that I see, but keep only those that are for me or put before me."
        if reads_all_messages
        else "I can read only what is addressed to me (commands, mentions, replies with a ping, DMs) or put before me."
    )
    return f"""\
**What I keep:** what you ask me, with your name and id, what I answer, and which messages show it; \
also a message that somebody puts before me (by a reply or by Apps → Ask about this), with its author's name and id.
**Where:** {where} on the machine that runs me. Whoever runs it can read it.
**How long:** {days}. While an answer is being written, and for 15 minutes at most, also Discord's leave to finish it.
**Who sees it:** a conversation is used only where it was had; a private answer only for you.
**Where it goes:** to the model on the server that whoever runs me has set, and nowhere else.
**What I hear:** {heard}
**To delete it:** `/forget` deletes all that is yours, and keeps your id and the moment, so that nothing older is read \
back from Discord. A message that you delete is forgotten, too. `/new` starts afresh in a thread or DM."""
