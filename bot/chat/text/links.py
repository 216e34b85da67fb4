"""
Links to hosts that nobody has allowed, drawn as text.

Discord reads each message by itself, so each page is judged by itself at the moment it is to be shown, however its
text came. One character of each such address gives way to another that looks the same: a page never gets longer.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.chat.text.code import CodeReader

RATIO, DIVISION_SLASH = "\u2236", "\u2215"
"""They look like a colon and a slash, and no reader of addresses takes them for one."""

NO_HOST = "none"

_BLANK = r" \t-\r\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What ends an address as Discord, whose app is written in JavaScript, reads it."""

_INVITE = re.compile(
    r"(?<![0-9a-z-])(?P<host>discord(?:app)?\\?\.(?:com|gg|gift|media|new))\\?(?P<slash>/)", re.IGNORECASE
)
"""Discord shows these as invitations and the like, also without a scheme and with embeds suppressed."""
_TOKEN = re.compile(
    rf"""
    \\[^0-9A-Za-z\s]
  | (?P<colon> : ) (?: \\?/\\?/ | (?: (?<=http:) | (?<=https:) ) (?=\S) )
  | (?P<ticks> `+ )
  | (?P<bracket> < ) (?: (?: mailto | tel | sms ) : | \+\d | [^\s<>@]++@[^\s<>@] )
  | {_INVITE.pattern}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUSPECT = re.compile(r"[:<]|discord", re.IGNORECASE)
_SCHEME = re.compile(r"<[a-z][a-z0-9+.-]{0,30}\Z", re.IGNORECASE)
_RUN = re.compile(rf"[^<{_BLANK}]*(?P<end>)")
_CLOSING = re.compile(r"[^ >]*(?P<end>)>")
_WEB = re.compile(r"(?P<before>\w?)https?\Z", re.IGNORECASE)
_APART = re.compile(rf"(?:\A|[{_BLANK}])\(?\Z")
_AUTHORITY = re.compile(
    r"(?P<host>[0-9a-z-]+(?:\.[0-9a-z-]+)*)\.?(?::\d{1,5})?(?=[/?#]|[).,:;!?\"'\]*_~|…。，、）！？；：”’»]*\Z)",  # noqa: RUF001 - Chinese and Japanese as well
    re.IGNORECASE | re.ASCII,
)
_SEAM = re.compile(r"""[*_~|()>\[\]"'\x1c-\x1f\x85\ufeff]""")
"""Where Discord may end an address, so that another one may begin."""
_REPLACED = re.compile(rf"{RATIO}(?=\\?/)|(?:(?<=http)|(?<=https)){RATIO}|(?<=[a-z\\]){DIVISION_SLASH}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Links:
    """
    Which links can be clicked: those to `hosts` and to all that belongs to them, or all links if that is None.

    Only a plain address counts as one of theirs: http or https, a host in ASCII letters, nobody's name before it.

    >>> Links.to(["example.com"]).drawn("https://docs.example.com/a, https://example.com@evil.test")
    'https://docs.example.com/a, https\u2236//example.com@evil.test'
    """

    hosts: frozenset[str] | None = None

    @classmethod
    def to(cls, hosts: Iterable[str]) -> "Links":
        """Allow these hosts; all if there are none, and none if there is nothing but `NO_HOST`."""
        names = frozenset(host.lower() for host in hosts)
        return cls(names - {NO_HOST} if names else None)

    def drawn(self, page: str) -> str:
        """Give the page with all other links as text; addresses in code are none."""
        if self.hosts is None or _SUSPECT.search(page) is None:
            return page
        changes = dict(self._changes(page))
        return "".join(changes.get(at, char) for at, char in enumerate(page)) if changes else page

    def _changes(self, page: str) -> Iterator[tuple[int, str]]:
        code, at = CodeReader(page), 0
        while (token := _TOKEN.search(page, at)) is not None:
            at = token.end()
            if token["ticks"]:
                at = code.end(token.start(), at)
            elif token["bracket"]:
                closing = _CLOSING.match(page, at)
                yield from _unbracketed(page, token.start(), closing.start("end") if closing else None)
                at = token.start() + 1
            elif token["host"]:
                yield from self._invite(token)
            elif token["colon"]:
                address = _Address(page, token.start(), at)
                at = token.start() + 1
                if self._allows(address):
                    for invite in _INVITE.finditer(page, address.begin, address.seam):
                        yield from self._invite(invite)
                    at = address.seam
                else:
                    yield from address.changes()

    def _invite(self, found: re.Match[str]) -> Iterator[tuple[int, str]]:
        if not self._has(found["host"].replace("\\", "")):
            yield found.start("slash"), DIVISION_SLASH

    def _allows(self, address: "_Address") -> bool:
        return address.host is not None and self._has(address.host)

    def _has(self, host: str) -> bool:
        assert self.hosts is not None, "asked only where there is a list"
        labels = host.lower().split(".")
        return any(".".join(labels[begin:]) in self.hosts for begin in range(len(labels)))


class _Address:
    """What stands around `://` on a page: from `begin`, after it, to `end`; `host` is None if it is not plain."""

    def __init__(self, page: str, colon: int, begin: int) -> None:
        self._page, self._colon, self.begin = page, colon, begin
        opened = _SCHEME.search(page, max(0, colon - 32), colon)
        within = _CLOSING.match(page, begin) if opened else None
        self._opened = opened.start() if opened and within else None
        run = within or _RUN.match(page, begin)
        assert run is not None, "the second matches nothing as well"
        self.end = run.start("end")
        self._web = _WEB.search(page, max(0, colon - 6) if self._opened is None else self._opened + 1, colon)
        self.host = self._host() if begin == colon + 3 else None

    def _host(self) -> str | None:
        text = self._page[self.begin : self.end]
        authority = _AUTHORITY.match(text)
        if self._web is None or authority is None or "`" in text:
            return None
        return None if self._web["before"] and self._opened is not None else authority["host"]

    @property
    def seam(self) -> int:
        """Up to where it is one address, however it is read."""
        if self._web and self._web["before"]:  # for some readers it is none
            return self.begin
        seam = _SEAM.search(self._page, self.begin, self.end)
        return seam.start() if seam else self.end

    def changes(self) -> Iterator[tuple[int, str]]:
        yield self._colon, RATIO
        if self._opened is not None:
            yield from _unbracketed(self._page, self._opened, self.end)


def _unbracketed(page: str, start: int, end: int | None) -> Iterator[tuple[int, str]]:
    """Take the brackets away, with nothing of theirs added to an address before them."""
    yield start, "" if _APART.search(page, max(0, start - 2), start) else " "
    if end is not None:
        yield end, ""


def restored(text: str) -> str:
    r"""
    Give the text of a page as it was before it was drawn.

    >>> restored("https\u2236//evil.test, discord.gg\u2215abc")
    'https://evil.test, discord.gg/abc'
    """
    return _REPLACED.sub(lambda found: ":" if found[0] == RATIO else "/", text)
