"""How much of what the model has said nobody has seen yet."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from weakref import WeakSet

from playground.chat.message_payloads import message_json
from playground.chat.model import Message, User
from playground.chat.world import World
from playground.display import buttons
from playground.llm.tap import Stream, Tap

# The bot draws Markdown anew, so only letters and digits are compared.
LETTER = re.compile(r"[^\W_]")
OTHERS = re.compile(r"[\W_]+")
TITLE = re.compile(r"\A> \*\*[^\n]*\n")
CAPTIONS = re.compile(r"(?:(?:\n|\A)-# [^\n]*)+\Z")
HEAD_LETTERS = 24  # by so many one knows where a page begins
LOOKED_AT = 30  # messages in each channel
SETTLED_S = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    id: int
    channel: int
    letters: str
    changed_at: float
    is_busy: bool


class Unseen:
    """Compares the model's answers with the bot's messages; needs no word of the bot about it."""

    def __init__(self, tap: Tap, world: World, bot: User) -> None:
        self._tap, self._world, self._bot = tap, world, bot
        self._settled: WeakSet[Stream] = WeakSet()
        self._lost = 0

    def look(self) -> tuple[int, int]:
        """
        Give how many characters were served, and how many of them can be seen.

        What is left of an answer that is over and that nobody will ever see, as after a stop, counts as never served.
        """
        unseen = 0
        live = [stream for stream in self._tap.recent if stream not in self._settled]
        pages = sorted(self._pages(), key=lambda page: page.id) if live else []
        free = pages
        for stream in live:
            mine = _pages_of(stream, free)
            free = [page for page in free if page not in mine]
            gap = len(stream.text) - _shown(stream, mine)
            if stream.closed_at is not None and (gap == 0 or _is_over(stream.closed_at, mine, pages)):
                self._settled.add(stream)
                self._lost += gap
            else:
                unseen += gap
        served = self._tap.served_chars - self._lost
        return served, served - unseen

    def _pages(self) -> Iterator[Page]:
        for channel in self._world.channels.values():
            for message in islice(reversed(channel.messages.values()), LOOKED_AT):
                if message.author is self._bot and message.content:
                    yield _page(message)


def _page(message: Message) -> Page:
    text = CAPTIONS.sub("", TITLE.sub("", message.content, count=1))
    changed_at = datetime.fromisoformat(message.edited_at or message.sent_at).timestamp()
    is_busy = any(button.label.casefold() == "stop" for button in buttons(message_json(message)))
    return Page(message.id, message.channel.id, OTHERS.sub("", text), changed_at, is_busy)


def _pages_of(stream: Stream, pages: list[Page]) -> list[Page]:
    """Find the messages on which an answer stands, in order: the newest that begins as it does, and those after it."""
    letters = OTHERS.sub("", stream.text)
    changed = [page for page in pages if page.changed_at >= stream.opened_at]
    mine = [page for page in reversed(changed) if _begins(page.letters, letters)][:1]
    at = sum(len(page.letters) for page in mine)
    for page in changed:
        if mine and page.id > mine[-1].id and _begins(page.letters, letters[at:]):
            mine.append(page)
            at += len(page.letters)
    return mine


def _begins(page: str, letters: str) -> bool:
    head = min(len(page), len(letters), HEAD_LETTERS)
    return head > 0 and page[:head] == letters[:head]


def _shown(stream: Stream, mine: list[Page]) -> int:
    """Tell how many characters of an answer these pages show: all up to the last letter that can be seen."""
    count, text = sum(len(page.letters) for page in mine), stream.text
    if count == 0:
        return 0
    last, *more = [match.end() for match in islice(LETTER.finditer(text), count - 1, count + 1)] or [len(text)]
    return last if more else len(text)


def _is_over(closed_at: float, mine: list[Page], pages: list[Page]) -> bool:
    """Tell whether no more of an answer will come: nobody is writing where it stands, or it has been long enough."""
    if time.monotonic() - closed_at > SETTLED_S:
        return True
    return bool(mine) and not any(
        page.is_busy and page.channel == mine[0].channel and page.id >= mine[0].id for page in pages
    )
