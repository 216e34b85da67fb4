"""What Discord tells of a conversation, less what somebody has had forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.memory import Speaker

Marks = Mapping[int, int]
"""The id up to which each person is forgotten, by the person's."""


@dataclass(frozen=True, slots=True)
class Told:
    """A turn as Discord shows it."""

    role: Literal["user", "assistant"]
    text: str
    """Empty where nothing was said that could be read, as in a bare mention."""
    speaker: Speaker
    """Who said it; of an answer, whom it is for."""
    message_ids: tuple[int, ...]
    """At least one; the question of a command has those of its answer's first page."""
    since: int
    """The id of what it began with, of an answer the message or the command that asked; 0 if nothing says so."""
    replies_to: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    told: Sequence[Told] = ()
    """What was said, oldest first."""
    forgotten: frozenset[int] = frozenset()
    """The messages of which nothing is told because somebody has had it forgotten."""


def less_forgotten(told: Iterable[Told], marks: Marks) -> Reading:
    """
    Leave out what people said up to their mark, and all answers to that, whoever asked for them.

    A page that does not say what it answers is left out if it may be an answer to anybody who was forgotten since.

    >>> ann, bob = Speaker(1, "Ann"), Speaker(2, "Bob")
    >>> mention = Told("user", "", bob, (30,), 30, replies_to=20)
    >>> said = [Told("user", "Hush.", ann, (20,), 20), mention, Told("assistant", "I do.", bob, (40,), 30, 30)]
    >>> less_forgotten(said, {1: 25})
    Reading(told=[], forgotten=frozenset({40, 20, 30}))
    """
    kept: list[Told] = []
    forgotten: set[int] = set()
    newest = max(marks.values(), default=-1)
    for one in told:
        answers_such = one.replies_to in forgotten and (one.role == "assistant" or not one.text)
        is_before = one.since <= marks.get(one.speaker.id, -1) if one.since else one.message_ids[0] <= newest
        if answers_such or is_before:
            forgotten.update(one.message_ids)
        elif one.text:
            kept.append(one)
    return Reading(kept, frozenset(forgotten))
