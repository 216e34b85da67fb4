"""
What stands within a line: links and images show where they lead, formulas become code.

Inline code is drawn as it is, and so is everything that is not closed.
"""

import re
from collections.abc import Callable

from bot.chat.text.draw.steps import HOLD_CHARS, ZERO_WIDTH_SPACE, Fenced, Inline, Start, Step, Wait, apart, tame

MARK_CHARS = 32
"""No code is opened by more backticks."""

_SPECIAL = re.compile(r"[\n\\`$\[\]!<]")
_RUN = re.compile(rf"`{{1,{MARK_CHARS + 1}}}+")
_CLOSING = {size: re.compile(rf"(?<!`)`{{{size}}}(?!`)") for size in (1, 2)}
_BLOCK = re.compile(r"\n[ \t]*+(?:[\n\-+*>#|~\d]|`{3})")
"""A line that begins another block, so that inline code would have to end before it."""
_BRACKET = re.compile(r"\\.|[\[\]]")
_PARENTHESIS = re.compile(r"\\.|[()]")
_DOLLAR = re.compile(r"\\.|[$`]")
_BREAK = re.compile(r"<(?:b(?:r(?:[ \t]{0,3}+(?:/(?P<a>>)?|(?P<b>>))?)?)?)?", re.IGNORECASE)
_TARGET = re.compile(r"<?(?P<url>[^\s<>]+)>?(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?")
_WORD = re.compile(r"[A-Za-z]{2}")
_NESTED, _DEEP = 2, 3


def read_inline(state: Inline, text: str, at: int, *, ended: bool) -> Step | Wait:
    """Read up to the next mark, or what begins with it, or to the end of the line."""
    found = _SPECIAL.search(text, at)
    stop = found.start() if found else len(text)
    plain = Inline(state.quoted)
    if found and text[stop] == "\n":
        return Step(text[at : stop + 1], stop + 1, Start(), plain=plain)
    if stop > at:
        return Step(text[at:stop], stop, plain, plain=plain)
    return _Construct(state, text, at, ended=ended).read()


def drawn(source: str) -> str:
    """Draw what stands in one line."""
    source, parts, at = tame(source), [], 0
    state = Inline()
    while at < len(source):
        step = read_inline(state, source, at, ended=True)
        assert isinstance(step, Step), "a text that has ended leaves nothing to wait for"
        parts.append(step.drawn)
        at, state = step.end, step.state if isinstance(step.state, Inline) else Inline()
    return "".join(parts)


