"""How a table looks: a grid of columns in a code block, or a list of its rows."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from bot.chat.text.draw.inline import drawn
from bot.chat.text.draw.steps import Head, tame
from bot.chat.text.graphemes import columns

GRID_COLUMNS = 60
"""A wider grid is no code block: it must not be broken on a desktop, and is broken on a phone as it is."""

CELL_LINES = 5

_BREAK = re.compile(r"[ \t]*<br[ \t]*/?>[ \t]*", re.IGNORECASE)
_STRONG = re.compile(r"(?P<code>(`+).+?\2)|\*\*|(?<!\w)__|__(?!\w)")
_ANY = re.compile(r"[`*_~\\\[<]")
_MARKUP = re.compile(
    r"""
    (?P<ticks>`+) (?P<code>.+?) (?P=ticks) (?!`)
  | \\ (?P<escaped>[!-/:-@\[-`{-~])
  | !?\[ (?P<label>[^\[\]]*) \]\( [ ]* <?(?P<target>[^()\s<>]+) [^()]* \)
  | (?P<strong>\*\*|__|~~) (?P<loud>\S(?:.*?\S)?) (?P=strong)
  | (?<!\w) (?P<mild>[*_]) (?P<soft>[^\s*_](?:[^*_]*[^\s*_])?) (?P=mild) (?!\w)
    """,
    re.VERBOSE,
)


class Grid:
    """Rows below a head, aligned by the width of what is drawn. It takes no more than fit one block."""

    MOST = 480
    """The most code points that it takes."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._names = [" ".join(_bare(cell)) for cell in head.cells]
        self._widths = [_room(name) for name in self._names]
        self._lines: list[list[str]] = []
        self.rows: list[list[str]] = []

    def add(self, row: list[str]) -> bool:
        """Take a row if there is room for it."""
        lines, widths = self._measured(row)
        if not self._fits(lines, widths) or self._size(len(self._lines) + len(lines), widths) > self.MOST:
            return False
        self._lines += lines
        self._widths = widths
        self.rows.append(row)
        return True

    def is_too_narrow_for(self, row: list[str]) -> bool:
        """Tell whether no block at all could take the row together with those that are there."""
        return not self._fits(*self._measured(row))

    def drawn(self) -> str:
        if sum(self._widths) + 3 * len(self._widths) - 3 > GRID_COLUMNS:  # a head alone, and too wide
            return self._quoted([f"**{' · '.join(map(_title, self._head.cells))}**"])
        rule = "-+-".join("-" * width for width in self._widths)
        lines = [self._line(self._names), rule, *map(self._line, self._lines)]
        return self._quoted(["```", *(tame(line) for line in lines), "```"])

    def _measured(self, row: Sequence[str]) -> tuple[list[list[str]], list[int]]:
        cells = [_bare(cell) for cell in row]
        widths = [max(width, *map(_room, cell)) for width, cell in zip(self._widths, cells, strict=True)]
        return [list(line) for line in zip_longest(*cells, fillvalue="")], widths

    def _fits(self, lines: list[list[str]], widths: list[int]) -> bool:
        return sum(widths) + 3 * len(widths) - 3 <= GRID_COLUMNS and len(lines) <= CELL_LINES

    def _size(self, lines: int, widths: list[int]) -> int:
        return (lines + 4) * (sum(widths) + 3 * len(widths) + (2 if self._head.quoted else 0))

    def _line(self, cells: Sequence[str]) -> str:
        places = zip(cells, self._widths, self._head.aligned, strict=True)
        return " | ".join(_padded(*place) for place in places).rstrip()

    def _quoted(self, lines: list[str]) -> str:
        return "".join(f"> {line}\n" if self._head.quoted else f"{line}\n" for line in lines)


def record(head: Head, row: Sequence[str]) -> str:
    """Draw a row as a list of what is in it, each with the name of its column."""
    quote = "> " if head.quoted else ""
    bullet, lines = "", ""
    for name, cell in zip(head.cells, row, strict=True):
        value = f"\n{quote}  ".join(drawn(part) for part in _BREAK.split(cell.strip()))
        if value.strip():
            title = f"**{_title(name)}:** " if name else ""
            lines += f"{quote}{bullet}{title}{value}\n"
            bullet = "- "
    return lines


def _title(name: str) -> str:
    return drawn(unbold(_BREAK.sub(" ", name)))


def unbold(text: str) -> str:
    """Take out the marks of bold, to be able to draw all of it in bold."""
    return _STRONG.sub(lambda found: found["code"] or "", text)


def _bare(cell: str) -> list[str]:
    """Give the lines of a cell without the markup, which is not drawn in code."""
    return [_plain(_plain(line)) for line in _BREAK.split(cell)] if _ANY.search(cell) else [cell]


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: "".join(_shown(found)), text)


def _shown(found: re.Match[str]) -> Iterator[str]:
    if found["target"]:
        yield f"{found['label']} ({found['target']})" if found["label"] else found["target"]
    for group in ("code", "escaped", "loud", "soft"):
        yield found[group] or ""


def _room(text: str) -> int:
    return max(columns(text), len(text))


def _padded(text: str, width: int, aligned: str) -> str:
    blank = width - columns(text)
    left = {"<": 0, ">": blank, "^": blank // 2}[aligned]
    return " " * left + text + " " * (blank - left)
