"""What people are called in a conversation of several."""

import re
import unicodedata
from collections.abc import Iterable

from bot.core.control_tokens import neutralise
from bot.core.memory import Speaker

NAME_CHARS = 40
ROLES = ("system", "user", "assistant", "tool", "developer", "model")

_NOT_IN_NAMES = re.compile(r"[<>\[\]|:｜：\u200b]+")  # noqa: RUF001 - the wide ones are meant


def names(speakers: Iterable[Speaker]) -> dict[int, str]:
    r"""
    Give each speaker, by id, a name of one line that nobody else has; who comes later gets a number.

    >>> names([Speaker(1, "Ann"), Speaker(2, "ann"), Speaker(3, "Bob:\nAnn"), Speaker(1, "Anna")])
    {1: 'Ann', 2: 'ann (2)', 3: 'Bob Ann'}
    """
    taken = set(ROLES)
    given: dict[int, str] = {}
    for speaker in speakers:
        if speaker.id not in given:
            given[speaker.id] = name = _free(_clean(speaker.name), taken)
            taken.add(_alike(name))
    return given


def _free(name: str, taken: set[str]) -> str:
    if _alike(name) not in taken:
        return name
    return next(other for n in range(2, len(taken) + 3) if _alike(other := f"{name} ({n})") not in taken)


def _clean(name: str) -> str:
    shown = "".join(char if unicodedata.category(char)[0] not in "CZ" else " " for char in name)
    words = _NOT_IN_NAMES.sub(" ", neutralise(shown)).split()
    return " ".join(words)[:NAME_CHARS].rstrip() or "someone"


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
