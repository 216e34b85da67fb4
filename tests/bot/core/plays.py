"""The core's ports, played in memory: a model that follows a script, a surface that remembers what it was shown."""

import asyncio
from contextlib import asynccontextmanager

from bot.core.model import InLine, Outcome, Phase
from bot.core.ports import Write
from bot.core.scheduler import Allowance, Lane


class PlainRender:
    """Pages of `limit` code points, with the status in brackets below the open one."""

    def __init__(self, limit=1000):
        self.limit, self.settled, self._open = limit, 0, ""
        self.attachment = None

    def feed(self, text):
        self._open += text
        pages = []
        while len(self._open) > self.limit:
            pages.append(self._open[: self.limit])
            self._open = self._open[self.limit :]
            self.settled += self.limit
        return pages

    def rewind(self, text):
        self._open = ""
        return self.feed(text)

    def open_page(self, status):
        if isinstance(status, InLine):
            return f"[{status.place} in line, {status.seconds}]"
        word = status.ending.value if isinstance(status, Outcome) else status.value
        return f"{self._open}[{word}]" if status is not Phase.WRITING else self._open


class Unremembered:
    """An exchange that nobody keeps; `log` holds what it was told."""

    def __init__(self, question):
        self._question, self.model, self.log = question, question.model, []

    async def begin(self):
        self.log.append("begin")

    async def question(self):
        return self._question

    def shown_on(self, message_ids):
        self.log.append(tuple(message_ids))

    def keep(self, outcome, text):
        self.log.append((outcome.ending, text))

    async def end(self, *, mendable=False):
        self.log.append("left to be mended" if mendable else "end")

    async def abandon(self):
        self.log.append("abandoned")


class Wall:
    """A surface on which each write takes `round_trip_s`; `log` holds (time, message, text, stoppable, attachment)."""

    def __init__(self, lane=None, round_trip_s=0.1):
        self.lane = lane or Lane(Allowance(5, 5.0))
        self.round_trip_s = round_trip_s
        self.message_ids = [1]
        self.texts, self.log, self.failures = {1: ""}, [], []
        self.already_there = None  # what a new message says in spite of what is posted
        self.in_flight = self.most_in_flight = 0

    async def open(self, screen):
        self.opened = screen

    def edit(self):
        return Write(self.lane, self._edit)

    def post(self):
        return Write(self.lane, self._post)

    async def _edit(self, screen, grant):
        await self._request()
        self._show(screen)
        return True

    async def _post(self, screen, grant):
        await self._request()
        self.message_ids.append(self.message_ids[-1] + 1)
        if self.already_there is not None:
            self.texts[self.message_ids[-1]] = self.already_there
            return False
        self._show(screen)
        return True

    async def _request(self):
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.round_trip_s)
            if self.failures and (failure := self.failures.pop(0)) is not None:
                raise failure
        finally:
            self.in_flight -= 1

    def _show(self, screen):
        message = self.message_ids[-1]
        self.texts[message] = screen.text
        self.log.append((asyncio.get_running_loop().time(), message, screen.text, screen.stoppable, screen.attachment))


WANTED = object()
"""A step that waits until the text is wanted."""


class Tape:
    """A model that plays `steps`: events are yielded, numbers slept, exceptions raised."""

    def __init__(self, *steps, loaded=()):
        self.steps, self._loaded = steps, loaded
        self.closed_at = None

    @asynccontextmanager
    async def ask(self, question, wanted):
        events = self._play(wanted)
        try:
            yield events
        finally:
            await events.aclose()
            self.closed_at = asyncio.get_running_loop().time()

    async def _play(self, wanted):
        for step in self.steps:
            if isinstance(step, int | float):
                await asyncio.sleep(step)
            elif isinstance(step, Exception):
                raise step
            elif step is WANTED:
                wanted.clear()
                await wanted.wait()
            else:
                yield step

    async def models(self):
        return ()

    async def loaded(self):
        return self._loaded

    async def context(self, model):
        return 4096
