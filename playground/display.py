"""Messages as lines of text, for a terminal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

EPHEMERAL = 1 << 6
BUTTON, LINK = 2, 5
CAPTION = "-# "  # Discord's small print
RULE_CHARS = 60
STOP = "Stop"

# What a model writes goes to a terminal, which would obey control characters in it.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    custom_id: str


def buttons(message: Json) -> list[Button]:
    """Give the buttons that can be pressed."""
    return list(_buttons(message.get("components") or []))


def can_be_stopped(message: Json) -> bool:
    """Tell whether an answer is still being written: one that has ended may have buttons, but not this one."""
    return any(button.label == STOP for button in buttons(message))


def _buttons(components: list[Json]) -> Iterator[Button]:
    for one in components:
        if one.get("type") == BUTTON and one.get("style") != LINK and not one.get("disabled"):
            label = one.get("label") or (one.get("emoji") or {}).get("name") or "?"
            yield Button(printable(label), one["custom_id"])
        yield from _buttons(one.get("components") or [])


def lines_of(message: Json) -> list[str]:
    """Give a message's text and below it its files and buttons."""
    lines = [printable(line) for line in message["content"].split("\n")]
    lines += [f"[file {printable(one['filename'])}]" for one in message.get("attachments") or []]
    row = " ".join(f"[{button.label}]" for button in buttons(message))
    return [*lines, row] if row else lines


def heading(message: Json) -> str:
    """Say who speaks, and to whom if not to all."""
    private = " · only you can see this" if message.get("flags", 0) & EPHEMERAL else ""
    return printable(message["author"]["username"]) + private


def rule(title: str) -> str:
    return f"── {title} ".ljust(RULE_CHARS, "─")


def printable(text: str) -> str:
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def changes(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """
    Give what is new in `after`: lines and a line's beginning that stood there before are an ellipsis.

    >>> changes(["> Why?", "Because it", "writing…"], ["> Why?", "Because it is so.", "writing…"])
    ['…', '… is so.', 'writing…']
    """
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    new = list(after[same:])
    if new and same < len(before) and before[same] and new[0].startswith(before[same]):
        new[0] = "…" + new[0][len(before[same]) :]
    return ["…", *new] if same and new else new


class Printout:
    """Turns the states that messages go through into blocks of lines, each with only what is new."""

    def __init__(self) -> None:
        self._shown: dict[str, list[str]] = {}
        self._edits: dict[str, int] = {}

    def has_shown(self, message: Json) -> bool:
        """True if the message looks as it did in its last block."""
        return self._shown.get(message["id"]) == lines_of(message)

    def block(self, message: Json, note: str = "") -> list[str]:
        """Give the block for a message's new state; nothing if it looks as before. `note` goes into its rule."""
        key, after = message["id"], lines_of(message)
        before = self._shown.get(key)
        if before == after:
            return []
        self._shown[key] = after
        title = [heading(message)]
        if before is not None:
            self._edits[key] = self._edits.get(key, 0) + 1
            title.append(f"edit {self._edits[key]}")
        return [rule(" · ".join([*title, *filter(None, [note])])), *changes(before or [], after)]
