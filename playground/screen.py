"""Messages as styled lines that fit a screen. A line is a style and a text."""

import textwrap
from collections.abc import Iterator, Sequence

from playground.display import CAPTION, Json, buttons, heading, lines_of

Line = tuple[str, str]


def screen_lines(messages: Sequence[Json], width: int) -> list[Line]:
    """Give all lines of these messages, none wider than `width`, with an empty one between messages."""
    lines: list[Line] = []
    for message in messages:
        if lines:
            lines.append(("", ""))
        lines += [(style, part) for style, line in _styled(message) for part in wrap(line, width)]
    return lines


def window(lines: Sequence[Line], height: int, back: int) -> Sequence[Line]:
    """
    Give the lines that a window shows which is `back` lines away from the end.

    >>> window([("", "one"), ("", "two"), ("", "three")], height=2, back=0)
    [('', 'two'), ('', 'three')]
    """
    end = max(min(height, len(lines)), len(lines) - back)
    return lines[max(0, end - height) : end]


def _styled(message: Json) -> Iterator[Line]:
    yield "class:author", heading(message)
    *lines, last = lines_of(message)
    yield from ((_style(line), line.removeprefix(CAPTION)) for line in lines)
    yield ("class:button", last) if buttons(message) else (_style(last), last.removeprefix(CAPTION))


def _style(line: str) -> str:
    if line.startswith(CAPTION):
        return "class:caption"
    return "class:question" if line.startswith("> ") else ""


def wrap(line: str, width: int) -> list[str]:
    """Break a line between words; a blank one stays a line."""
    return textwrap.wrap(line, max(1, width), break_on_hyphens=False) or [""]
