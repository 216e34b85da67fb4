"""The command line. What a command needs is imported with it: `doctor` and `init` need no Discord client."""

import argparse
import asyncio
import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path

from bot.core.errors import PatterError, SettingsError
from bot.core.model import Delta, Restarted, Retrying, Usage
from bot.observe.logs import set_up_logging
from bot.settings import ENV_FILE, Settings, load, load_what_is_right

EX_CONFIG = 78
"""Exit status for settings that only a person can mend, so that a supervisor need not start again (sysexits.h)."""

TERMINAL_GATHER_S = 0.05
"""A terminal is written to as text comes, so there it gathers for a moment only."""

log = logging.getLogger("patter")


async def run(settings: Settings) -> None:
    """Serve until a signal says to stop; then end what is under way in words. Raises PatterError."""
    from bot.chat.client import serve
    from bot.composition import CLOSE_S, compose

    stopping = asyncio.Event()
    on_signals(stopping.set)
    async with compose(settings) as bot:
        serving = asyncio.create_task(serve(bot, settings.discord_token.get_secret_value()), name="serving")
        waiting = asyncio.create_task(stopping.wait(), name="signals")
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if serving.done():
            serving.result()
        log.info("stopping: %d answers under way", len(bot.services.runs))
        if not bot.is_ready():  # nobody is answered yet; a log-in that goes on would open what nobody closes
            serving.cancel()
            await asyncio.wait({serving}, timeout=CLOSE_S)
    await asyncio.wait({serving}, timeout=CLOSE_S)


def on_signals(callback: Callable[[], object]) -> None:
    """Call `callback` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, callback)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback))


async def generate(settings: Settings, prompt: str) -> None:
    """Print what the model makes of a bare prompt, as it comes. Raises ModelError."""
    from bot.model import ollama_options, open_model

    options = replace(ollama_options(settings), gather_s=TERMINAL_GATHER_S)
    async with open_model(settings, options) as model, model.generate(prompt, settings.ollama_model) as events:
        async for event in events:
            match event:
                case Delta(text=text):
                    print(text, end="", flush=True)
                case Retrying() | Restarted():
                    print("(trying again)", file=sys.stderr)
                case Usage():
                    print()


def doctor(*, as_json: bool) -> int:
    """Print a diagnosis; return the exit status."""
    from bot.doctor.command import diagnose
    from bot.model import ollama_options

    settings, problems = load_what_is_right()
    options = ollama_options(settings)
    return diagnose(settings, problems, options, env_file=ENV_FILE, environment=os.environ, as_json=as_json)


def set_up() -> bool:
    """Ask for what the bot needs and write it down; return whether to start it. Raises SettingsError."""
    from bot.init.command import init

    return init(env_file=ENV_FILE, environment=os.environ, program=program())


def program() -> str:
    """Give what one types to call Patter: its own name where it is installed, else as README says."""
    if Path(sys.argv[0]).stem == "patter":
        return "patter"
    return r".venv\Scripts\python -m bot" if os.name == "nt" else "scripts/patter"


def run_loop(main: Coroutine[None, None, None]) -> None:
    """Run `main` on uvloop where there is one."""
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        from uvloop import new_event_loop as loop_factory
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)


def log_as_wanted(settings: Settings, verbose: int) -> None:
    secrets = [settings.discord_token, settings.ollama_api_key]
    set_up_logging(
        "DEBUG" if verbose else settings.log_level,
        settings.log_format,
        libraries=verbose > 1,
        secrets=[secret.get_secret_value() for secret in secrets if secret is not None],
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="patter", description="A Discord bot that streams a local model's answers.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    running = commands.add_parser("run", help="serve on Discord, with the settings of .env (the default)")
    for one, default in ((parser, 0), (running, argparse.SUPPRESS)):
        one.add_argument(
            "-v", "--verbose", action="count", default=default, help="log more; twice, also what the libraries say"
        )
    commands.add_parser("init", help="set it up: the bot's token, its invite link, a model")
    examining = commands.add_parser("doctor", help="say what is right and what is wrong, and how to mend it")
    examining.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    asking = commands.add_parser("generate", help="try the model from the terminal, without Discord")
    asking.add_argument("text", metavar="TEXT", help="the raw prompt")
    return parser.parse_args(arguments)


def carry_out(chosen: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may know fewer characters than a model or a server
        sys.stdout.reconfigure(errors="replace")
    match chosen.command:
        case "doctor":
            return doctor(as_json=chosen.json)
        case "generate":
            settings = load(discord_token="unused")  # noqa: S106 - a placeholder, there is no Discord here
            set_up_logging("WARNING")
            run_loop(generate(settings, chosen.text))
        case "init" if not set_up():
            pass
        case _:
            settings = load()
            log_as_wanted(settings, chosen.verbose)
            run_loop(run(settings))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, 1 for a fault that may pass, 78 for settings that a person has to mend."""
    chosen = parse(arguments)
    try:
        return carry_out(chosen)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except PatterError as error:
        print(error.hint, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read has seen enough; nothing is left to be flushed at the exit
        sys.stdout = None
        return 141


if __name__ == "__main__":
    sys.exit(main())
