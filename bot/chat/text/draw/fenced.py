"""
Code blocks: Discord knows three backticks and nothing else, and ends the block at the next three.

So all fences become three backticks, and what looks like them within the code is broken up.
"""

import re
from dataclasses import replace

from bot.chat.text.draw.steps import HOLD_CHARS, Fenced, Inline, Start, Step, Wait, tame
from bot.chat.text.fences import LANGUAGE, OWN_LINE

_OPENING = re.compile(r"(?P<mark>`{3,}+|~{3,}+)(?P<info>[^\n]*+)")
_CLOSING = re.compile(r"(?P<margin>[ \t>]*+)(?P<mark>`++|~++|)[ \t\r]*+")
_MARGIN = re.compile(r"[ \t]*+")
_MARKS = re.compile(rf"`{{1,{HOLD_CHARS}}}")
_LINE = re.compile(r"[^\n]*+\n?")


def open_fence(text: str, at: int, stop: int, *, whole: bool) -> Step | None:
    """Read a line that opens a block, None if it does not: up to `stop` if that is its end, else as much is held."""
    prefix = OWN_LINE.match(text, at, stop)
    opening = _OPENING.match(text, prefix.end() if prefix else at, stop)
    if prefix is None or opening is None:
        return None
    mark, info = opening["mark"], opening["info"]
    if mark[0] == "`" and "`" in info:
        return None
    quoted, margin = ">" in prefix[0], _indent(prefix[0])
    if not whole:  # too long for an info string: it goes with the code
        return Step(prefix[0] + "```\n", opening.end("mark"), Fenced(mark, margin, quoted), known=stop)
    language = LANGUAGE.match(info)
    end = min(stop + 1, len(text))
    opened = f"{prefix[0]}```{language[1] if language else ''}\n"
    return Step(opened, end, Fenced(mark, margin, quoted, fresh=True), known=end)


def read_fenced(state: Fenced, text: str, at: int, *, ended: bool) -> Step | Wait:
    """Read the end of a block, or code up to the end of a line or to marks within it."""
    ending: Step | Wait | int = at
    if state.fresh and state.quoted:
        ending = _leave_quote(text, at, ended=ended)
    if state.fresh and state.margin is not None and isinstance(ending, int):
        ending = _close(state, state.margin, text, at, ended=ended)
    return _code(state, text, at, ending, ended=ended) if isinstance(ending, int) else ending


def _leave_quote(text: str, at: int, *, ended: bool) -> Step | Wait | int:
    """End the block with its quote, or tell how far the line had to be read to see that it goes on."""
    limit = at + HOLD_CHARS
    end = _end(_MARGIN.match(text, at, limit), at)
    if end == len(text) < limit and not ended:
        return Wait()
    known = min(end + 1, limit, len(text))
    return known if end < limit and text.startswith(">", end) else Step("> ```\n", at, Start(), known)


def _close(state: Fenced, margin: int, text: str, at: int, *, ended: bool) -> Step | Wait | int:
    """End the block, or tell how far the line had to be read to see that it does not."""
    limit = at + HOLD_CHARS
    found = _CLOSING.match(text, at, limit)
    end = _end(found, at)
    if end == len(text) < limit and not ended:
        return Wait()
    known = min(end + 1, limit, len(text))
    alone = end < limit and (end == len(text) or text[end] == "\n")
    if found is None or not alone or not found["mark"].startswith(state.mark):
        return known
    if _indent(found["margin"]) > margin + 3 or (">" in found["margin"] and not state.quoted):
        return known
    return Step(found["margin"] + "```", end, Inline(state.quoted), known)


def _code(state: Fenced, text: str, at: int, known: int, *, ended: bool) -> Step | Wait:
    inside = Fenced(state.mark, state.margin, state.quoted)
    line_end = _end(_LINE.match(text, at), at)
    marks = _MARKS.search(text, at, line_end)
    if marks is None or marks.start() > at:
        end = marks.start() if marks else line_end
        after = replace(inside, fresh=text[end - 1] == "\n")
        return Step(text[at:end], end, after, known, plain=inside)
    if marks.end() == len(text) and not ended and len(marks[0]) < HOLD_CHARS:
        return Wait()
    known = max(known, min(marks.end() + 1, len(text)))
    if state.margin is None and len(marks[0]) >= len(state.mark):
        return Step("```", marks.end(), Inline(state.quoted, ticked=True), known)
    return Step(tame(marks[0]), marks.end(), inside, known)


def _indent(prefix: str) -> int:
    prefix = prefix.expandtabs(4)
    return len(prefix) - prefix.rfind(">") - 1


def _end(found: re.Match[str] | None, at: int) -> int:
    return found.end() if found else at
