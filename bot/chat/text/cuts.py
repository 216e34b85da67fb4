"""Where a page that is full is best cut."""

import re
from collections.abc import Iterable
from itertools import accumulate

from bot.chat.text.dialect import Layout
from bot.chat.text.fences import CLOSING_CHARS
from bot.chat.text.graphemes import clusters

WASTE = 1 / 3
"""How much of a page may stay empty for the sake of a cut between paragraphs rather than between words."""

_BOUNDARIES = (
    re.compile(r"\n[ \t]*\n(?:[ \t]*\n)*"),  # paragraphs
    re.compile(r"\n"),  # lines
    re.compile(r"[.!?…][\"'”’»)\]*_]*[^\S\n]+|[。！？]"),  # noqa: RUF001 - sentences of Chinese and Japanese as well
    re.compile(r"(?<=\S)(?=\s)|(?<=\S)[^\S\n]+"),  # words, unread: reading one would begin anew at each of its letters
    re.compile(r"(?<=[^\w\s])(?=\w)"),  # the beginning of a word that follows a sign: of a link after an emoji, perhaps
)


def best_cut(layout: Layout, low: int, high: int) -> int:
    """
    Choose where to end the page: from `low`, so that the page with its closing takes at most `high` code points.

    What decides, in this order: no character is torn; no token of the markup; no span; at most `WASTE` is wasted; the
    boundary is a paragraph, line, sentence, word or a word's beginning; the page is as full as can be.
    """
    size = len(layout.page)
    last = size if layout.page[-1:].isspace() else size - 1  # what comes next may belong to the last word
    torn, atoms, spans = (_depths(parts, size) for parts in (clusters(layout.page), layout.atoms, layout.spans))
    ranks = _ranks(layout.page)
    full = min(high, size)
    floor = full - int(full * WASTE)

    def cost(at: int) -> tuple[int, int, bool, bool, int, int, int]:
        early = at < floor
        rank = 0 if early else ranks.get(at, len(_BOUNDARIES))
        return torn[at], atoms[at], spans[at] > 0, early, spans[at], rank, -at

    def fits(at: int) -> bool:
        return at + CLOSING_CHARS <= high or at + len(layout.closing(at)) <= high

    end = min(high, last) + 1
    late = range(max(low, floor), end)
    for at in sorted((at for at in ranks if at in late), key=lambda at: (ranks[at], -at)):
        if not (torn[at] or atoms[at] or spans[at]) and fits(at):
            return at  # by far the most: at a boundary, and it breaks nothing
    return min(filter(fits, range(low, end)), key=cost, default=low)


def _depths(parts: Iterable[tuple[int, int]], size: int) -> list[int]:
    """Tell for each position how many of the (start, end) parts a cut there would break."""
    steps = [0] * (size + 2)
    for start, end in parts:
        if end - start > 1:
            steps[start + 1] += 1
            steps[end] -= 1
    return list(accumulate(steps))


def _ranks(page: str) -> dict[int, int]:
    ranks: dict[int, int] = {}
    for rank, boundary in enumerate(_BOUNDARIES):
        for found in boundary.finditer(page):
            ranks.setdefault(found.end(), rank)
    return ranks
