"""
What the start of a line says of it: fences, headings, rules, display formulas, tables, tasks.

Few lines have to be there as a whole before they are drawn; of the others only the first `FIRST_CHARS` are held, since
they may still turn out to be a table's head.
"""

import re

from bot.chat.text.draw.fenced import open_fence
from bot.chat.text.draw.grids import unbold
from bot.chat.text.draw.inline import drawn, read_inline
from bot.chat.text.draw.steps import Inline, Step, Wait, knowing, tame
from bot.chat.text.draw.tables import LINE_CHARS, open_table
from bot.chat.text.fences import OWN_LINE

FIRST_CHARS = 48
"""Where a line of a table must have its first pipe."""

FORMULA_CHARS = 1000
"""The most that a display formula takes."""

RULE = "⎯" * 8

_PREFIX = OWN_LINE.pattern
_KIND = re.compile(
    rf"""
    (?P<fence> {_PREFIX} (?: `{{3}} | ~{{3}} ) )
  | (?P<rule> (?: [ \t]*+ > )*+ [ \t]*+ [-*_] [-*_ \t\r]*+ \Z )
  | (?P<heading> {_PREFIX} \#{{4,6}} [ \t] )
  | (?P<formula> [ \t]*+ (?: \$\$ | \\\[ ) )
  | (?P<task> {_PREFIX} (?<=[ \t]) \[ [ xX] \] [ \t] )
  | (?P<table> [ \t>]*+ (?: [^|\\\n] | \\. )*+ \| )
    """,
    re.VERBOSE,
)
_RULE = re.compile(r"(?P<prefix>(?:[ \t]*+>)*+[ \t]*+)(?P<mark>[-*_])(?:[ \t]*+(?P=mark)){2,}+[ \t\r]*+")
_HEADING = re.compile(rf"(?P<prefix>{_PREFIX})#{{4,6}}[ \t]+(?P<title>.*?)[ \t]*#*[ \t\r]*")
_FORMULA = re.compile(r"[ \t]*+(?P<mark>\$\$|\\\[)")
_GAP = re.compile(r"\n[ \t\r]*\n")
_TAIL = re.compile(r"[ \t\r]*+")


def read_line(text: str, at: int, *, ended: bool) -> Step | Wait:
    """Read what the line that begins here is, or begins with."""
    newline = text.find("\n", at, at + LINE_CHARS)
    stop = newline if newline >= 0 else min(at + LINE_CHARS, len(text))
    whole = newline >= 0 or (ended and stop == len(text))
    held = whole or stop == at + LINE_CHARS
    if not held and stop - at < FIRST_CHARS:
        return Wait()
    first = min(stop, at + FIRST_CHARS)
    known = first if first < stop else min(stop + 1, len(text))
    kind = _KIND.match(text, at, first)
    if kind is None:
        return _inline(text, at, known, ended=ended)
    if kind.lastgroup == "formula":
        return _formula(text, at, known, ended=ended)
    if kind.lastgroup == "task":
        return Step(kind[0][:-4] + ("☐ " if kind[0][-3] == " " else "☑ "), kind.end(), Inline(">" in kind[0]), known)
    if not held:
        return Wait()
    return _whole_line(kind.lastgroup, text, at, stop, whole=whole, ended=ended)


def _whole_line(kind: str | None, text: str, at: int, stop: int, *, whole: bool, ended: bool) -> Step | Wait:
    known = min(stop + 1, len(text)) if whole else stop
    found: Step | Wait | int | None = None
    match kind:
        case "fence":
            found = open_fence(text, at, stop, whole=whole)
        case "rule" if whole and (rule := _RULE.fullmatch(text, at, stop)):
            found = Step(rule["prefix"] + RULE, stop, Inline(">" in rule["prefix"]), known)
        case "heading" if whole and (heading := _HEADING.fullmatch(text, at, stop)):
            title = drawn(unbold(heading["title"]))
            shown = heading["prefix"] + (f"**{title}**" if title else "")
            found = Step(shown, stop, Inline(">" in heading["prefix"], ticked=False), known)
        case "table" if whole:
            found = open_table(text, at, stop, ended=ended)
    if isinstance(found, int):
        known, found = found, None
    return found or _inline(text, at, known, ended=ended)


def _formula(text: str, at: int, known: int, *, ended: bool) -> Step | Wait:
    """Read a formula that stands on lines of its own; one that is still open is drawn as far as it goes."""
    begin, limit = at, at + FORMULA_CHARS
    if opening := _FORMULA.match(text, at):
        begin = opening.end()
    end = text.find("$$" if text.startswith("$$", begin - 2) else "\\]", begin, limit)
    gap = _GAP.search(text, begin, end if end >= 0 else limit)
    if gap or (end < 0 and len(text) >= limit):
        return _inline(text, at, max(known, gap.end() if gap else limit), ended=ended)
    if end < 0 and not ended:
        return Wait()
    content, after = text[begin : end if end >= 0 else len(text)].strip(), len(text)
    if end >= 0 and (tail := _TAIL.match(text, end + 2)):
        after = tail.end()
    if after == len(text) and not ended:
        return Wait()
    known = max(known, min(after + 1, len(text)))
    if not content or (after < len(text) and text[after] != "\n"):
        return _inline(text, at, known, ended=ended)
    return Step(f"```tex\n{tame(content)}\n```", after, Inline(ticked=True), known)


def _inline(text: str, at: int, known: int, *, ended: bool) -> Step | Wait:
    """Read no more than a line's text, now that it is known to be nothing else."""
    quoted = (prefix := OWN_LINE.match(text, at, at + FIRST_CHARS)) is not None and ">" in prefix[0]
    step = read_inline(Inline(quoted), text, at, ended=ended)
    return knowing(step, known) if isinstance(step, Step) else step
