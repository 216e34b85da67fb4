"""What a check has found, and what can be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a diagnosis. Nothing in it is secret: no token, no path, no prompt."""

    check: str
    level: Level
    text: str
    fix: str = ""
    """What to do about it, as a sentence; empty where all is well."""


def ok(check: str, text: str) -> Finding:
    return Finding(check, Level.OK, text)


def warn(check: str, text: str, fix: str) -> Finding:
    return Finding(check, Level.WARN, text, fix)


def fail(check: str, text: str, fix: str) -> Finding:
    return Finding(check, Level.FAIL, text, fix)


def is_well(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing has failed; a warning may stay."""
    return all(finding.level is not Level.FAIL for finding in findings)
