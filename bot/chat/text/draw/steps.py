"""
What the readers of the model's Markdown hand to each other.

A reader takes the state, the text, where to read on, and whether the text has ended. It answers with one Step, or with
a Wait if what is there may still become something else. So what is read never depends on how the text came.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

HOLD_CHARS = 500
"""What is not closed within as many code points is taken for what it is: a bracket, a dollar sign."""

ZERO_WIDTH_SPACE = "\u200b"
_FENCE = re.compile(r"`{3,}")
_PAIR = re.compile(r"`{1,2}")


@dataclass(frozen=True, slots=True)
class Start:
    """At the start of a line."""


@dataclass(frozen=True, slots=True)
class Inline:
    """Within a line. `ticked`: what is drawn just before ends with a backtick."""

    quoted: bool = False
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Fenced:
    """
    Within a code block that `mark` has opened.

    One that was opened within a line (`margin` is None) ends at such marks wherever they are, as Discord reads it; one
    on a line of its own ends on a line of its own, as CommonMark does.
    """

    mark: str
    margin: int | None
    quoted: bool
    fresh: bool = False
    """At the start of a line."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first row of a table. `piped`: its rows begin with a pipe."""

    cells: tuple[str, ...]
    aligned: tuple[str, ...]
    quoted: bool
    piped: bool
    chars: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Between two rows of a table. `listed`: it is too wide to be drawn as one."""

    head: Head
    listed: bool


State = Start | Inline | Fenced | Rows


class Step(NamedTuple):  # made several times a line, and a frozen dataclass takes three times as long
    """
    The text up to `end` is drawn as `drawn`, whatever follows.

    `known` is how far the text had to be read to say so. If what is drawn is the source as it stands, `plain` is the
    state between any two of its code points.
    """

    drawn: str
    end: int
    state: State
    known: int = 0
    plain: State | None = None
    room: int = 0
    """The most that it took on the page while it was read, if that is more than `room_for` says."""


@dataclass(frozen=True, slots=True)
class Wait:
    room: int = 0
    """The most that it takes on the page so far, if that is more than `room_for` says."""


def knowing(step: Step, known: int) -> Step:
    """Tell that the step depends on the text up to `known`, too."""
    if step.known >= known:
        return step
    return Step(step.drawn, step.end, step.state, known, step.plain, step.room)


def room_for(text: str, at: int, end: int) -> int:
    """Tell the most that a part of the source takes when it is drawn, tables aside."""
    size = end - at
    return size + size // 8 + 16 + text.count("`", at, end) + text.count("](", at, end)


def tame(code: str) -> str:
    r"""
    Put spaces of no width into all that Discord would take for a fence.

    >>> tame("````")
    '``\u200b``\u200b'
    """
    return _FENCE.sub(lambda run: _PAIR.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", run[0]), code)


def apart(drawn: str, *, ticked: bool) -> str:
    """Keep backticks from those that are drawn just before them."""
    return ZERO_WIDTH_SPACE + drawn if ticked and drawn.startswith("`") else drawn
