"""What is said to and asked of whoever sits at the terminal."""

import getpass
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.doctor.report import printable

T = TypeVar("T")


def is_there() -> bool:
    """Tell whether somebody can read what is said, and answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def say(text: str = "") -> None:
    print("\n".join(printable(line) for line in text.split("\n")), flush=True)  # noqa: T201 - it is a conversation


def ask(question: str, default: str = "") -> str:
    """Give a line, or the default for an empty one; asks again until there is something. Raises EOFError."""
    while True:
        answer = input(f"{question}{f' [{printable(default)}]' if default else ''}: ").strip() or default
        if answer:
            return answer


def ask_unseen(question: str) -> str:
    """Give a line that is not shown while it is typed. Raises EOFError."""
    return getpass.getpass(f"{question}: ").strip()


def agreed(question: str) -> bool:
    """Ask for yes or no; Enter means yes. Raises EOFError."""
    while True:
        answer = input(f"{question} [Y/n] ").strip().lower()
        if answer in {"", "y", "yes"}:
            return True
        if answer in {"n", "no"}:
            return False


def choose(question: str, choices: Sequence[T], named: Callable[[T], str], default: int = 0) -> T:
    """Let one be chosen by its number; Enter takes the default. Raises EOFError."""
    for number, choice in enumerate(choices, start=1):
        say(f"  {number:2}  {named(choice)}")
    while True:
        answer = ask(question, str(default + 1))
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
        say(f"A number from 1 to {len(choices)}, please.")
