"""
From what Discord shows of an answer back to its text, as far as that can be told.

Discord has trimmed the white space where pages were cut, and the drawing stands in the place of what the model wrote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.chat.text.fences import QUOTE, blocks
from bot.chat.text.links import restored
from bot.chat.text.pages import ATTACHMENT_NAME, MESSAGE_CHARS

_ABOVE = re.compile(r"(?P<preface>-# [^\n]*(?:\n|\Z))?(?:> \*\*(?P<question>(?:\\.|[^\\*_~|`\[\]\n])+)\*\*(?:\n|\Z))?")
_BELOW = re.compile(rf"^(?:-# …[^\n]*{re.escape(ATTACHMENT_NAME)}\n)?-# [^\n]*\Z", re.MULTILINE)
_ESCAPED = re.compile(r"\\(.)")
_ZERO_WIDTH_SPACE = "\u200b"

_LIST_ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]")
_BLOCK = re.compile(r"[ \t]*(?:>|#{1,3} |-# |`{3})")
_ENDED = re.compile(r"[.!?:…。！？`|*_)\]\"'”’]\Z")  # noqa: RUF001 - Chinese and Japanese sentences as well


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One message of an answer. What stands above is the answer's only on its first page, the caption on its last."""

    above: str
    """The lines before the text that look like ours, as they are."""
    question: str | None
    """What was asked, on one line, and shortened if it was long; None if there is no such line."""
    text: str
    caption: str
    """The lines after the text that look like ours, as they are; empty on a page that another follows."""


def read_page(content: str) -> ReadPage:
    r"""
    Take a message of an answer apart.

    >>> read_page("> **Why now?**\nBecause.\n-# stopped by Ann")
    ReadPage(above='> **Why now?**\n', question='Why now?', text='Because.', caption='-# stopped by Ann')
    """
    content = content.strip()
    above = _ABOVE.match(content)
    assert above is not None, "it matches nothing as well"
    below = _BELOW.search(content, above.end())
    if below is None and above["preface"] and above["question"] is None and above.end() == len(content):
        return ReadPage("", None, "", content)  # a caption alone
    end = below.start() if below else len(content)
    text = restored(content[above.end() : end].strip("\n"))
    return ReadPage(above[0], _unescaped(above["question"]), text, content[end:])


def join(pages: Sequence[ReadPage], *, has_heading: bool = True) -> str:
    """
    Put an answer together from its pages, in their order; `has_heading` tells that we put the lines above the first.

    Where a cut was is a guess: a blank line after a sentence and beside a block, else a space.
    """
    if not pages:
        return ""
    texts = [page.text for page in pages]
    for number in range(len(pages)):
        if number or not has_heading:
            texts[number] = pages[number].above + texts[number]
        if number < len(pages) - 1 and pages[number].caption:
            texts[number] += "\n" + pages[number].caption
    joined = texts[0]
    for before, after in pairwise(texts):
        seam = _seam(before, after)
        if seam:
            joined = joined[: len(joined) - seam[0]] + after[seam[1] :]
        else:
            joined += _gap(before, after) + after
    return joined.strip()


def _unescaped(question: str | None) -> str | None:
    return None if question is None else _ESCAPED.sub(r"\1", question.replace(_ZERO_WIDTH_SPACE, ""))


def _seam(before: str, after: str) -> tuple[int, int] | None:
    """If a code block was closed and reopened between two pages, tell how much of either that takes."""
    found = blocks(before, MESSAGE_CHARS)
    if not found or not found[-1].closed or found[-1].end != len(before):
        return None
    mark, language = found[-1].fence.mark, re.escape(found[-1].fence.language)
    closing = re.search(rf"(?:(?<=\S )\n|(?<=\n))([ \t>]*){mark}\Z", before)  # after a space a line was cut
    reopening = re.match(rf"([ \t>]*){mark}{language}\n", after)
    if closing is None or reopening is None or (">" in closing[1]) != (">" in reopening[1]):
        return None
    rest = after[reopening.end() :]
    if closing[0][0] != "\n" or rest.lstrip(" \t>").startswith(mark):
        return len(closing[0].lstrip("\n")), reopening.end()
    margin = QUOTE.match(rest)
    return len(closing[0]), reopening.end() + (margin.end() if margin else 0)


def _gap(before: str, after: str) -> str:
    if not before or not after:
        return ""
    last_line = before.rpartition("\n")[2]
    if _LIST_ITEM.match(after) or (last_line.startswith(">") and after.startswith(">")):
        return "\n"
    is_apart = _ENDED.search(before) or _BLOCK.match(after) or _BLOCK.match(last_line)
    return "\n\n" if is_apart else " "
