"""What a person types into the console, as values."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HELP = """\
  text               say something in the channel
  /ask TEXT          ask the model; put model:NAME or private:True before or after the text
  /stop              stop what is being written for you here
  /react EMOJI       react to the newest message
  /click LABEL       press a button, as in /click Stop
  /who NAME          be ann (a plain member), bob (a moderator) or owner
  /help              show this; PageUp and PageDown scroll
  /quit              leave; so do Ctrl-C and Ctrl-D"""

# An option as Discord shows it while one types; elsewhere in a text it is a part of the text.
OPTION = r"(\w+):(\S+)"
BEFORE = re.compile(rf"{OPTION}(?:\s+|\Z)")
AFTER = re.compile(rf"(?:\A|\s+){OPTION}\s*\Z")
ASK_OPTIONS = ("model", "private")


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """Use one of the bot's slash commands."""

    command: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class React:
    emoji: str


@dataclass(frozen=True, slots=True)
class Click:
    label: str


@dataclass(frozen=True, slots=True)
class Become:
    name: str


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


WITH_ARGUMENT: dict[str, tuple[Callable[[str], "Line"], str]] = {
    "react": (React, "/react EMOJI, as in /react 🛑"),
    "click": (Click, "/click LABEL, as in /click Stop"),
    "who": (Become, "/who NAME, as in /who bob"),
}

Line = Say | Use | React | Click | Become | Help | Quit


class Unclear(Exception):  # noqa: N818 - it is said of a line
    """A line that means nothing, with a sentence about what to type instead."""


def parse(line: str) -> Line | None:
    """
    Read a line; None if it is blank. Raises Unclear.

    >>> parse("/ask model:llama3.2 Why is the sky blue?")
    Use(command='ask', options={'prompt': 'Why is the sky blue?', 'model': 'llama3.2'})
    >>> parse("good morning")
    Say(text='good morning')
    """
    line = line.strip()
    if not line:
        return None
    if not line.startswith("/"):
        return Say(line)
    word, _, rest = line[1:].partition(" ")
    return _command(word, rest.strip())


def _command(word: str, rest: str) -> Line:
    match word:
        case "":
            raise Unclear("Type /help to see what there is.")
        case "help":
            return Help()
        case "quit":
            return Quit()
        case "react" | "click" | "who":
            make, usage = WITH_ARGUMENT[word]
            return make(_needed(rest, usage))
        case _:
            return _ask(rest) if word == "ask" else _other(word, rest)


def _needed(rest: str, usage: str) -> str:
    if not rest:
        raise Unclear(f"Type {usage}")
    return rest


def _ask(rest: str) -> Use:
    options, text = _take_options(rest, ASK_OPTIONS)
    text = text.removeprefix("prompt:").strip()
    return Use("ask", {"prompt": _needed(text, "/ask TEXT, as in /ask Why is the sky blue?"), **options})


def _other(word: str, rest: str) -> Use:
    """Read any other command of the bot's: all of it are options."""
    options, text = _take_options(rest, None)
    if text:
        raise Unclear(f"Type /{word} with options as NAME:VALUE, or /help to see what there is.")
    return Use(word, options)


def _take_options(text: str, known: tuple[str, ...] | None) -> tuple[dict[str, Any], str]:
    """Take options off both ends of a text; `known` of None means that all are."""
    options: dict[str, Any] = {}
    for pattern in (BEFORE, AFTER):
        while (found := pattern.match(text) if pattern is BEFORE else pattern.search(text)) and (
            known is None or found[1] in known
        ):
            options[found[1]] = _value(found[2])
            text = text[: found.start()] + text[found.end() :]
    return options, text


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text)
