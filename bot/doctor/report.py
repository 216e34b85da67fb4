"""Findings for a terminal, and for a program."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.core.findings import Finding, Level, is_well

COLOURS = {Level.OK: "\033[32m", Level.WARN: "\033[33m", Level.FAIL: "\033[31m"}
PLAIN = "\033[0m"


def to_text(findings: Sequence[Finding], *, colours: bool = False) -> str:
    """
    Give a line for each finding and one for its fix, then a sum.

    >>> print(to_text([Finding("clock", Level.WARN, "It is 9 s behind.", "Set it.")]))
    warn  clock        It is 9 s behind.
                       -> Set it.
    <BLANKLINE>
    0 ok, 1 warn, 0 fail
    """
    return "\n".join(_lines(findings, colours=colours))


def _lines(findings: Sequence[Finding], *, colours: bool) -> Iterator[str]:
    for finding in findings:
        level = f"{finding.level.value:4}"
        yield f"{_coloured(level, finding.level) if colours else level}  {finding.check:11}  {printable(finding.text)}"
        if finding.fix:
            yield f"{'':19}-> {printable(finding.fix)}"
    count = Counter(finding.level for finding in findings)
    yield ""
    yield ", ".join(f"{count[level]} {level.value}" for level in Level)


def _coloured(text: str, level: Level) -> str:
    return f"{COLOURS[level]}{text}{PLAIN}"


def printable(text: str) -> str:
    r"""
    Take out what could steer a terminal: names of servers and models are others' to choose.

    >>> printable("my \x1b[2Jserver é")
    'my ?[2Jserver é'
    """
    return "".join(one if one.isprintable() else "?" for one in text)


def to_json(findings: Sequence[Finding]) -> str:
    """Give one JSON object: `ok`, and under `findings` for each `check`, `level`, `text` and `fix`."""
    listed = [{"check": one.check, "level": one.level.value, "text": one.text, "fix": one.fix} for one in findings]
    return json.dumps({"ok": is_well(findings), "findings": listed}, indent=2)
