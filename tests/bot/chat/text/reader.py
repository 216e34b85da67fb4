"""Readers of pages that share nothing with the code under test, and the texts that are put to it."""

import re
import unicodedata

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.chat.text.draw.drawing import Drawing

SENTINEL = "Nobody but the test wrote this."


def visible(text: str) -> str:
    """The text without anything that draws nothing."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in "ZC")


def contains(text: str, part: str) -> bool:
    """True if all of `part` stands in `text` in its order, whatever stands between."""
    chars = iter(text)
    return all(char in chars for char in part)


def leaves_a_fence_open(page: str) -> bool:
    """As CommonMark reads it: whether what follows the page would be drawn as code."""
    tokens = MarkdownIt("commonmark").parse(f"{page}\n\n{SENTINEL}")
    return any(SENTINEL in token.content for token in tokens if token.type in {"fence", "code_block"})


def code(page: str) -> str:
    """As CommonMark reads it: what is drawn as code, without white space."""
    tokens = MarkdownIt("commonmark").parse(page)
    return re.sub(r"\s", "", "".join(token.content for token in tokens if token.type == "fence"))


def fenced_blocks(page: str) -> list[tuple[str, str]]:
    """As CommonMark reads it: the language and the code of each fenced block."""
    return [(token.info, token.content) for token in MarkdownIt("commonmark").parse(page) if token.type == "fence"]


def drawn(text: str, sizes: list[int] | None = None) -> str:
    """The whole drawing of a text."""
    drawing = Drawing()
    pieces = [piece for part in chunked(text, sizes or [len(text) + 1]) for piece in drawing.feed(part)]
    return "".join(piece.text for piece in pieces) + drawing.rest


_REOPENING = re.compile(r"(?:[ >]{0,8}```[\w+#.-]*\n)?(?:> )*")
_CLOSING = re.compile(r"\n?[ >]{0,8}```\Z")


def cuts(text: str, pages: list[str]) -> list[int] | None:
    """
    Tell where in a text its pages end, or None if they are not the text.

    A page may begin and end with what a pager has to put there, and what nobody sees may be left out between two.
    """

    def follow(at: int, number: int) -> list[int] | None:
        if number == len(pages):
            return [] if not visible(text[at:]) else None
        for body in _bodies(pages[number]):
            begin = text.find(body, at)
            if begin >= 0 and not visible(text[at:begin]):
                rest = follow(begin + len(body), number + 1)
                if rest is not None:
                    return [begin + len(body), *rest]
        return None

    return follow(0, 0)


def _bodies(page: str) -> list[str]:
    opening, closing = _REOPENING.match(page), _CLOSING.search(page)
    begins = {0, opening.end() if opening else 0}
    ends = {len(page), closing.start() if closing else len(page)}
    quotes = re.match(r"(?:> )+", page)
    begins.add(quotes.end() if quotes else 0)
    return sorted({page[begin:end] for begin in begins for end in ends if begin < end}, key=len, reverse=True)


def chunked(text: str, sizes: list[int]) -> list[str]:
    """Cut a text into pieces of these sizes, over and over."""
    pieces, at = [], 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    return pieces


SIZES = st.lists(st.integers(1, 90), min_size=1, max_size=5)

_WORDS = [
    "word ",
    "Sentence. ",
    "a",
    " ",
    "\n",
    "\n\n",
    "שלום ",
    "漢字。",
    "e\u0301",
    "👩\u200d🚒",
    "🇫🇷",
    "\x00",
    "\u200b",
]
_MARKUP = [
    "**",
    "__",
    "*",
    "_",
    "~~",
    "||",
    "[a](http://x.yz)",
    "[",
    "](",
    "<@123>",
    "<:e:12>",
    "https://x.yz/ab",
    "\\",
]
_FENCES = ["```py\n", "```\n", "`", "``", "~~~\n", "````md\n", "````\n", "> ", "- ```\n", "> ```js\n> a\n", "   ```c\n"]


def repeated(pieces: list[str], most: int = 25) -> st.SearchStrategy[str]:
    piece = st.tuples(st.sampled_from(pieces), st.sampled_from([1, 1, 1, 2, most]))
    return st.lists(piece, max_size=40).map(lambda parts: "".join(text * times for text, times in parts))


ANYTHING = repeated([*_WORDS, *_MARKUP, *_FENCES]) | st.text(max_size=300)
"""Text that may hold any of Discord's markup, in any order."""

_MODELS = [
    "| a | b |\n|---|:-:|\n",
    "| `x` | **y** [z](http://x.yz) |\n",
    "|" + " wide cell of words" * 4 + " | x<br>y |\n",
    "> | a | b |\n> |-|-|\n",
    "a|b\n-|-\n",
    "|",
    "-",
    "$$",
    "$x_1$",
    "$",
    "\\(a_1",
    "\\)",
    "\\[",
    "\\]",
    "![image](https://x.yz/a.png)",
    "#### ",
    "---\n",
    "- [ ] ",
    "<br>",
    "(",
    ")",
    "]",
    "\u0600",
]

MODELS = repeated([*_WORDS, *_MARKUP, *_FENCES, *_MODELS]) | ANYTHING
"""Text that may hold anything that a model writes, in any order."""

MARKED_UP = repeated(
    [*_WORDS, *(mark for mark in _MARKUP if mark not in {"~~", "\\"}), "```py\n", "```\n", "so: ```js\n", "end.``` "]
)
"""Text with fences of three backticks wherever, but no other fence, backtick or escape: so they can be counted."""


@st.composite
def commonmark(draw: st.DrawFn, marks: str = "`~") -> str:
    """A document whose code stands in fences of such marks, each on lines of its own; the last may be left open."""
    blocks = draw(
        st.lists(_block(marks) | st.sampled_from(["Some text.\n\n", "- item\n- item\n\n"]), min_size=1, max_size=6)
    )
    document = "".join(blocks)
    return document[: draw(st.integers(0, len(document)))] if draw(st.booleans()) else document


@st.composite
def _block(draw: st.DrawFn, marks: str) -> str:
    mark = draw(st.sampled_from(marks)) * draw(st.integers(3, 5))
    indent = draw(st.sampled_from(["", "", " ", "   ", "> "]))
    lines = draw(
        st.lists(st.sampled_from(["x = 1", "", "    return None", "word " * 30, "y" * 70]), min_size=1, max_size=12)
    )
    inner = ["```py", "code", "```"] if len(mark) > 3 and draw(st.booleans()) else []
    block = [mark + draw(st.sampled_from(["", "python", "c++"])), *lines, *inner, mark]
    return "".join(f"{indent}{line}\n" for line in block) + "\n"
