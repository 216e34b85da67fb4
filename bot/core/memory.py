"""The values of what is remembered: turns of conversations, answers under way, what is set per place."""

import secrets
import time
from dataclasses import dataclass
from typing import Literal

_ID_NOISE_BITS = 20


def new_turn_id() -> int:
    """Give an id that is larger than those made some milliseconds ago, and fits 63 bits."""
    return turn_id_at(time.time())


def turn_id_at(unix_time: float) -> int:
    """Give an id as if it had been made at that time, in seconds."""
    return int(unix_time * 1000) << _ID_NOISE_BITS | secrets.randbits(_ID_NOISE_BITS)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, thread or DM; `guild_id` is None for a DM."""

    channel_id: int
    guild_id: int | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    id: int
    name: str
    """As shown in the place where they spoke."""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One node of a conversation's tree."""

    id: int
    parent_id: int | None
    """What it answers or goes on from; None at the root."""
    role: Literal["user", "assistant"]
    text: str | None
    """None for an answer that is still being written."""
    place: Place
    speaker: Speaker
    """Who said it; of an answer, whom it is for."""
    private: bool = False
    """Whether nobody but the speaker may ever see it."""
    model: str = ""
    """Who answered; empty for a question."""
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """A question whose text has changed, with its newest answer."""

    question: StoredTurn
    answer: StoredTurn | None
    message_ids: tuple[int, ...] = ()
    """The messages that show the answer, oldest first."""
    is_last: bool = False
    """Whether nobody has gone on from any of its answers."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    questions: int
    answers: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One answer under way: all that a later start needs to end or mend its messages."""

    run_id: str
    place: Place
    asker: Speaker
    private: bool
    model: str
    begun_at: float
    """Unix time in seconds."""
    answer_id: int | None = None
    """The answer's turn; None once it is forgotten, and of a line that says that the answer comes in a thread."""
    application_id: int = 0
    token: str = ""
    """The interaction's token, while it may live; empty for an answer that is written through the channel."""
    message_ids: tuple[int, ...] = ()
    """What is known to show it, oldest first; a message whose answer was lost is not among them."""


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """What is set for a place: the channel's own, else its guild's, else the default that stands here."""

    auto_threads: bool = False
    """Whether every `/ask` opens a thread."""
    answers: bool = True
    """Whether anything is answered at all."""
    allowed_roles: tuple[int, ...] = ()
    """Who may ask; everybody if there is none."""
    blocked_roles: tuple[int, ...] = ()
    models: tuple[str, ...] = ()
    """What may be used, the first by default; none for what the deployment allows."""
