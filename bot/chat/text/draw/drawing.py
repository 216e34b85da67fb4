"""The model's Markdown as Discord draws it, while it grows."""

from collections.abc import Iterator
from typing import NamedTuple

from bot.chat.text.draw.fenced import read_fenced
from bot.chat.text.draw.inline import read_inline
from bot.chat.text.draw.lines import read_line
from bot.chat.text.draw.steps import Fenced, Inline, Rows, Start, State, Step, Wait, knowing, room_for
from bot.chat.text.draw.tables import read_rows


class Piece(NamedTuple):
    """
    A part of the drawing that stays as it is, whatever follows. Positions are code points of the source.

    The source up to `end` stands behind it; to say so it had to be read up to `known`. Each code point of a `plain`
    piece is one of the source, and it may be gone on from between any two. `room` is the most that the piece took on
    the page while it was not yet decided.
    """

    text: str
    end: int
    known: int
    after: State
    plain: State | None
    room: int


class Drawing:
    """
    Draw a growing text.

    `feed` returns what is decided. What is not yet, such as a table that still gets rows, is in `rest` as it looks so
    far, and takes at most `room` code points. The pieces and the rest, put together, are the same however the text is
    chunked. Each feed reads what is new and what was not decided, which is bounded.

    >>> drawing = Drawing()
    >>> [piece.text for piece in drawing.feed("A [link](https://example.com)")]
    []
    >>> drawing.rest
    'A link (<https://example.com>)'
    """

    def __init__(self) -> None:
        self._state: State = Start()
        self._at = 0
        self._held = ""
        self.room = 0

    def feed(self, text: str) -> list[Piece]:
        held, at, start = self._held + text, 0, self._at
        pieces: list[Piece] = []
        self.room = 0
        while at < len(held):
            step = _read(self._state, held, at, ended=False)
            if isinstance(step, Wait):
                self.room = step.room or room_for(held, at, len(held))
                break
            pieces.append(_piece(step, held, at, start))
            self._state, at = step.state, step.end
        self._held, self._at = held[at:], start + at
        return pieces

    def restore(self, state: State, at: int) -> None:
        """Go on from a position of the source, forgetting all that was fed after it."""
        self._state, self._at, self._held, self.room = state, at, "", 0

    @property
    def rest(self) -> str:
        """What is not decided, drawn as if the text had ended here."""
        return "".join(_ending(self._state, self._held))


def _ending(state: State, text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        step = _read(state, text, at, ended=True)
        assert isinstance(step, Step), "a text that has ended leaves nothing to wait for"
        yield step.drawn
        state, at = step.state, step.end


def _read(state: State, text: str, at: int, *, ended: bool) -> Step | Wait:
    match state:
        case Inline():
            return read_inline(state, text, at, ended=ended)
        case Fenced():
            return read_fenced(state, text, at, ended=ended)
        case Rows():
            row = read_rows(state, text, at, ended=ended)
            if not isinstance(row, int):
                return row
            step = read_line(text, at, ended=ended)
            return knowing(step, row) if isinstance(step, Step) else step
        case Start():
            return read_line(text, at, ended=ended)


def _piece(step: Step, text: str, at: int, start: int) -> Piece:
    read = max(step.known, at if step.plain else step.end)
    waited = read - at > 1  # what is decided by its first code point is never held
    room = step.room or (room_for(text, at, read) if waited else 0)
    return Piece(step.drawn, start + step.end, start + step.known, step.state, step.plain, room)
