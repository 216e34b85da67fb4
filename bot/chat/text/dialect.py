"""How Discord reads one message: where its markup stands, and which code fence is open at each point."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from bot.chat.text.fences import MARGIN_CHARS, QUOTE, Block, Fence, blocks, info_end
from bot.chat.text.spans import InlineCode

_TOKEN = re.compile(
    r"""
    (?P<paragraph> \n [ \t]* \n )
  | (?P<line> \n )
  | (?P<block> ^ [ \t]* (?: (?: > | [-+*] | -\# | \#{1,3} | \d{1,9}[.)] ) [ \t]+ )+ )
  | (?P<atom>
        \\ [^0-9A-Za-z\s]
      | <[@\#:/athi][^<>\n`]{0,200}(?:>|\Z)                        # mention, emoji, time, command, guide, HTML
      | \(?<https?://[^\s<>`]*+(?:>\)?|\Z)                               # as links are shown
      | https?://[^\s<>`]+
      | \[ (?:\\.|[^\[\]\\\n])*+ \] \( (?:\\.|[^()\\\n]|\([^()\n]*\))*+ \)
      | `{3,}
    )
  | (?P<mark> \*{1,3} | _{1,3} | ~~ | \|\| )
  | (?P<ticks> `{1,2} )
  | (?P<bracket> [\[\])] )
    """,
    re.VERBOSE | re.MULTILINE,
)
_SPOILER = "||"
"""Reaches past a paragraph, and may begin with a space; a cut in it would show what it hides."""


@dataclass(slots=True)
class Layout:
    """
    The markup of one page. `atoms` must not be cut if that can be helped, `spans` better not: each is (start, end).

    A span whose end is not there yet reaches to the end of the page.
    """

    page: str
    budget: int
    blocks: list[Block]
    atoms: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def fence(self, at: int) -> Fence | None:
        """The fence that is open at a position."""
        before = bisect_right(self.blocks, at, key=lambda block: block.info)
        block = self.blocks[before - 1] if before else None
        return block.fence if block and (at < block.end or not block.closed) else None

    def closing(self, at: int) -> str:
        """What a page that ends here must end with."""
        fence = self.fence(at)
        if fence is None:
            return ""
        return fence.closing if self.page.endswith("\n", 0, at) else "\n" + fence.closing

    def reopening(self, at: int) -> str:
        """What a page that goes on from here must begin with."""
        fence, mid_line = self.fence(at), not self.page.endswith("\n", 0, at)
        if fence is not None:
            return fence.reopening(mid_line=mid_line)
        quote = QUOTE.match(self.page, self.page.rfind("\n", 0, at) + 1, at)
        return quote[0] if quote and mid_line and len(quote[0]) <= min(self.budget, MARGIN_CHARS) else ""


def outline(page: str, budget: int) -> Layout:
    """Read the code blocks of a page; see `fences.blocks` for `budget`."""
    return Layout(page, budget, blocks(page, budget))


def scan(page: str, budget: int) -> Layout:
    """Read all markup of a page."""
    layout = outline(page, budget)
    _Scan(layout).run()
    return layout


class _Scan:
    def __init__(self, layout: Layout) -> None:
        self._layout, self._page = layout, layout.page
        self._code = InlineCode(layout.page)
        self._open: dict[str, int] = {}

    def run(self) -> None:
        at = 0
        for block in self._layout.blocks:
            self._outside(at, block.start)
            self._inside(block)
            at = block.end
        self._outside(at, len(self._page))
        self._layout.spans += [(start, len(self._page)) for start in self._open.values()]

    def _outside(self, start: int, end: int) -> None:
        while (token := _TOKEN.search(self._page, start, end)) is not None:
            start = token.end()
            match token.lastgroup:
                case "ticks" if (closed := self._code.end(start, len(token[0]))) and closed <= end:
                    self._atom(token.start(), closed)
                    start = closed
                case "paragraph":
                    self._forget(keep={_SPOILER})
                case "line":
                    self._forget(keep=self._open.keys() - {"*", "_", "["})
                case "block":
                    self._atom(token.start(), token.end() + 1)
                case "mark" | "ticks":
                    self._mark(token)
                case "bracket":
                    self._bracket(token)
                case _:
                    self._atom(*token.span())

    def _inside(self, block: Block) -> None:
        """Keep the opening together with the first code, and the end with the last: nobody wants a block of nothing."""
        self._forget(keep={_SPOILER})
        info = info_end(self._page, block.info)
        if self._page.startswith("```", info):
            info = block.info
        code = self._page[info : block.end]
        first = info + len(code) - len(code.lstrip())
        last = info + len(code.rstrip(" \t\n>`"))
        self._atom(block.start, first + 1)
        self._atom(max(first, last - 1), block.end)

    def _mark(self, token: re.Match[str]) -> None:
        mark, (start, end) = token[0], token.span()
        self._atom(start, end)
        left, right = self._page[start - 1 : start] or " ", self._page[end : end + 1] or " "
        if mark[0] == "_" and left.isalnum() and right.isalnum():
            return
        opened = self._openers(mark)
        if opened and (mark == _SPOILER or not left.isspace()):
            self._close(min(opened), end)
        elif mark in {_SPOILER, "`", "``"} or not (right.isspace() or (mark[0] == "_" and left.isalnum())):
            self._open.setdefault(mark, start)

    def _openers(self, mark: str) -> list[int]:
        if mark[0] == "`":  # a closed one is an atom, so this is another that may be closed later
            return []
        parts = {mark, mark[0], mark[:2]} if len(mark) == 3 else {mark}
        return [self._open[part] for part in parts if part in self._open]

    def _bracket(self, token: re.Match[str]) -> None:
        if token[0] == "[":
            self._open.setdefault("[", token.start())
        elif token[0] == ")" or self._page[token.end() : token.end() + 1] not in {"(", ""}:
            self._open.pop("[", None)

    def _close(self, start: int, end: int) -> None:
        self._layout.spans.append((start, end))
        self._open = {mark: at for mark, at in self._open.items() if at < start}

    def _atom(self, start: int, end: int) -> None:
        self._layout.atoms.append((start, min(end, len(self._page))))

    def _forget(self, keep: set[str]) -> None:
        self._open = {mark: at for mark, at in self._open.items() if mark in keep}
