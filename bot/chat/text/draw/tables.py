"""
Where a table begins and ends, row by row.

It is drawn as an aligned code block while it is narrow, else as a list: a line of code that is too long for a phone is
broken anywhere, which no table survives. A long table becomes several blocks, each with the head and small enough to
be kept whole on one page.
"""

import re
from dataclasses import dataclass

from bot.chat.text.draw.grids import Grid, record
from bot.chat.text.draw.steps import Head, Rows, Start, Step, Wait, room_for

LINE_CHARS = 600
"""A longer line belongs to no table."""

DELIMITER_CHARS = 200
MAX_CELLS = 12

_ROW = re.compile(r"(?P<prefix>(?:[ \t]*+>)*+[ \t]*+)(?:(?P<pipe>\|)|(?P<block>[-+*][ \t]|#|`{3}|~{3}))?")
_DELIMITERS = re.compile(r"[ \t>|:\r-]*+")
_DELIMITER = re.compile(r"(?P<left>:?)-+(?P<right>:?)")
_CELL = re.compile(r"((?:[^|\\]++|\\.?)*+)(?:\||\Z)")


def open_table(text: str, at: int, stop: int, *, ended: bool) -> Step | Wait | int:
    """Read a table whose head is the line up to `stop`, or tell how far the text was read to see that it is none."""
    begin, limit = stop + 1, stop + 1 + DELIMITER_CHARS
    found = _DELIMITERS.match(text, begin, limit)
    end = found.end() if found else len(text)
    if end == len(text) < limit and not ended:
        return Wait()
    known = min(end + 1, limit, len(text))
    whole = end < limit and text.startswith("\n", end)
    head = _head(text[at:stop], text[begin:end]) if whole else None
    if head is None:
        return known
    return _Reader(Rows(head, listed=False), text, at, ended=ended, begin=known).read()


def read_rows(state: Rows, text: str, at: int, *, ended: bool) -> Step | Wait | int:
    """Read on in a table, or tell how far the text was read to see that it has ended."""
    return _Reader(state, text, at, ended=ended).read()


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[str]
    end: int
    whole: bool


class _Reader:
    def __init__(self, state: Rows, text: str, at: int, *, ended: bool, begin: int | None = None) -> None:
        """`begin`: where the first row may stand, if the head is read as well."""
        self._state, self._text, self._ended = state, text, ended
        self._opens = begin is not None
        self._row_at = at if begin is None else begin
        self._dearest = 0
        self._opening = 0 if begin is None else room_for(text, at, begin)

    def read(self) -> Step | Wait | int:
        head, grid = self._state.head, Grid(self._state.head)
        while True:
            row = self._next()
            if isinstance(row, Wait):
                return Wait(self._room())
            if isinstance(row, int):
                return self._step(grid.drawn(), self._row_at, row, Start()) if grid.rows or self._opens else row
            if self._state.listed:
                return self._step(record(head, row.cells), row.end, row.end, self._state)
            if not grid.add(row.cells):
                return self._without(grid, row)
            self._row_at = row.end

    def _without(self, grid: Grid, row: _Row) -> Step:
        """Draw the rows before one that the grid does not take; if that is too wide, all become a list."""
        head = self._state.head
        shown = grid.drawn() if grid.rows else ""
        if not row.whole:  # it may still grow: the others are left as they are
            return self._step(shown + record(head, row.cells), row.end, row.end, Start())
        if not grid.rows or grid.is_too_narrow_for(row.cells):
            listed = "".join(record(head, cells) for cells in [*grid.rows, row.cells])
            return self._step(listed, row.end, row.end, Rows(head, listed=True))
        return self._step(shown, self._row_at, row.end, Rows(head, listed=False))

    def _next(self) -> _Row | Wait | int:
        """Read the next row, or tell how far the text was read to see that there is none."""
        text, at = self._text, self._row_at
        limit = at + LINE_CHARS
        newline = text.find("\n", at, limit)
        stop = newline if newline >= 0 else min(limit, len(text))
        begin = _ROW.match(text, at, stop)
        assert begin is not None, "it matches anything"
        seen, open_end = bool(begin["pipe"] or begin["block"]), newline < 0 and len(text) < limit
        blank = not seen and begin.end() == len(text)
        no_row = not blank and self._is_no_row(begin)
        if not self._ended and (blank or (open_end and not no_row)):
            self._see(at, len(text))
            return Wait()
        known = min((begin.end() if seen else begin.end() + 1) if no_row else stop + 1, limit, len(text))
        self._see(at, known)
        line = text[begin.end("prefix") : stop]
        if no_row or "|" not in line or (newline < 0 and not open_end):
            return known
        return _Row(_fitted(_split(line), len(self._state.head.cells)), known, newline >= 0)

    def _see(self, at: int, end: int) -> None:
        self._dearest = max(self._dearest, room_for(self._text, at, end))

    def _is_no_row(self, found: re.Match[str]) -> bool:
        head = self._state.head
        return (">" in found["prefix"]) is not head.quoted or (
            not found["pipe"] if head.piped else bool(found["block"])
        )

    def _room(self) -> int:
        """A grid, and below it a row that the grid does not take."""
        head = self._state.head
        grid = 0 if self._state.listed else Grid.MOST
        return max(self._opening, grid + head.chars + 8 * len(head.cells) + self._dearest)

    def _step(self, drawn: str, end: int, known: int, state: Start | Rows) -> Step:
        return Step(drawn, end, state, known, room=self._room())


def _head(line: str, delimiters: str) -> Head | None:
    found, below = _ROW.match(line), _ROW.match(delimiters)
    if found is None or found["block"] or below is None or "|" not in delimiters:
        return None
    quoted = ">" in found["prefix"]
    cells = _split(line[found.end("prefix") :])
    marks = [_DELIMITER.fullmatch(cell) for cell in _split(delimiters[below.end("prefix") :])]
    if quoted is not (">" in below["prefix"]) or not 0 < len(cells) == len(marks) <= MAX_CELLS:
        return None
    aligned = tuple(_alignment(mark) for mark in marks if mark)
    if len(aligned) < len(cells):
        return None
    return Head(tuple(cells), aligned, quoted, piped=bool(found["pipe"]), chars=sum(map(len, cells)))


def _alignment(mark: re.Match[str]) -> str:
    if mark["right"]:
        return "^" if mark["left"] else ">"
    return "<"


def _split(line: str) -> list[str]:
    """Give what stands between the pipes; one at either end parts nothing."""
    cells = _CELL.findall(line.strip().removeprefix("|"))[:-1]
    return [cell.strip().replace("\\|", "|") for cell in cells] or [""]


def _fitted(cells: list[str], size: int) -> list[str]:
    """Give a row as many cells as the head has, without a word being lost."""
    cells = [*cells, *[""] * (size - len(cells))]
    return [*cells[: size - 1], " | ".join(cells[size - 1 :])]
