"""The bot as a child process, as whoever hosts it would run it, but with settings of the playground's own."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from playground.errors import PlaygroundError

ROOT = Path(__file__).resolve().parent.parent
END_S = 12.0  # the bot promises to end within ten seconds of a SIGTERM
TAIL_LINES = 12

# What a program needs of its surroundings. The rest, above all a person's own settings, stays out.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE", "VIRTUAL_ENV")

T = TypeVar("T")


class BotDied(PlaygroundError):  # noqa: N818 - it says what happened
    """The bot ended by itself; says with which status, and its last lines."""


class BotProcess:
    """
    The bot, running with what `settings` gives when it starts, and no others, while the context is open.

    It runs in an empty folder, so that no `.env` is found; what it says goes to a file there.
    """

    def __init__(self, settings: Callable[[], Mapping[str, str]], *command: str) -> None:
        self._settings = settings
        self._command = command or (sys.executable, "-m", "bot", "run")
        self._folder: tempfile.TemporaryDirectory[str]
        self._process: Process
        self._ending = self._closed = False
        self._replaced = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="patter-playground-")
        try:
            self._process = await self._start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._replaced:
            self._closed = True
            try:
                await self._end()
            finally:
                self._folder.cleanup()

    @property
    def log(self) -> Path:
        return Path(self._folder.name) / "bot.log"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """False from the moment that it is told to end."""
        return self._process.returncode is None and not self._ending

    @property
    def has_died(self) -> bool:
        return self._process.returncode is not None and not self._ending

    @property
    def is_restarting(self) -> bool:
        return self._replaced.locked()

    async def restart(self) -> None:
        """End the bot as whoever hosts it would, and start it anew."""
        async with self._replaced:
            if self._closed:
                return
            self._ending = True
            try:
                await self._end()
                self._process = await self._start()
            finally:
                self._ending = False
            self._replaced.notify_all()

    async def alive_while(self, doing: Coroutine[Any, Any, T]) -> T:
        """Give what `doing` returns. Raises BotDied if the bot ends first, and stops it then."""
        work = asyncio.create_task(doing)
        death = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({work, death}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise BotDied(self.obituary(death.result()))
        finally:
            work.cancel()
            death.cancel()
            await asyncio.gather(work, death, return_exceptions=True)

    async def deaths(self) -> AsyncIterator[str]:
        """Tell of each time that the bot ends by itself; a restart is no end, and brings it back after one."""
        while True:
            process = self._process
            status = await process.wait()
            async with self._replaced:
                is_dead = self._process is process
            if is_dead:
                yield self.obituary(status)
            await self._until_replaced(process)

    async def _until_replaced(self, process: Process) -> None:
        async with self._replaced:
            await self._replaced.wait_for(lambda: self._process is not process)

    def obituary(self, status: int) -> str:
        return f"The bot ended by itself (status {status}). Its last lines:\n{self.tail()}"

    def tail(self) -> str:
        """Give the last lines that the bot has said."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (it said nothing)"

    async def _start(self) -> Process:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self.log.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder.name,
                env={**kept, "PYTHONPATH": str(ROOT), **self._settings()},
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
            )

    async def _end(self) -> None:
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
