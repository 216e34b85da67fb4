"""What CPU time has been used by when: by a process of the bench, and by the whole machine."""

import asyncio
import math
import os
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

STEP_S = 0.05

SELDOM_S = 0.5
"""For what is costly to read, and would be charged to the bot: it shares the process of who looks."""

STAT = Path("/proc/stat")
BUSY = (1, 2, 3, 6, 7)
"""The columns of its first line in which a core did something: user, nice, system, irq, softirq."""


@dataclass(frozen=True, slots=True)
class Meter:
    """CPU time by moments of `time.monotonic()`, which all processes share. Between two of them it grows evenly."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    cpu_s: "array[float]" = field(default_factory=lambda: array("d"))

    def run(self, read: Callable[[], float] = time.process_time, *, step_s: float = STEP_S) -> None:
        """Note what `read` gives from now on, for as long as the running loop runs."""
        loop = asyncio.get_running_loop()

        def note() -> None:
            self.note(time.monotonic(), read())
            loop.call_later(step_s, note)

        note()

    def note(self, at: float, cpu_s: float) -> None:
        self.at.append(at)
        self.cpu_s.append(cpu_s)

    def spent_s(self, begin: float, end: float) -> float:
        return self._by(end) - self._by(begin)

    def cores(self, begin: float, end: float) -> float:
        """Give how many cores were busy on average."""
        return self.spent_s(begin, end) / (end - begin)

    def _by(self, moment: float) -> float:
        after = bisect_right(self.at, moment)
        if after in {0, len(self.at)}:
            return self.cpu_s[min(after, len(self.at) - 1)]
        passed = (moment - self.at[after - 1]) / (self.at[after] - self.at[after - 1])
        return self.cpu_s[after - 1] + passed * (self.cpu_s[after] - self.cpu_s[after - 1])


def machine_s() -> float:
    """Give the CPU time that all processes have used, in seconds of one core; NaN where the system does not tell."""
    if not STAT.exists():
        return math.nan
    columns = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()
    return sum(int(columns[at]) for at in BUSY) / os.sysconf("SC_CLK_TCK")
