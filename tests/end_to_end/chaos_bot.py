"""The bot as chaos runs it: with short periods, and telling at its end what it has left behind."""

# ruff: noqa: T201 - a command line prints

import asyncio
import sys
from pathlib import Path

from bot.__main__ import run, run_loop
from bot.chat import mending, presence, sockets
from bot.core import writer
from bot.core.errors import PatterError
from bot.observe.logs import set_up_logging
from bot.settings import load

LEFT = "left behind:"
ESTABLISHED = "01"


async def main():
    sockets.ANSWER_S, writer.LATE_S = 3.0, 2.0
    presence.EVERY_S = mending.EVERY_S = 2.0
    try:
        await run(load())
    except PatterError as error:
        sys.exit(error.hint)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:  # for two seconds after each READY discord.py waits for further guilds
        _, others = await asyncio.wait(others, timeout=3)
    tasks = [f"{task.get_name()}: {task.get_coro()!r}" for task in others]
    print(LEFT, tasks or "no task", open_sockets() or "no socket", file=sys.stderr)


def open_sockets():
    """Name the far ends of this process's connections, as Linux tells them; elsewhere there is nothing to be told."""
    fds, table = Path("/proc/self/fd"), Path("/proc/self/net/tcp")
    if not table.exists():
        return []
    mine = {str(one.readlink()) for one in fds.iterdir() if one.is_symlink()}
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [row[2] for row in rows if row[3] == ESTABLISHED and f"socket:[{row[9]}]" in mine]


if __name__ == "__main__":
    set_up_logging("INFO")
    run_loop(main())
