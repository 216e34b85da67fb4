"""The bot as a child process, as whoever hosts it would run it, but with settings of the playground's own."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Coroutine, Mapping
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
    The bot, running with `settings` and no others while the context is open.

    It runs in an empty folder, so that no `.env` is found; what it says goes to a file there.
    """

    def __init__(self, settings: Mapping[str, str], *command: str) -> None:
        self._settings = settings
        self._command = command or (sys.executable, "-m", "bot", "run")
        self._folder = tempfile.TemporaryDirectory(prefix="patter-playground-")
        self.log = Path(self._folder.name) / "bot.log"

    async def __aenter__(self) -> Self:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self.log.open("wb") as log:
            self._process: Process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder.name,
                env={**kept, "PYTHONPATH": str(ROOT), **self._settings},
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._end()
        finally:
            self._folder.cleanup()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def alive_while(self, doing: Coroutine[Any, Any, T]) -> T:
        """Give what `doing` returns. Raises BotDied if the bot ends first, and stops it then."""
        work = asyncio.create_task(doing)
        death = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({work, death}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise BotDied(f"The bot ended by itself (status {death.result()}). Its last lines:\n{self.tail()}")
        finally:
            work.cancel()
            death.cancel()
            await asyncio.gather(work, death, return_exceptions=True)

    def tail(self) -> str:
        """Give the last lines that the bot has said."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (it said nothing)"

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
