"""
Discord's marks within a line, as rules of markdown-it.

Each rule reads one mark at `state.pos` and pushes tokens, which the renderer escapes; none makes HTML itself.
"""

import re
from collections.abc import Mapping
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from playground.web.markdown.names import Names
from playground.web.markdown.times import TIME, written

URL = re.compile(r"https?://[^\s<>]{1,2000}", re.IGNORECASE)
SCHEME = re.compile(r"(?<!\w)https?\Z", re.IGNORECASE)
BRACKETED = re.compile(r"<(https?://[^\s<>]{1,2000})>", re.IGNORECASE)
LABEL = re.compile(r"\[((?:\\.|[^\[\]\\]){1,1000})\]\(", re.DOTALL)
TARGET = re.compile(
    r"<?(https?://(?:[^\s<>()]|\([^\s<>()]{0,500}\)){1,2000})>?(?: +\"[^\"\n]{0,500}\")?\)", re.IGNORECASE
)
MENTION = re.compile(r"<(@!?|@&|#)(\d{1,20})>")
COMMAND = re.compile(r"<(/[-\w]{1,32}(?: [-\w]{1,32}){0,2}):(\d{1,20})>")
EMOJI = re.compile(r"<a?(:\w{2,32}:)\d{1,20}>")
EVERYONE = re.compile(r"@(?:everyone|here)\b")
ESCAPED = re.compile(r"\\([^a-zA-Z0-9\s])")
OF_THE_SENTENCE = ".,:;!?\"'*_~|"  # at the end of a bare address

LINK = {"target": "_blank", "rel": "noopener noreferrer nofollow"}
SPOILER = {"class": "spoiler", "role": "button", "tabindex": "0", "aria-label": "Spoiler"}


@cache
def engine() -> MarkdownIt:
    """Give a parser that knows Discord's marks and no others. `env["names"]` are the Names to use."""
    md = MarkdownIt("zero").enable(["backticks", "strikethrough", "emphasis"])
    md.inline.add_terminator_char("|")
    for rule in (_newline, _escaped, _address, _masked, _spoiler, _bracketed, _mention, _command, _emoji, _time, _all):
        md.inline.ruler.push(rule.__name__, rule)
    md.inline.ruler2.after("emphasis", "underline", _underline)
    md.add_render_rule("hardbreak", _break)
    return md


def _break(*_: object) -> str:
    return "<br>"


def _put(state: StateInline, tag: str, attributes: Mapping[str, str], text: str) -> None:
    """Push an element that holds nothing but text."""
    state.push("mark_open", tag, 1).attrs = dict(attributes)
    state.push("text", "", 0).content = text
    state.push("mark_close", tag, -1)


def _nest(state: StateInline, tag: str, attributes: Mapping[str, str], begin: int, end: int) -> None:
    """Push an element that holds what stands between `begin` and `end`, marks included."""
    most = state.posMax
    state.push("mark_open", tag, 1).attrs = dict(attributes)
    state.pos, state.posMax = begin, end
    state.md.inline.tokenize(state)
    state.posMax = most
    state.push("mark_close", tag, -1)


def _match(state: StateInline, pattern: re.Pattern[str]) -> re.Match[str] | None:
    return pattern.match(state.src, state.pos, state.posMax)


def _newline(state: StateInline, _: bool) -> bool:
    if state.src[state.pos] != "\n":
        return False
    state.push("hardbreak", "br", 0)
    state.pos += 1
    return True


def _escaped(state: StateInline, _: bool) -> bool:
    match = _match(state, ESCAPED)
    if match is None:
        return False
    state.pending += match[1]
    state.pos = match.end()
    return True


def _address(state: StateInline, _: bool) -> bool:
    """A bare address; its scheme has been read as text already."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.pending[-6:])
    match = URL.match(state.src, state.pos - len(scheme[0]), state.posMax) if scheme else None
    if scheme is None or match is None:
        return False
    url = match[0].rstrip(OF_THE_SENTENCE)
    unopened = url.count(")") - url.count("(")
    url = url[: len(url) - min(max(unopened, 0), len(url) - len(url.rstrip(")")))]
    if len(url) <= len(f"{scheme[0]}://"):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    _put(state, "a", {"href": url, **LINK}, url)
    state.pos = match.start() + len(url)
    return True


def _masked(state: StateInline, _: bool) -> bool:
    """A link under other words. Words that look like an address could lie about it, so they stay as typed."""
    label = None if state.linkLevel else _match(state, LABEL)
    target = TARGET.match(state.src, label.end(), state.posMax) if label else None
    if label is None or target is None or "://" in label[1] or not label[1].strip():
        return False
    state.linkLevel += 1
    _nest(state, "a", {"href": target[1], **LINK}, label.start(1), label.end(1))
    state.linkLevel -= 1
    state.pos = target.end()
    return True


def _spoiler(state: StateInline, _: bool) -> bool:
    begin = state.pos + 2
    if not state.src.startswith("||", state.pos):
        return False
    end = state.src.find("||", begin + 1, state.posMax)
    if end < 0 or not state.src[begin:end].strip():
        return False
    _nest(state, "span", SPOILER, begin, end)
    state.pos = end + 2
    return True


def _bracketed(state: StateInline, _: bool) -> bool:
    match = None if state.linkLevel else _match(state, BRACKETED)
    if match is None:
        return False
    _put(state, "a", {"href": match[1], **LINK}, match[1])
    state.pos = match.end()
    return True


def _mention(state: StateInline, _: bool) -> bool:
    match = _match(state, MENTION)
    if match is None:
        return False
    names: Names = state.env["names"]
    kind, name = names.mentioned(match[1], match[2])
    _put(state, "span", {"class": f"mention {kind}", "data-id": match[2]}, name)
    state.pos = match.end()
    return True


def _command(state: StateInline, _: bool) -> bool:
    match = _match(state, COMMAND)
    if match is None:
        return False
    _put(state, "span", {"class": "mention command", "data-id": match[2]}, match[1])
    state.pos = match.end()
    return True


def _emoji(state: StateInline, _: bool) -> bool:
    match = _match(state, EMOJI)
    if match is None:
        return False
    _put(state, "span", {"class": "emoji"}, match[1])
    state.pos = match.end()
    return True


def _time(state: StateInline, _: bool) -> bool:
    match = _match(state, TIME)
    found = written(int(match[1]), match[2] or "f") if match else None
    if match is None or found is None:
        return False
    _put(state, "time", {"class": "timestamp", "datetime": found.machine}, found.text)
    state.pos = match.end()
    return True


def _all(state: StateInline, _: bool) -> bool:
    match = _match(state, EVERYONE)
    if match is None:
        return False
    _put(state, "span", {"class": "mention everyone"}, match[0])
    state.pos = match.end()
    return True


def _underline(state: StateInline) -> None:
    """Two underscores underline; with markdown-it they are as bold as two asterisks."""
    for token in state.tokens:
        if token.tag == "strong" and token.markup == "__":
            token.tag = "u"
