"""Pages of a growing text, in Discord's dialect."""

import re
from copy import copy

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
    the one and refuses the other. There are at most `max_pages`: the last of them stays open, and once it is full
    nothing is added to it.

    >>> pager = Pager(limit=4)
    >>> pager.feed("one two")
    ['one ']
    >>> pager.open_page
    'two'
    """

    def __init__(self, limit: int, first_limit: int | None = None, max_pages: int | None = None) -> None:
        self._limit = limit
        self._room = limit if first_limit is None else first_limit
        self._pages_left = max_pages
        self._head = ""  # what the pager itself has put at the start of the open page
        self._page = ""
        self._skipped = 0
        self._settled = 0
        self._full = False

    @property
    def settled(self) -> int:
        """How many code points of the text stand on finished pages, those left out at their start included."""
        return self._settled

    @property
    def full(self) -> bool:
        """Whether the last page is full, so that there is text that stands nowhere."""
        return self._full

    @property
    def open_page(self) -> str:
        """The page still being written, its fence closed for show; empty if there is nothing visible on it."""
        if self._first_visible() is None:
            return ""
        return self._page.rstrip() + self._closing()

    def preview(self, text: str) -> str:
        """Give the open page as it would be with `text` added, or as much of that as it has room for."""
        ahead = copy(self)
        pages = ahead.feed(text)
        return pages[0] if pages else ahead.open_page

    def reserve(self, size: int) -> list[str]:
        """
        Finish the open page unless it has room for `size` more code points; return what that finished.

        A smaller reserve before a larger one, with no text between them, changes nothing.
        """
        pages: list[str] = []
        needed = min(size + CLOSING_CHARS, self._limit)  # it may open code
        while not self._full and self._first_visible() is not None and len(self._page) + needed > self._room:
            page, rest = self._turn_over()
            pages += [page] if page else []
            pages += self._absorb(rest)
        return pages

    def feed(self, text: str) -> list[str]:
        """Add text; return the pages that it finished."""
        pages: list[str] = []
        for start in range(0, len(text), self._limit):
            pages += self._absorb(text[start : start + self._limit])
        return pages

    def rewind(self, text: str) -> list[str]:
        """Put `text` in place of all that is not settled; return the pages that it finished."""
        self._page, self._skipped, self._full = self._head, 0, False
        return self.feed(text)

    def _absorb(self, text: str) -> list[str]:
        pages: list[str] = []
        while text and not self._full:
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
        # Where there may be code, its closing is counted at its longest: to find out would be to read the page.
        return len(self._page) + (CLOSING_CHARS if "```" in self._page else 0) > self._room

    def _turn_over(self) -> tuple[str, str]:
        """
        Finish the page; return it and the text that it did not take. It is empty if that text stands alone.

        The last page is only cut; what it did not take is dropped.
        """
        visible = self._first_visible()
        if visible is None or visible - len(self._head) > (self._room - len(self._head)) // 2:
            kept = len(self._page) if visible is None else visible
            rest = self._page[kept:]
            self._skipped += kept - len(self._head)
            self._page = self._head
            return "", rest
        layout = scan(self._page, self._room // FENCE_SHARE)
        cut = best_cut(layout, visible + 1, self._room)
        page, rest = self._page[:cut], self._page[cut:]
        if self._pages_left == 1:
            self._page, self._full = page, True
            return "", ""
        if self._pages_left is not None:
            self._pages_left -= 1
        self._settled += self._skipped + cut - len(self._head)
        self._head = self._page = layout.reopening(cut)
        self._skipped, self._room = 0, self._limit
        return page + layout.closing(cut), rest

    def _first_visible(self) -> int | None:
        found = _VISIBLE.search(self._page, len(self._head))
        return found.start() if found else None

    def _closing(self) -> str:
        page = self._page.rstrip()
        if "```" not in page:
            return ""
        return outline(page, self._room // FENCE_SHARE).closing(len(page))
