"""The bot again, each time that its code changes."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from playground.bot_process import ROOT, BotProcess

PACKAGES = ("bot", "cogs")
LOOK_S = 0.3

Stamps = dict[Path, tuple[int, int]]


async def keep_reloaded(bot: BotProcess, say: Callable[[str], None], root: Path = ROOT) -> None:
    """Restart the bot after each change of its code, for ever."""
    code = Code([root / name for name in PACKAGES])
    while True:
        path = await code.change()
        say(f"{path.relative_to(root)} changed: starting the bot anew.")
        await bot.restart()


class Code:
    """The Python files below some folders, as they were when they were last looked at: first when this is made."""

    def __init__(self, folders: Sequence[Path], every_s: float = LOOK_S) -> None:
        self._folders, self._every_s = folders, every_s
        self._known = self._look()

    async def change(self) -> Path:
        """Wait until some were written, made or deleted, and it is quiet again; give one of them."""
        while (now := await self._later()) == self._known:
            pass
        changed = next(path for path, _ in now.items() ^ self._known.items())
        self._known = now
        while (now := await self._later()) != self._known:  # editors and git write more than one file
            self._known = now
        return changed

    async def _later(self) -> Stamps:
        await asyncio.sleep(self._every_s)
        return await asyncio.to_thread(self._look)

    def _look(self) -> Stamps:
        stamps: Stamps = {}
        for path in (path for folder in self._folders for path in folder.rglob("*.py")):
            try:
                found = path.stat()
            except FileNotFoundError:  # it went meanwhile
                continue
            stamps[path] = (found.st_mtime_ns, found.st_size)
        return stamps
