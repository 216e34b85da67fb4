"""
What one token costs in CPU time: all the way through Patter, and read and thrown away with the official client.

Patter's figure is the whole bot's, from the command to the ended answer: it reads the model's socket, renders pages and
edits the message through discord.py. They take turns on the same machine.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ollama
import uvloop

from bench.apart import play_out
from bench.crowd import Crowd, director, numbered
from bench.lines import pieces
from playground.chat import ChatServer

ROUNDS = 2
PROMPT = "Say something."
CHANNELS = 10
LONGEST_S = 30.0
BUSY = 0.25
"""Part of a run that may go by waiting for a CPU: the bot shares two with the servers that it speaks to."""

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@dataclass(frozen=True, slots=True)
class Load:
    streams: int = 100
    rate: int = 50
    seconds: float = 10.0
    idle_s: float = 1.0
    """So long the bot has nothing to do before and after: what it does late is counted too."""

    @property
    def tokens_per_stream(self) -> int:
        return int(self.rate * self.seconds)

    @property
    def tokens(self) -> int:
        return self.streams * self.tokens_per_stream


def measure(load: Load, *, tell: Callable[[str], None]) -> dict[str, float]:
    """Give µs of CPU time per token, the best of all rounds; `ratio` is Patter's to the client's on asyncio."""
    variants: dict[str, Callable[[Load], float]] = {
        "patter_us": patter,
        "ollama_us": partial(official, loop_factory=asyncio.new_event_loop),
        "ollama_uvloop_us": partial(official, loop_factory=uvloop.new_event_loop),
    }
    tell(f"{load.streams} streams of {load.tokens_per_stream} tokens at {load.rate} tokens/s; µs per token:")
    runs: dict[str, list[float]] = {name: [] for name in variants}
    waited_s = 0.0
    for _ in range(ROUNDS):
        for name, run in variants.items():
            before_s = without_cpu_s()
            runs[name].append(1e6 * run(load) / load.tokens)
            waited_s = max(waited_s, without_cpu_s() - before_s)
    for name, figures in runs.items():
        tell(f"  {name:18}" + "".join(f"{us:7.1f}" for us in figures))
    if waited_s > BUSY * load.seconds:
        tell(f"A busy machine: {waited_s:.1f} s of a run went by waiting for a CPU.")
        tell("Who comes late reads many tokens at once, so this says little of a stream that is read as it comes.")
    best = {name: round(min(figures), 1) for name, figures in runs.items()}
    return {**best, "ratio": round(best["patter_us"] / best["ollama_us"], 2)}


def without_cpu_s() -> float:
    """Tell how long this thread has been ready to run with no CPU to run on; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    return 0.0


# All the way through Patter


def patter(load: Load) -> float:
    """Give the CPU time in s of the bot's process; its loop is uvloop, as people run it."""
    played = play_out(partial(people, load), director)
    return played.bot.spent_s(*played.people)


async def people(load: Load, chat: ChatServer) -> tuple[float, float]:
    """Ask everything at once; return when that began and when all of it was over."""
    crowd = Crowd(chat, CHANNELS)
    await crowd.warm_up()
    await asyncio.sleep(load.idle_s)
    began = time.monotonic()
    asked = [crowd.ask(wish) for wish in numbered("stream", load.streams, load.tokens_per_stream, load.rate)]
    await crowd.until_ended(asked, load.seconds + LONGEST_S)
    await asyncio.sleep(load.idle_s)
    return began, time.monotonic()


# With the official client


def official(load: Load, *, loop_factory: LoopFactory) -> float:
    """Give the CPU time in s of reading all answers. Raises RuntimeError if anything is missing."""
    with _speaking(load) as url, asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_read_all(load, url))


async def _read_all(load: Load, url: str) -> float:
    expected = len("".join(pieces(load.tokens_per_stream)))
    async with ollama.AsyncClient(host=url) as client:
        began = time.process_time()
        read = await asyncio.gather(*(_read(client) for _ in range(load.streams)))
        spent = time.process_time() - began
    if set(read) != {expected}:
        raise RuntimeError(f"read {set(read)} characters of {expected}")
    return spent


async def _read(client: ollama.AsyncClient) -> int:
    chars = 0
    async for part in await client.chat("bench", [{"role": "user", "content": PROMPT}], stream=True):
        chars += len(part.message.content or "")
    return chars


@contextmanager
def _speaking(load: Load) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.speaker", str(load.rate), str(load.tokens_per_stream)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as speaker:  # noqa: S603
        assert speaker.stdout is not None
        yield f"http://127.0.0.1:{int(speaker.stdout.readline())}"
        speaker.communicate()
