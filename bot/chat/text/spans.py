"""Where a span of inline code ends: at marks like those that opened it, within the same paragraph."""

import re
from bisect import bisect_left
from functools import cached_property

SPAN_CHARS = 500
"""The most that a span takes: what would be longer is taken for stray marks."""

_RUN = re.compile(r"`+")
_GAP = re.compile(r"\n(?=[ \t]*\n)")


class InlineCode:
    """The spans of one page, whose marks are searched once, however many of them are stray."""

    def __init__(self, page: str) -> None:
        self._page = page

    def end(self, opened: int, size: int) -> int | None:
        """Tell where the span ends that `size` marks have opened just before `opened`, if it does."""
        closing = _first(self._runs.get(size, []), opened + 1)
        if closing is None or closing - opened > SPAN_CHARS:
            return None
        gap = _first(self._gaps, opened)
        return closing + size if gap is None or gap >= closing else None

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        runs: dict[int, list[int]] = {}
        for run in _RUN.finditer(self._page):
            runs.setdefault(run.end() - run.start(), []).append(run.start())
        return runs

    @cached_property
    def _gaps(self) -> list[int]:
        return [gap.start() for gap in _GAP.finditer(self._page)]


def _first(positions: list[int], least: int) -> int | None:
    at = bisect_left(positions, least)
    return positions[at] if at < len(positions) else None
