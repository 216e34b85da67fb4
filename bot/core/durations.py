"""Times to come, as roughly as they can be told."""

from bisect import bisect_left

_STEPS_S = (5, 10, 20, 30, 45, 60, 120, 180, 300, 600, 900, 1800, 3600)

LEAST = 0.8
"""The least that is told of a time, as a part of it."""


def about(seconds: float) -> int:
    """
    Round to one of a few values, rather up than down, so that what is told of a wait seldom changes.

    >>> [about(seconds) for seconds in (0, 11.5, 14, 61, 1e9)]
    [5, 10, 20, 60, 3600]
    """
    return _STEPS_S[min(bisect_left(_STEPS_S, seconds * LEAST), len(_STEPS_S) - 1)]


def in_words(seconds: int) -> str:
    """
    Give a time in seconds, or in minutes from two on.

    >>> in_words(60), in_words(300)
    ('60 s', '5 min')
    """
    return f"{seconds // 60} min" if seconds >= 120 else f"{seconds} s"
