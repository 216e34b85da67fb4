"""What Discord tells of a conversation, less what somebody has had forgotten."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    newest = max(marks.values(), default=-1)

    def is_forgotten(one: Told) -> bool:
        return one.since <= marks.get(one.speaker.id, -1) if one.since else one.message_ids[0] <= newest

    kept, forgotten = _less(told, is_forgotten)
    return Reading([one for one in kept if one.text], forgotten)


def begun_after(told: Iterable[Told], after: int) -> Sequence[Told]:
    """Leave out what began up to the id `after`, with all answers to that, whenever they were asked for."""
    return _less(told, lambda one: one.since <= after)[0]


def _less(told: Iterable[Told], is_gone: Callable[[Told], bool]) -> tuple[list[Told], frozenset[int]]:
    """Give what stays, and the messages of the rest; a bare mention goes with what it replies to."""
    kept: list[Told] = []
    gone: set[int] = set()
    for one in told:
        answers_such = one.replies_to in gone and (one.role == "assistant" or not one.text)
        if answers_such or is_gone(one):
            gone.update(one.message_ids)
        else:
            kept.append(one)
    return kept, frozenset(gone)
