"""Between a model and those who ask it: what passes is counted, and may be slowed down or cut."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from aiohttp import web

from playground.llm.reply import break_off

KEPT = 100  # streams that are over, for those who compare what was served with what became of it
CUT_AFTER = 12  # tokens: of an answer that is cut something should be on the screen
RATE_S = 1.0


class Tap:
    """
    What passes from a model to its callers.

    `speed` is the most that one answer may get, in tokens a second; None for all that there is. `served_chars` counts
    the text of all answers without their thinking.
    """

    def __init__(self) -> None:
        self.speed: float | None = None
        self.served_chars = 0
        self.recent: deque[Stream] = deque(maxlen=KEPT)
        self._under_way: set[Stream] = set()
        self._cuts_next = False
        self._times: deque[float] = deque()

    @property
    def open(self) -> int:
        """How many answers are under way."""
        return len(self._under_way)

    @property
    def cuts_next(self) -> bool:
        """True while a cut lies in wait for an answer."""
        return self._cuts_next

    @property
    def tokens_per_s(self) -> float:
        """How many tokens were served in the last second."""
        oldest = time.monotonic() - RATE_S
        while self._times and self._times[0] < oldest:
            self._times.popleft()
        return len(self._times) / RATE_S

    def cut(self) -> None:
        """Break the answers under way off; if there are none, the next one once some of it was served."""
        self._cuts_next = not self._under_way
        for stream in self._under_way:
            stream.break_off()

    @asynccontextmanager
    async def stream(
        self, request: web.BaseRequest, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the bytes of one answer as they are due; it is under way for as long as the context is open."""
        stream = Stream(self, request)
        self._under_way.add(stream)
        self.recent.append(stream)
        try:
            async with aclosing(stream.paced(chunks)) as body:
                yield body
        finally:
            self._under_way.discard(stream)
            stream.closed_at = time.monotonic()

    def count(self, stream: "Stream", text: str) -> None:
        self._times.append(time.monotonic())
        if len(self._times) > 10_000:  # nobody looks
            self._times.popleft()
        self.served_chars += len(text)
        if self._cuts_next and stream.tokens >= CUT_AFTER:
            self._cuts_next = False
            stream.break_off()


class Stream:
    """
    One answer on its way.

    `opened_at` is by `time.time()`; `closed_at` is by `time.monotonic()` and None until it is over.
    """

    def __init__(self, tap: Tap, request: web.BaseRequest) -> None:
        self.tokens = 0
        self.opened_at = time.time()
        self.closed_at: float | None = None
        self._tap, self._request = tap, request
        self._parts: list[str] = []
        self._due = 0.0

    @property
    def text(self) -> str:
        """What was served so far."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def break_off(self) -> None:
        break_off(self._request, in_mid_chunk=self.tokens > 0)

    async def paced(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Give the same bytes, whole lines at once; at a speed limit line by line as they become due."""
        rest = b""
        async for data in chunks:
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if is_token(line):
                    await self._wait()
                    self._count(line)
                yield line + b"\n"
        if rest:
            yield rest

    async def _wait(self) -> None:
        speed = self._tap.speed
        if speed is None:
            return
        now = time.monotonic()
        self._due = max(self._due, now - 1 / speed) + 1 / speed
        if self._due > now:
            await asyncio.sleep(self._due - now)

    def _count(self, line: bytes) -> None:
        text = _text(line)
        self.tokens += 1
        if text:
            self._parts.append(text)
        self._tap.count(self, text)


def is_token(line: bytes) -> bool:
    """Tell whether a line of a stream is a part of the answer, not its end."""
    return b'"done":false' in line


def _text(line: bytes) -> str:
    try:
        value: Any = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    message = value.get("message")
    text = message.get("content") if isinstance(message, dict) else value.get("response")
    return text if isinstance(text, str) else ""