class _Construct:
    """What begins with a mark."""

    def __init__(self, state: Inline, text: str, at: int, *, ended: bool) -> None:
        self._state, self._text, self._at, self._ended = state, text, at, ended
        limit = at + HOLD_CHARS
        newline = text.find("\n", at, limit)
        self._stop = newline if newline >= 0 else min(limit, len(text))
        """Where the line ends, or what is held of it."""
        self._cut_short = newline < 0 and len(text) < limit
        """Whether the line may go on past what is there."""

    def read(self) -> Step | Wait:
        readers: dict[str, Callable[[], Step | Wait]] = {
            "\\": self._escape,
            "`": self._code,
            "$": self._dollars,
            "[": self._link,
            "]": self._bracket,
            "!": self._image,
            "<": self._break,
        }
        return readers[self._text[self._at]]()

    def _escape(self) -> Step | Wait:
        after = self._text[self._at + 1 : self._at + 2]
        if not after and not self._ended:
            return Wait()
        if after in {"(", "["}:
            return self._closed_by({"(": "\\)", "[": "\\]"}[after], legible=True)
        if after == "]":
            return self._bracket()
        return self._take(1 if after == "\n" else 1 + len(after))

    def _bracket(self) -> Step | Wait:
        """Keep a bracket from a target: Discord would hide where it leads, also where this is no link in Markdown."""
        end = self._text.index("]", self._at) + 1
        if end == len(self._text) and not self._ended:
            return Wait()
        part = ZERO_WIDTH_SPACE if self._text.startswith("(", end) else ""
        return self._draw(self._text[self._at : end] + part, end, known=min(end + 1, len(self._text)))

    def _dollars(self) -> Step | Wait:
        if self._text.startswith("$$", self._at):
            return self._closed_by("$$", legible=False)
        if self._at + 1 == len(self._text) and not self._ended:
            return Wait()
        return self._dollar()

    def _dollar(self) -> Step | Wait:
        text, at = self._text, self._at
        if text[at + 1 : at + 2].isspace():
            return self._take(1, known=at + 2)
        found = _DOLLAR.search(text, at + 1, self._stop)
        while found and found[0][0] == "\\":
            found = _DOLLAR.search(text, found.end(), self._stop)
        if found is None:
            return self._open()
        if found.end() == len(text) and not self._ended:
            return Wait()
        formula, after = text[at + 1 : found.start()], text[found.end() : found.end() + 1]
        known = min(found.end() + 1, len(text))
        if found[0] == "$" and not after.isalnum() and _is_formula(formula):
            return self._formula(formula, found.end(), known)
        return self._take(1, known)

    def _closed_by(self, closing: str, *, legible: bool) -> Step | Wait:
        """Read a formula within two marks of two code points; `legible`: what is open may be drawn as one as well."""
        begin = self._at + 2
        end = self._text.find(closing, begin, self._stop)
        if end < 0 and self._cut_short and not self._ended:
            return Wait()
        formula = self._text[begin : end if end >= 0 else self._stop]
        if "`" in formula or not formula.strip() or (end < 0 and not (legible and self._cut_short)):
            return self._take(2, known=end + 2 if end >= 0 else self._past_stop())
        return self._formula(formula, end + 2 if end >= 0 else self._stop)

    def _code(self) -> Step | Wait:
        text, at = self._text, self._at
        run = _RUN.match(text, at)
        assert run is not None, "it begins with the mark that led here"
        begin, mark = run.end(), run[0]
        if len(mark) > MARK_CHARS:
            return self._stray(mark, begin)
        if begin == len(text) and not self._ended:
            return Wait()
        return self._draw("```", begin, Fenced(mark, None, self._state.quoted)) if len(mark) >= 3 else self._span(mark)

    def _span(self, mark: str) -> Step | Wait:
        text, begin, limit = self._text, self._at + len(mark), self._at + HOLD_CHARS
        closing = _CLOSING[len(mark)].search(text, begin + 1, limit)
        end = closing.start() if closing and closing.end() < limit else None
        if block := _BLOCK.search(text, begin, limit if end is None else end):
            return self._stray(mark, block.end())
        if end is None and (len(text) >= limit or self._ended):
            return self._stray(mark, min(limit, len(text)))
        if end is None or (end + len(mark) == len(text) and not self._ended):
            return Wait()
        known = min(end + len(mark) + 1, len(text))
        return self._draw(mark + tame(text[begin:end]) + mark, end + len(mark), known=known)

    def _stray(self, mark: str, known: int) -> Step:
        """Draw backticks that open nothing so that Discord does not take them for more, either."""
        return self._draw("\\`" * len(mark), self._at + len(mark), known=known)

    def _image(self) -> Step | Wait:
        if self._at + 1 == len(self._text) and not self._ended:
            return Wait()
        if self._text.startswith("[", self._at + 1):
            return self._link(self._at + 1)
        return self._take(1, known=min(self._at + 2, len(self._text)))

    def _link(self, opened: int | None = None) -> Step | Wait:
        """Read `[label](target)`, or fail as soon as that is known."""
        begin = self._at if opened is None else opened
        label_end, known = self._balanced(_BRACKET, begin, _NESTED)
        if label_end is None:
            return self._undecided(begin, known)
        if label_end >= len(self._text):
            return self._take(begin + 1 - self._at) if self._ended else Wait()
        if self._text[label_end] != "(":
            return self._take(begin + 1 - self._at, known=label_end + 1)
        end, known = self._balanced(_PARENTHESIS, label_end, _DEEP)
        if end is None:
            return self._undecided(begin, known)
        target = _TARGET.fullmatch(self._text[label_end + 1 : end - 1].strip())
        if target is None:
            return self._take(begin + 1 - self._at, known=end)
        return self._draw(_shown_link(self._text[begin + 1 : label_end - 1], target["url"]), end)

    def _balanced(self, pattern: re.Pattern[str], begin: int, deepest: int) -> tuple[int | None, int | None]:
        """Tell where the bracket at `begin` is closed, or else where it is known that it is not."""
        depth = 0
        for found in pattern.finditer(self._text, begin, self._stop):
            if found[0] in "([":
                depth += 1
            elif found[0] in ")]":
                depth -= 1
            if depth == 0:
                return found.end(), None
            if depth > deepest:
                return None, found.end()
        return None, None

    def _undecided(self, begin: int, known: int | None) -> Step | Wait:
        if known is None and self._cut_short and not self._ended:
            return Wait()
        return self._take(begin + 1 - self._at, known=known or self._past_stop())

    def _break(self) -> Step | Wait:
        found = _BREAK.match(self._text, self._at)
        assert found is not None, "it begins with the mark that led here"
        end = found.end()
        if end == len(self._text) and not self._ended:
            return Wait()
        known = min(end + 1, len(self._text))
        if not (found["a"] or found["b"]):
            return self._take(1, known)
        line = "\n> " if self._state.quoted else "\n"
        word = self._text[end:known].isalpha()  # anything else must not be taken for the start of a list, say
        return self._draw(line + ("" if word else ZERO_WIDTH_SPACE), end, known=known)

    def _formula(self, formula: str, end: int, known: int = 0) -> Step:
        return self._draw(f"`{formula.strip()}`", end, known=known)

    def _open(self) -> Step | Wait:
        """What is not closed is drawn as it is, once that is known."""
        return Wait() if self._cut_short and not self._ended else self._take(1, known=self._past_stop())

    def _take(self, size: int, known: int = 0) -> Step:
        return self._draw(self._text[self._at : self._at + size], self._at + size, known=known)

    def _draw(self, text: str, end: int, state: Fenced | None = None, known: int = 0) -> Step:
        text = apart(text, ticked=self._state.ticked)
        return Step(text, end, state or Inline(self._state.quoted, text.endswith("`")), known)

    def _past_stop(self) -> int:
        return min(self._stop + 1, self._at + HOLD_CHARS, len(self._text))


def _is_formula(formula: str) -> bool:
    """Tell a formula from amounts of money."""
    if not formula or formula[-1].isspace() or "`" in formula:
        return False
    return not formula[0].isdigit() or "\\" in formula or _WORD.search(formula) is None


def _shown_link(label: str, url: str) -> str:
    """Say where a link leads; nothing unfurls that stands between angle brackets."""
    target = f"<{url}>" if url.startswith(("http://", "https://")) else url
    label = drawn(label).strip()
    if not label or label in {url, url.partition("://")[2], url.removeprefix("mailto:")}:
        return tame(target)
    return tame(f"{label} ({target})")
