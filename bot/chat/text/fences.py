"""
Which parts of a message Discord draws as code blocks.

Discord's dialect is not CommonMark: three backticks open a block anywhere in a line, and the next three end it,
wherever they are; tildes open nothing. Longer fences are read as CommonMark reads them, whole lines alone.
"""

import re
from dataclasses import dataclass

from bot.chat.text.spans import InlineCode

MARGIN_CHARS, MARK_CHARS = 8, 8
"""A fence deeper in its line than this is reopened at the margin; a longer run of marks is no fence."""

CLOSING_CHARS = 1 + MARGIN_CHARS + MARK_CHARS
"""The most that closing a fence takes."""

QUOTE = re.compile(r"(?:[ \t]*+>[ \t])*+")

_MARK = re.compile(r"[\\`]")
_TOKEN = re.compile(rf"\\[^0-9A-Za-z\s]|(?P<fence>`{{3,{MARK_CHARS}}}(?!`))|(?P<ticks>`{{1,2}}(?!`))|`+|\\")
OWN_LINE = re.compile(r"(?:[ \t]*+>)*+[ \t]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+")
_INFO = re.compile(r"(?:(?!```)[^\n])*+")
LANGUAGE = re.compile(r"[ \t]*([\w+#.-]{1,32})(?!\S)")
_TICKS = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Fence:
    """`margin` is what its lines begin with: a quote's `> `, a list's indent."""

    margin: str
    mark: str
    language: str

    @property
    def closing(self) -> str:
        return self.margin + self.mark

    def reopening(self, *, mid_line: bool) -> str:
        rest = self.margin if mid_line and self.quoted else ""
        return f"{self.margin}{self.mark}{self.language}\n{rest}"

    @property
    def quoted(self) -> bool:
        return ">" in self.margin

    @property
    def cost(self) -> int:
        return len(self.reopening(mid_line=True)) + len("\n") + len(self.closing)


@dataclass(frozen=True, slots=True)
class Block:
    """A code block from `start` to `end`, both exclusive of other text; its info string begins at `info`."""

    fence: Fence
    start: int
    info: int
    end: int
    closed: bool


def blocks(page: str, budget: int) -> list[Block]:
    """Find the code blocks; a fence counts only if closing and reopening it takes at most `budget` code points."""
    found: list[Block] = []
    spans = InlineCode(page)
    at = 0
    while (mark := _MARK.search(page, at)) is not None:  # by far the fastest way over plain text
        token = _TOKEN.match(page, mark.start())
        at = token.end() if token else mark.end()
        if token and token["ticks"]:
            at = spans.end(at, len(token[0])) or at
        block = _block(page, token) if token and token["fence"] else None
        if block is not None and block.fence.cost <= budget:
            found.append(block)
            at = block.end
    return found


def info_end(page: str, at: int) -> int:
    """Where the info string that begins at a position ends: at the line's end, or at marks that end the block."""
    info = _INFO.match(page, at)
    return info.end() if info else at


def _block(page: str, token: re.Match[str]) -> Block | None:
    line = page.rfind("\n", 0, token.start()) + 1
    before, mark, info = page[line : token.start()], token[0], token.end()
    own_line = OWN_LINE.fullmatch(before) is not None
    fence = Fence(_margin(before, own_line=own_line), mark, _language(page, info))
    start = line if own_line else token.start()
    end = _end(fence).search(page, info)
    if end is None:
        return Block(fence, start, info, len(page), closed=False)
    return Block(fence, start, info, end.end(), closed=True)


def _end(fence: Fence) -> re.Pattern[str]:
    """Find the closing marks, or the line that leaves the quote in which the block stands."""
    if fence.mark == "```" and not fence.quoted:
        return _TICKS
    own_line = rf"^[ \t>]*{fence.mark}`*[ \t]*$"
    end = "`{3,}" if fence.mark == "```" else own_line
    return re.compile(end + (r"|^(?![ \t]*>)(?=[\s\S])" if fence.quoted else ""), re.MULTILINE)


def _margin(before: str, *, own_line: bool) -> str:
    quote = QUOTE.match(before)
    margin = re.sub(r"[^>\s]", " ", before) if own_line else quote[0] if quote else ""
    return margin if len(margin) <= MARGIN_CHARS else ""


def _language(page: str, at: int) -> str:
    end = info_end(page, at)
    language = LANGUAGE.match(page, at, end) if page.startswith("\n", end) else None
    return language[1] if language else ""
