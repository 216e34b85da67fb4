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
from playground.llm.choice import choose_model, scripted_model
from playground.play import open_play
from playground.web.serve import serve_page
from playground.web.site import page


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/play",
        description="Try Patter here: a local chat server, a local model, and the bot between them.",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--ask", metavar="TEXT", help="ask one question, print the answer as it grows, and leave")
    how.add_argument("--console", action="store_true", help="chat in this terminal instead of a browser")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="serve the page there; else on a free port")
    parser.add_argument("--no-browser", action="store_true", help="say where the page is and open nothing")
    parser.add_argument("--reload", action="store_true", help="start the bot anew when its code changes")
    parser.add_argument("--scripted", action="store_true", help="use no model: the same prepared words each time")
    chosen = parser.parse_args(arguments)
    if chosen.reload and (chosen.console or chosen.ask is not None):
        parser.error("--reload goes with the page")
    return chosen


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise ValueError
    return port


async def play(chosen: argparse.Namespace) -> None:
    _end_on_sigterm()
    choosing = scripted_model() if chosen.scripted else choose_model(os.environ, _note)
    is_page = chosen.ask is None and not chosen.console
    with_page = page(reloads=chosen.reload) if is_page else None
    async with open_play(choosing, _note, port=chosen.port, page=with_page) as everything:
        if is_page:
            await serve_page(everything, _print, opens=not chosen.no_browser, reloads=chosen.reload)
            return
        await everything.bot_up()
        if chosen.console:
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
