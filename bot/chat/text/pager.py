"""Pages of a growing text, in Discord's dialect."""

import re

from bot.chat.text.cuts import best_cut
from bot.chat.text.dialect import outline, scan
from bot.chat.text.fences import CLOSING_CHARS

FENCE_SHARE = 4
"""A fence is kept over a cut if closing and reopening it takes at most one part in this many of a page."""

_VISIBLE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Pager:
    """
    Cut growing text into pages of at most `limit` code points; the first takes at most `first_limit`.

    A code fence that spans a cut is closed and reopened with its language, and a quoted line with its `>`. A page that
    `feed` has returned is final: later text never changes it. However the text is chunked, the pages are the same. What
    is left out is white space at a page's start, and half a page or more with nothing visible in it: Discord trims
    the one and refuses the other.

    >>> pager = Pager(limit=4)
    >>> pager.feed("one two")
    ['one ']
    >>> pager.open_page
    'two'
    """

    def __init__(self, limit: int, first_limit: int | None = None) -> None:
        self._limit = limit
        self._room = limit if first_limit is None else first_limit
        self._head = ""  # what the pager itself has put at the start of the open page
        self._page = ""
        self._skipped = 0
        self._settled = 0

    @property
    def settled(self) -> int:
        """How many code points of the text stand on finished pages, those left out at their start included."""
        return self._settled

    @property
    def open_page(self) -> str:
        """The page still being written, its fence closed for show; empty if there is nothing visible on it."""
        if self._first_visible() is None:
            return ""
        return self._page.rstrip() + self._closing()

    def feed(self, text: str) -> list[str]:
        """Add text; return the pages that it finished."""
        pages: list[str] = []
        for start in range(0, len(text), self._limit):
            pages += self._absorb(text[start : start + self._limit])
        return pages

    def rewind(self, text: str) -> list[str]:
        """Put `text` in place of all that is not settled; return the pages that it finished."""
        self._page, self._skipped = self._head, 0
        return self.feed(text)

    def _absorb(self, text: str) -> list[str]:
        pages: list[str] = []
        while text:
            text = self._take(text)
            if self._is_full():
                page, rest = self._turn_over()
                pages += [page] if page else []
                text = rest + text
        return pages

    def _take(self, text: str) -> str:
        """
        Move text onto the page and return what is left over.

        Near the end of the page it goes one code point at a time, so that where the page is full never depends on
        how the text came.
        """
        if not self._page:
            trimmed = text.lstrip()
            self._skipped += len(text) - len(trimmed)
            text = trimmed
        safe = max(self._room - len(self._page) - CLOSING_CHARS, 1)
        self._page += text[:safe]
        return text[safe:]

    def _is_full(self) -> bool:
        """White space at the end does not count: so there is always something visible to begin the next page."""
        if len(self._page) + CLOSING_CHARS <= self._room:
            return False
        if self._page[-1:].isspace():
            return len(self._page) > 2 * self._room
        return len(self._page) + len(self._closing()) > self._room

    def _turn_over(self) -> tuple[str, str]:
        """Finish the page; return it and the text that it did not take. It is empty if that text stands alone."""
        visible = self._first_visible()
        if visible is None or visible - len(self._head) > (self._room - len(self._head)) // 2:
            kept = len(self._page) if visible is None else visible
            rest = self._page[kept:]
            self._skipped += kept - len(self._head)
            self._page = self._head
            return "", rest
        layout = scan(self._page, self._room // FENCE_SHARE)
        cut = best_cut(layout, visible + 1, self._room)
        page, rest = self._page[:cut] + layout.closing(cut), self._page[cut:]
        self._settled += self._skipped + cut - len(self._head)
        self._head = self._page = layout.reopening(cut)
        self._skipped, self._room = 0, self._limit
        return page, rest

    def _first_visible(self) -> int | None:
        found = _VISIBLE.search(self._page, len(self._head))
        return found.start() if found else None

    def _closing(self) -> str:
        page = self._page.rstrip()
        if "```" not in page and "~~~" not in page:
            return ""
        return outline(page, self._room // FENCE_SHARE).closing(len(page))
