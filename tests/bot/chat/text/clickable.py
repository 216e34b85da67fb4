"""
Readers that tell which addresses of a message can be clicked; they share nothing with the code under test.

`as_discord` follows the rules of simple-markdown, which Discord's app is built on; `as_playground` asks the page of the
playground. `host` takes an address apart as browsers do.
"""

import re
from html.parser import HTMLParser

from playground.web.markdown.draw import draw
from playground.web.markdown.names import Names

S = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space, as JavaScript has it."""

RULES = {
    "code": re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```", re.IGNORECASE),
    "quote": re.compile(r" *>>> (?P<rest>[\s\S]*)|(?: *> [^\n]*(?:\n|\Z))+"),
    "escape": re.compile(rf"\\[^0-9A-Za-z{S}]"),
    "bracketed": re.compile(r"<(?P<url>[^: >]+:/[^ >]+)>"),
    "reach": re.compile(r"<(?P<url>(?:(?:mailto|tel|sms):|\+[0-9]|[^ <>@]+@[0-9A-Za-z])[^ <>]*)>"),
    "bare": re.compile(rf"(?P<url>(?:https?|steam)://[^{S}<]+[^<.,:;\"'\]{S}])", re.IGNORECASE),
    "masked": re.compile(
        r"\[(?P<label>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
        rf"\([{S}]*<?(?P<url>(?:\([^)]*\)|[^{S}\\]|\\.)*?)>?(?:[{S}]+['\"][\s\S]*?['\"])?[{S}]*\)"
    ),
    "spoiler": re.compile(r"\|\|(?P<rest>[\s\S]+?)\|\|"),
    "struck": re.compile(r"~~(?P<rest>[\s\S]+?)~~(?!_)"),
    "ticks": re.compile(r"(?P<ticks>`+)\s*[\s\S]*?[^`]\s*(?P=ticks)(?!`)"),
}
MARKS = [
    re.compile(r"\*\*(?P<rest>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    re.compile(r"__(?P<rest>(?:\\[\s\S]|[^\\])+?)__(?!_)"),
    re.compile(
        r"_(?P<rest>(?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)(?P<other>(?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)"
    ),
]
"""Of these the longest match counts."""
TEXT = re.compile(r"[\s\S]+?(?=[^0-9A-Za-z\s\u00c0-\uffff]|\n\n| {2,}\n|\w+:\S|\Z)")
WEB, ANY = re.compile(r"(?i)(?:https?|discord|steam):"), re.compile(r"(?i)[a-z][a-z0-9+.-]*:|[^:]*@|\+")
INVITE = re.compile(r"\bdiscord(?:(?:app)?\.com/(?:invite|gifts|events|template)|\.gg|\.gift|\.new)/", re.IGNORECASE)


def as_discord(message):
    """Give the addresses that can be clicked, and what Discord shows as an invitation wherever but in code."""
    plain = []
    return [*_read(message, plain, quoted=False), *(found[0] for found in INVITE.finditer("".join(plain)))]


def _read(text, plain, *, quoted):
    """Yield the addresses, and add to `plain` what is no code."""
    at = 0
    while at < len(text):
        name, match = _rule(text[at:], quoted=quoted or (at > 0 and text[at - 1] != "\n"))
        groups = match.groupdict()
        inner = groups.get("rest") or groups.get("other")
        if name == "quote" and not inner:
            inner = re.sub(r"(?m)^ *> ", "", match[0])
        if inner:
            yield from _read(inner, plain, quoted=quoted or name == "quote")
        else:
            plain.append("\0" if name in {"code", "ticks"} else match[0])
        if url := groups.get("url"):
            url = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", url) if name == "masked" else url
            yield from [url] if (WEB if name == "masked" else ANY).match(url) else []
        at += match.end()


def _rule(rest, *, quoted):
    for name, rule in RULES.items():
        if name == "spoiler" and (found := [match for mark in MARKS if (match := mark.match(rest))]):
            return "mark", max(found, key=lambda match: match.end())
        if not (name == "quote" and quoted) and (match := rule.match(rest)):
            return name, match
    return "text", TEXT.match(rest)


def as_playground(message):
    """Give the addresses that can be clicked on the playground's page."""
    reader = _Anchors()
    reader.feed(draw(message, Names()))
    return reader.found


class _Anchors(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


def host(url):
    """Tell where a browser goes, None if it is not the web, or if it may be anywhere."""
    scheme, found, rest = re.sub(r"[\t\n\r]", "", url).partition(":")
    if not found or scheme.lower() not in {"http", "https"}:
        return None
    authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0].rpartition("@")[2]
    authority = re.sub(r"[。．｡]", ".", authority)
    name = re.sub(r":\d*\Z", "", authority.rstrip(".,:;!?\"'*_~|)]…")).rstrip(".").lower()
    return name if re.fullmatch(r"[a-z0-9.-]+", name) else None
