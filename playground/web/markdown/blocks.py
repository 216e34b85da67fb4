"""Discord's blocks. They know lines and fences, and are far fewer than Markdown's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = "```"
LANGUAGE = re.compile(r"([\w+#.-]{1,32})\n")
HEADING = re.compile(r"(#{1,3})[ \t]+(?=\S)")
SUBTEXT = re.compile(r"-#[ \t]+(?=\S)")
ITEM = re.compile(r"([ \t]*)(?:([-*])|(\d{1,9})\.)[ \t]+(?=\S)")
CONTINUED = re.compile(r"[ \t]{2,}(?=\S)")
QUOTE, QUOTE_REST = "> ", ">>> "
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Text:
    """A run of lines, empty ones among them."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Subtext:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Item:
    """`depth` counts from 0; `number` is None in a list without numbers."""

    depth: int
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Item, ...]


Block = Text | Heading | Subtext | Code | Quote | Items


def split(text: str, *, quoted: bool = False) -> tuple[Block, ...]:
    r"""
    Give the blocks of a message. A quote holds no quotes.

    >>> split("# Hi\nthere\n> you")
    (Heading(level=1, text='Hi'), Text(text='there'), Quote(blocks=(Text(text='you'),)))
    """
    return tuple(Splitter(text, quoted=quoted).blocks())


class Splitter:
    """Reads a text once, line by line; `_at` is where it is."""

    def __init__(self, text: str, *, quoted: bool) -> None:
        self._source, self._quoted = text, quoted
        self._at = 0
        self._run: list[str] = []
        self._no_more_fences = False

    def blocks(self) -> Iterator[Block]:
        while self._at < len(self._source):
            block = self._quote() or self._titled() or self._list() or self._fenced()
            if block is None:
                self._run.append(self._take() + "\n")
                continue
            yield from self._text()
            yield block
        yield from self._text()

    def _text(self) -> Iterator[Text]:
        """Give what was said between blocks."""
        text = "".join(self._run).strip("\n")
        self._run.clear()
        if text.strip():
            yield Text(text)

    def _line(self) -> str:
        end = self._source.find("\n", self._at)
        return self._source[self._at : end if end >= 0 else len(self._source)]

    def _take(self) -> str:
        line = self._line()
        self._at += len(line) + 1
        return line

    def _quote(self) -> Quote | None:
        if self._quoted:
            return None
        if self._source.startswith(QUOTE_REST, self._at):
            rest, self._at = self._source[self._at + len(QUOTE_REST) :], len(self._source)
            return Quote(split(rest, quoted=True))
        lines: list[str] = []
        while self._source.startswith(QUOTE, self._at) or (lines and self._line() == QUOTE.strip()):
            lines.append(self._take()[len(QUOTE) :])
        return Quote(split("\n".join(lines), quoted=True)) if lines else None

    def _titled(self) -> Heading | Subtext | None:
        if match := HEADING.match(self._source, self._at):
            return Heading(len(match[1]), self._take()[len(match[0]) :])
        if match := SUBTEXT.match(self._source, self._at):
            return Subtext(self._take()[len(match[0]) :])
        return None

    def _list(self) -> Items | None:
        items: list[Item] = []
        indents: list[int] = []
        while self._at < len(self._source) and FENCE not in (line := self._line()):
            if match := ITEM.match(line):
                items.append(_item(match, indents, line))
            elif items and CONTINUED.match(line):
                last = items[-1]
                items[-1] = Item(last.depth, last.number, f"{last.text}\n{line.strip()}")
            else:
                break
            self._take()
        return Items(tuple(items)) if items else None

    def _fenced(self) -> Code | None:
        """Give the code that begins on this line; what stands before it there is text."""
        line = self._line()
        begin = line.find(FENCE)
        if self._no_more_fences or begin < 0 or line[:begin].endswith("\\"):
            return None
        inside = self._at + begin + len(FENCE)
        end = self._source.find(FENCE, inside + 1)
        if end < 0:
            self._no_more_fences = True
            return None
        match = LANGUAGE.match(self._source, inside, end)
        code = self._source[match.end() if match else inside : end].strip("\n")
        if not code:
            return None
        self._run.append(line[:begin])
        self._at = end + len(FENCE)
        if self._source.startswith("\n", self._at):
            self._at += 1
        return Code(match[1] if match else "", code)


def _item(match: re.Match[str], indents: list[int], line: str) -> Item:
    """Read a list's line; `indents` are those of the levels that are open."""
    indent = len(match[1].expandtabs(4))
    while indents and indents[-1] > indent:
        indents.pop()
    if (not indents or indents[-1] < indent) and len(indents) < DEEPEST:
        indents.append(indent)
    return Item(len(indents) - 1, int(match[3]) if match[3] else None, line[len(match[0]) :])
