"""What a reader takes for one character, and how wide it is drawn. Nobody else here knows."""

import re
import unicodedata
from collections.abc import Iterator

import regex

_CLUSTER = regex.compile(r"\X")
_SUSPECT = re.compile(r"\r\n|(?:[\0-\x0c\x0e-\x7f]?[^\0-\x7f]++)++[\0-\x0c\x0e-\x7f]?")
"""Code points that may belong together: those beyond ASCII, with what they may be added to on either side."""
_WIDE = regex.compile(r"[\p{East_Asian_Width=W}\p{East_Asian_Width=F}\p{Regional_Indicator}\ufe0f]")
_UNSEEN = {"Mn", "Me", "Cf", "Cc", "Zl", "Zp"}


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """
    Yield (start, end) of each character that takes several code points.

    >>> list(clusters("a e\u0301 \U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea"))
    [(2, 4), (5, 7), (7, 9)]
    """
    for suspect in _SUSPECT.finditer(text):
        for found in _CLUSTER.finditer(text, *suspect.span()):
            start, end = found.span()
            if end - start > 1:
                yield start, end


def columns(text: str) -> int:
    """
    Tell how many columns of a code block a line takes: wide characters take two.

    >>> columns("na\u00efve"), columns("\u6f22\u5b57"), columns("\U0001f469\u200d\U0001f692"), columns("e\u0301")
    (5, 4, 2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_columns_of_one(found[0]) for found in _CLUSTER.finditer(text))


def clip(text: str, limit: int) -> str:
    """
    Shorten text to at most `limit` code points, the last of which is then an ellipsis.

    >>> clip("one two", 5)
    'one…'
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    for start, stop in clusters(text[: limit + 1]):
        if start < end < stop:
            end = start
            break
    return (text[:end].rstrip() or text[: limit - 1]) + "…"


def _columns_of_one(cluster: str) -> int:
    if _WIDE.search(cluster):
        return 2
    return 0 if unicodedata.category(cluster[0]) in _UNSEEN else 1
