"""The console where a terminal can do nothing but lines, or where there is none: a pipe."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import TextIO

from playground.chat.inbox import EventStream
from playground.display import Json, Printout
from playground.lines import Quit, Unclear, parse
from playground.seat import Seat

LAST_WORDS_S = 300.0
STATES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})


async def converse_in_lines(seat: Seat, say: Callable[[str], None], source: TextIO = sys.stdin) -> None:
    """Read lines and print what becomes of them. At the end of the input, answers under way are awaited."""
    await LineConsole(seat, say).run(source)


class LineConsole:
    def __init__(self, seat: Seat, say: Callable[[str], None]) -> None:
        self._seat, self._say = seat, say
        self._events = seat.events()
        self._printouts = {name: Printout() for name in self._events}
        self._changed = asyncio.Event()

    async def run(self, source: TextIO) -> None:
        async with asyncio.TaskGroup() as tasks:
            showing = [tasks.create_task(self._show(name, events)) for name, events in self._events.items()]
            async for line in _lines(source):
                if not await self._perform(line):
                    break
            else:
                await self._until_quiet()
            for task in showing:
                task.cancel()

    async def _perform(self, text: str) -> bool:
        """Do what a line says; False if it says to leave."""
        try:
            line = parse(text)
        except Unclear as sentence:
            self._say(str(sentence))
            return True
        if isinstance(line, Quit):
            return False
        if line is not None and (notice := await self._seat.perform(line)):
            self._say(notice)
        return True

    async def _show(self, name: str, events: EventStream) -> None:
        """Print what one person sees, while they are who sits here."""
        async for event, data in events:
            if event in STATES:
                block = self._printouts[name].block(data)
                if block and self._seat.name == name:
                    self._say("\n".join(block))
            self._changed.set()

    async def _until_quiet(self) -> None:
        """Wait until nothing is being written and all has been printed, or for as long as an answer may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self._seat.is_busy or not all(map(self._has_shown, self._seat.messages)):
                    self._changed.clear()
                    await self._changed.wait()

    def _has_shown(self, message: Json) -> bool:
        return self._printouts[self._seat.name].has_shown(message)


async def _lines(source: TextIO) -> AsyncIterator[str]:
    """
    Give the lines of a file that may block.

    The thread is a daemon: nothing can wake it, and the process need not wait for it.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def put(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be closed by the time that a line comes
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        for line in source:
            put(line)
        put(None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line
