"""What one token costs in CPU time, read by Patter's client and by the official one, in turns on the same machine."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass

import ollama
import uvloop

from bench.speaker import TEXT
from bot.core.model import Delta, Question, Turn
from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http

ROUNDS = 3
PROMPT = "Say something."

Read = Callable[[], Awaitable[int]]
"""Reads one whole answer; gives its number of characters."""
Client = Callable[[str], AbstractAsyncContextManager[Read]]
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@dataclass(frozen=True)
class Load:
    streams: int = 100
    rate: int = 50
    seconds: float = 4.0

    @property
    def tokens_per_stream(self) -> int:
        return int(self.rate * self.seconds)


@asynccontextmanager
async def patter(url: str) -> AsyncIterator[Read]:
    question = Question((Turn("user", PROMPT),), model="bench", seed=1)
    async with open_http(url) as http:
        client = OllamaClient(http, OllamaOptions())

        async def read() -> int:
            chars = 0
            async with client.ask(question) as events:
                async for event in events:
                    if isinstance(event, Delta):
                        chars += len(event.text)
            return chars

        yield read


@asynccontextmanager
async def official(url: str) -> AsyncIterator[Read]:
    async with ollama.AsyncClient(host=url) as client:

        async def read() -> int:
            chars = 0
            async for part in await client.chat("bench", [{"role": "user", "content": PROMPT}], stream=True):
                chars += len(part.message.content or "")
            return chars

        yield read


VARIANTS: dict[str, tuple[Client, LoopFactory]] = {
    "patter_us": (patter, asyncio.new_event_loop),
    "patter_uvloop_us": (patter, uvloop.new_event_loop),
    "ollama_us": (official, asyncio.new_event_loop),
    "ollama_uvloop_us": (official, uvloop.new_event_loop),
}


def measure(load: Load, *, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give µs of CPU time per token for each variant, the best of its rounds; `ratio` is Patter's to ollama's.

    Each variant has its turn in each round, so that a busy machine is unfair to none.
    """
    warm_up = Load(streams=4, seconds=0.2)
    with _speaking(warm_up) as url:
        for client, loop_factory in VARIANTS.values():
            _us_per_token(warm_up, client, loop_factory, url)
    tell(f"{load.streams} streams, {load.rate} tokens/s each, {load.seconds:g} s; µs per token, best of {ROUNDS}:")
    runs: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with _speaking(load) as url:
        for _ in range(ROUNDS):
            for name, (client, loop_factory) in VARIANTS.items():
                runs[name].append(_us_per_token(load, client, loop_factory, url))
    best = {name: round(min(figures), 1) for name, figures in runs.items()}
    for name, us in best.items():
        tell(f"  {name:18} {us:6.1f}")
    return {**best, "ratio": round(best["patter_us"] / best["ollama_us"], 2)}


def _us_per_token(load: Load, client: Client, loop_factory: LoopFactory, url: str) -> float:
    async def main() -> float:
        async with client(url) as read:
            began = time.process_time()
            chars = await asyncio.gather(*(read() for _ in range(load.streams)))
            spent = time.process_time() - began
        expected = len(TEXT) * load.tokens_per_stream
        if set(chars) != {expected}:
            raise RuntimeError(f"read {set(chars)} characters of {expected}")
        return 1e6 * spent / (load.streams * load.tokens_per_stream)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main())


@contextmanager
def _speaking(load: Load) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.speaker", str(load.rate), str(load.tokens_per_stream)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as speaker:  # noqa: S603
        assert speaker.stdout is not None
        yield f"http://127.0.0.1:{int(speaker.stdout.readline())}"
        speaker.communicate()
