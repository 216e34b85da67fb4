"""What a reader takes for one character, as far as the standard library can tell. Nobody else here knows."""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

ZERO_WIDTH_JOINER = "\u200d"


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """
    Yield (start, end) of each character that takes several code points.

    >>> list(clusters("a e\u0301 \U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea"))
    [(2, 4), (5, 7), (7, 9)]
    """
    if text.isascii() and "\r" not in text:
        return
    start, flags = 0, 0
    for at, (left, right) in enumerate(pairwise(text), 1):
        flags = flags + 1 if _is_flag_half(left) else 0
        if _joined(left, right) or (flags % 2 and _is_flag_half(right)):
            continue
        if at - start > 1:
            yield start, at
        start = at
    if len(text) - start > 1:
        yield start, len(text)


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


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _joined(left: str, right: str) -> bool:
    if right < "\u0300":
        return left == "\r" and right == "\n"
    return left == ZERO_WIDTH_JOINER or _extends(right)


def _extends(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me"}  # accents, vowel signs, keycaps, variation selectors
        or char == ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags, as in the flag of Scotland
        or "\u1160" <= char <= "\u11ff"  # Hangul vowels and finals
        or "\ud7b0" <= char <= "\ud7fb"
    )
