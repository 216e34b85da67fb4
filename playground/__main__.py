"""`python -m playground`: Patter without a Discord account, and without Ollama where there is none."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys

from playground.ask_once import ask_once
from playground.console import converse
from playground.errors import PlaygroundError
from playground.play import open_play


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/play",
        description="Try Patter here: a local chat server, a local model, and the bot between them.",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--ask", metavar="TEXT", help="ask one question, print the answer as it grows, and leave")
    how.add_argument("--console", action="store_true", help="chat in this terminal (the default)")
    return parser.parse_args(arguments)


async def play(chosen: argparse.Namespace) -> None:
    _end_on_sigterm()
    async with open_play(os.environ, _note) as everything:
        if chosen.ask is None:
            await converse(everything, _print)
        else:
            await ask_once(everything, chosen.ask, _print)


def _end_on_sigterm() -> None:
    """Let a SIGTERM end this task in good order, as Ctrl-C does: the bot and the model are processes of ours."""
    task = asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError):  # Windows has none
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _print(text: str) -> None:
    print(text, flush=True)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0, 1 with a sentence for a failure, 130 for Ctrl-C, 143 for SIGTERM."""
    chosen = parse(arguments)
    try:
        asyncio.run(play(chosen))
    except PlaygroundError as error:
        _note(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:
        return 143
    return 0


if __name__ == "__main__":
    sys.exit(main())
