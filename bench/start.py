"""What a start costs until the gateway knows the bot, and the memory that it takes while nobody asks. Linux only."""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.chat import ChatServer
from playground.llm.models import Model
from playground.llm.server import LlmServer
from playground.llm.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
STARTS = 7
IDLE_S = 5.0
START_S, END_S = 60.0, 12.0
MODEL = "bench"
UTIME, STIME = 11, 12
"""Fields of /proc/PID/stat behind the name of the program."""


@dataclass(frozen=True, slots=True)
class Start:
    """CPU time of all threads until the gateway has the bot's IDENTIFY, and how long that took."""

    cpu_s: float
    seconds: float
    idle_mb: float


def measure(starts: int = STARTS, idle_s: float = IDLE_S, *, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give the first start, which makes the database and registers the commands, and the median of those after it.

    The model's server is there and has nothing to do.
    """
    first, *others = asyncio.run(_measure(starts + 1, idle_s))
    result = {
        "first_cpu_s": first.cpu_s,
        "cpu_s": statistics.median(one.cpu_s for one in others),
        "most_cpu_s": max(one.cpu_s for one in others),
        "seconds": statistics.median(one.seconds for one in others),
        "idle_mb": statistics.median(one.idle_mb for one in others),
    }
    tell(f"{starts} starts after a first one, as processes of their own:")
    for name, value in result.items():
        tell(f"  {name:12} {value:7.2f}")
    tell(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return {name: round(value, 2) for name, value in result.items()}


async def _measure(starts: int, idle_s: float) -> list[Start]:
    with TemporaryDirectory() as folder:
        async with ChatServer() as chat, LlmServer(Stage(Model(MODEL)).respond) as llm:
            environment = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "DISCORD_TOKEN": chat.world.bot.token,
                "DISCORD_API_URL": chat.api_url,
                "DISCORD_GATEWAY_URL": chat.gateway_url,
                "OLLAMA_URL": llm.url,
                "OLLAMA_MODEL": MODEL,
            }
            return [await _start(chat, number, folder, environment, idle_s) for number in range(1, starts + 1)]


async def _start(chat: ChatServer, number: int, folder: str, environment: dict[str, str], idle_s: float) -> Start:
    began = time.monotonic()
    async with _bot(folder, environment) as pid:
        await chat.record.until_identified(number, START_S)
        cpu_s, seconds = _cpu_s(pid), time.monotonic() - began
        await asyncio.sleep(idle_s)
        return Start(cpu_s, seconds, _resident_mb(pid))


@asynccontextmanager
async def _bot(folder: str, environment: dict[str, str]) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=folder, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        async with asyncio.timeout(END_S):
            await process.wait()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[UTIME]) + int(fields[STIME])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(resident.split()[1]) / 1024
