"""The command line, and the only place where the parts are put together."""

import argparse
import asyncio
import contextlib
import io
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.chat.asking import Asking, AskOptions
from bot.chat.client import DiscordOptions, Patter, point_at, serve
from bot.chat.limits import Limits
from bot.core.errors import PatterError, SettingsError
from bot.core.model import Delta, Restarted, Retrying, Usage
from bot.core.run import Pace
from bot.core.runs import Runs
from bot.core.scheduler import Scheduler
from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http
from bot.observe.logs import log_event, set_up_logging
from bot.services import Services
from bot.settings import Settings, load

EXTENSIONS = ("cogs.ask", "cogs.stop")

EX_CONFIG = 78
"""Exit status for settings that only a person can mend, so that a supervisor need not start again (sysexits.h)."""

GRACE_S = 8.0
"""Time for the last edits at the end. Hosts that run Procfiles kill after ten seconds or more."""

CLOSE_S = 1.5
"""Time for leaving Discord's gateway after that."""

log = logging.getLogger("patter")


def ollama_options(settings: Settings) -> OllamaOptions:
    return OllamaOptions(
        num_predict=settings.answer_max_tokens,
        num_ctx=settings.ollama_num_ctx,
        keep_alive=_seconds_or_text(settings.ollama_keep_alive),
        think=settings.ollama_think,
        first_byte_timeout_s=settings.first_token_timeout_s,
        token_timeout_s=settings.token_timeout_s,
    )


def _seconds_or_text(keep_alive: str | None) -> int | str | None:
    """Ollama takes "10m" as text, but bare seconds, and -1 for ever, only as a number."""
    return int(keep_alive) if keep_alive and keep_alive.lstrip("-").isdigit() else keep_alive


@asynccontextmanager
async def open_model(settings: Settings, options: OllamaOptions | None = None) -> AsyncIterator[OllamaClient]:
    key = settings.ollama_api_key.get_secret_value() if settings.ollama_api_key else ""
    async with open_http(settings.ollama_url, key) as http:
        yield OllamaClient(http, options or ollama_options(settings))


@dataclass(frozen=True, slots=True)
class Timing:
    """What is not for people to set, and what tests shorten. In seconds."""

    loading_after_s: float = 3.0
    handover_s: float = 14 * 60.0
    guild_ready_timeout_s: float = 2.0


@asynccontextmanager
async def compose(
    settings: Settings, *, timing: Timing | None = None, ollama: OllamaOptions | None = None
) -> AsyncIterator[Patter]:
    """
    Give a bot that is ready to start.

    At the end its answers have ended in words, as far as there was time, and it has left Discord.
    """
    timing = timing or Timing()
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    async with open_model(settings, ollama) as model:
        runs, scheduler = Runs(), Scheduler()
        limits = Limits(scheduler)
        options = AskOptions(
            default_model=settings.ollama_model,
            system_prompt=settings.system_prompt,
            pace=Pace(edit_interval_s=settings.edit_interval_s, loading_after_s=timing.loading_after_s),
            handover_s=timing.handover_s,
        )
        asking = Asking(runs, model, scheduler, limits, log_event, options)
        services = Services(runs, model, asking, settings.stop_emoji)
        client_options = DiscordOptions(settings.dev_guild, timing.guild_ready_timeout_s)
        bot = Patter(services, limits, EXTENSIONS, client_options)
        try:
            yield bot
        finally:
            await runs.close(GRACE_S)
            # Not in a timeout: discord.py closes in a task of its own, which everybody would then find cancelled.
            await asyncio.wait({asyncio.create_task(bot.close(), name="closing")}, timeout=CLOSE_S)


async def run(settings: Settings) -> None:
    """Serve until a signal says to stop; then end what is under way in words. Raises PatterError."""
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
    async with open_model(settings) as model, model.generate(prompt, settings.ollama_model) as events:
        async for event in events:
            match event:
                case Delta(text=text):
                    print(text, end="", flush=True)
                case Retrying() | Restarted():
                    print("(trying again)", file=sys.stderr)
                case Usage():
                    print()


def run_loop(main: Coroutine[None, None, None]) -> None:
    """Run `main` on uvloop where there is one."""
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        from uvloop import new_event_loop as loop_factory
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="patter", description="A Discord bot that streams a local model's answers.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="serve on Discord, with the settings of .env (the default)")
    asking = commands.add_parser("generate", help="try the model from the terminal, without Discord")
    asking.add_argument("text", metavar="TEXT", help="the raw prompt")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, 1 for a fault that may pass, 78 for settings that a person has to mend."""
    chosen = parse(arguments)
    try:
        if chosen.command == "generate":
            settings = load(discord_token="unused")  # noqa: S106 - a placeholder, there is no Discord here
            if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may know fewer characters than a model
                sys.stdout.reconfigure(errors="replace")
            set_up_logging("WARNING")
            run_loop(generate(settings, chosen.text))
        else:
            settings = load()
            set_up_logging(settings.log_level)
            run_loop(run(settings))
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
