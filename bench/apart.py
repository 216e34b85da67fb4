"""The real bot in this process; the chat server with the people on it, and the model, in processes of their own."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from bench.meter import SELDOM_S, Meter, machine_s
from bot.chat.client import Patter, serve
from bot.composition import GRACE_S, compose
from bot.settings import load
from playground.chat import ChatServer
from playground.llm.models import Model
from playground.llm.request import Ask
from playground.llm.script import Script
from playground.llm.server import LlmServer
from playground.llm.stage import Ending, Stage

MODEL = "bench"
START_S, END_S = 30.0, 20.0
RUN_S = 600.0

People = Callable[[ChatServer], Awaitable[Any]]
Director = Callable[[Ask], Script]
Process = Callable[[Connection, Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the model's server saw it. Times are `time.monotonic()`, which all processes share."""

    prompt: str
    arrived: float
    ended: float
    ending: Ending


@dataclass(frozen=True, slots=True)
class Played:
    """What the people brought back, all that the model was asked, and the CPU time of each process and of all."""

    people: Any
    asked: list[Asked]
    bot: Meter
    chat: Meter
    model: Meter
    machine: Meter


def play_out(people: People, director: Director) -> Played:
    """
    Let `people` do what they do on a server of their own with the bot on it; the model says what `director` gives.

    Both are called in their processes, so they are functions of a module. The bot's settings, its timing and
    Discord's limits are those of real life.
    """
    with (
        _process(_serve_chat, people) as chat,
        _process(_serve_model, director) as model,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_play(chat, model))


async def _play(chat: Connection, model: Connection) -> Played:
    bot_meter, machine_meter = Meter(), Meter()
    bot_meter.run()
    machine_meter.run(machine_s, step_s=SELDOM_S)
    api_url, gateway_url, token = await _hear(chat, START_S)
    settings = load(
        None,
        discord_token=token,
        discord_api_url=api_url,
        discord_gateway_url=gateway_url,
        ollama_url=await _hear(model, START_S),
        ollama_model=MODEL,
        answer_max_chars=1_000_000,
        answer_max_pages=50,
        max_running=1000,
        queue_size=0,
        person_asks_per_minute=0,
        person_asks_at_once=0,
        guild_asks_per_minute=0,
        guild_asks_at_once=0,
    )
    async with compose(settings) as bot, _online(bot, token):
        chat.send("the bot is there")
        brought, chat_meter = await _hear(chat, RUN_S)
    model.send("the bot has left")
    asked, model_meter = await _hear(model, END_S)
    return Played(brought, asked, bot_meter, chat_meter, model_meter, machine_meter)


@asynccontextmanager
async def _online(bot: Patter, token: str) -> AsyncIterator[None]:
    ready = asyncio.Event()

    async def on_ready() -> None:
        ready.set()

    bot.add_listener(on_ready)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(bot, token))
        async with asyncio.timeout(START_S):
            await ready.wait()
        yield
        await bot.services.runs.close(GRACE_S)
        await bot.close()


async def _serve_chat(line: Connection, people: People) -> None:
    meter = Meter()
    meter.run()
    async with ChatServer() as chat:
        line.send((chat.api_url, chat.gateway_url, chat.world.bot.token))
        await _hear(line, START_S)
        line.send((await people(chat), meter))
        await _end(line)


async def _serve_model(line: Connection, director: Director) -> None:
    meter = Meter()
    meter.run()
    stage = Stage(Model(MODEL, loaded=True), director=director)
    async with LlmServer(stage.respond) as server:
        line.send(server.url)
        await _hear(line, RUN_S)
        asked = [Asked(_prompt(call.body), call.arrived, call.ended, call.ending) for call in stage.asks]
        line.send((asked, meter))
        await _end(line)


def _prompt(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


@contextmanager
def _process(serve: Process, what: Any) -> Iterator[Connection]:
    """Run `serve` on a loop of its own until the context is left; the other end of its line is given."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(serve, theirs, what), daemon=True)
    process.start()
    theirs.close()  # so that its death is heard
    try:
        yield ours
    finally:
        ours.close()
        process.join(END_S)
        if process.is_alive():
            process.kill()
            process.join()


def _run(serve: Process, line: Connection, what: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(line, what))


async def _hear(line: Connection, within_s: float) -> Any:
    """Wait for what comes over a line. Raises TimeoutError, and EOFError if the other process has ended."""

    def hear() -> Any:
        if not line.poll(within_s):
            raise TimeoutError(f"another process of the bench said nothing for {within_s:.0f} s")
        return line.recv()

    return await asyncio.to_thread(hear)


async def _end(line: Connection) -> None:
    """Wait until the other side closes the line."""
    try:
        await _hear(line, END_S)
    except EOFError:
        return
