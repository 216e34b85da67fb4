"""
What on a page is code beyond doubt, as Discord reads it.

Its reader goes from left to right and takes at each mark what that mark may open, whatever stands in it: bold text
that ends within backticks takes them apart, and all that follow are paired otherwise. So from the first backtick on
that can be read in two ways, nothing counts as code.
"""

import re

NESTED = 4
"""So deep pairs of marks are looked for in each other; what is deeper is in doubt."""

_LINE_START = re.compile(r"[ \t>]*")
_LANGUAGE = re.compile(r"[\w+\-.#]*\n")
_SPANS = {size: re.compile(rf"(?<!`)`{{{size}}}(?!`)") for size in (1, 2)}

_MARKS = {"*": r"\*", "__": "__", "_": r"_(?!\w)", "~~": "~~", "||": r"\|\|", "[": r"\]\("}
"""What opens and closes, and how it closes."""
_PAIR = re.compile(r"(?P<mark>\*\*|__|~~|\|\||[*_])(?=\S)[^*_~|\n]+(?<=\S)(?P=mark)(?![\w*_])")
"""What every reader takes for a pair of marks."""
_OPENED, _CLOSED = re.compile(r"<[^ >]*\Z"), re.compile(r"[^ >]*>")
"""An address between angle brackets, which may reach over lines."""
_NO_MARK = re.compile(r"\\.|(?:^|(?<=\n))[ \t>]*\*(?=[ \t])")
"""What is escaped, or begins an item of a list."""


class CodeReader:
    """Asked for the end of each run of backticks outside of code, from left to right."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._certain = True
        self._outside: list[str] = []
        """What stands before and is no code."""
        self._at = 0

    def end(self, start: int, after: int) -> int:
        """Tell where the code ends that the backticks from `start` to `after` open; `after` if that is in doubt."""
        if not self._certain:
            return after
        end = self._block(start, after) if after - start == 3 else self._span(start, after)
        self._outside.append(self._page[self._at : start])
        if end is None or self._may_be_torn(self._page[after:end]):
            self._certain = False
            return after
        self._at = end
        return end

    def _span(self, start: int, after: int) -> int | None:
        """Within a line: a quote or a heading ends with it."""
        closing = _SPANS.get(after - start)
        newline = self._page.find("\n", after)
        found = closing.search(self._page, after, newline if newline >= 0 else len(self._page)) if closing else None
        return found.end() if found and found.start() > after else None

    def _block(self, start: int, after: int) -> int | None:
        """On one line, or begun on a line of its own, be it quoted; with something in it."""
        begin = _LANGUAGE.match(self._page, after)
        end = self._page.find("```", after)
        if end < 0 or self._page.startswith("`", end + 3):
            return None
        if not self._page[begin.end() if begin else after : end].strip("\n"):
            return None
        lines = self._page[after:end].split("\n")
        before = self._page[self._page.rfind("\n", 0, start) + 1 : start]
        if len(lines) > 1 and _LINE_START.fullmatch(before) is None:
            return None
        if ">" in before and not all(line.lstrip(" \t").startswith(">") for line in lines[1:]):
            return None
        return end + 3

    def _may_be_torn(self, code: str) -> bool:
        """Tell whether something is open that may be closed within the code."""
        before = "x".join(self._outside)
        if _CLOSED.match(code) and _OPENED.search(before):
            return True
        marks = [mark for mark, closing in _MARKS.items() if re.search(closing, code)]
        if not marks:
            return False
        outside = _NO_MARK.sub("x", before)
        for _ in range(NESTED):
            outside = _PAIR.sub("x", outside)
        return any(mark in outside for mark in marks)
