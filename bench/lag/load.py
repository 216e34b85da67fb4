"""What is asked of a bot: streams of tokens, each with its time."""

import asyncio
import random
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

TOKENS, TOKEN = 500, "text"
RATES = 20.0, 40.0
RATE_ALONE = 30.0
SPREAD_S = 6.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer, asked for at `start`; `arrivals` are the loop times at which its tokens reach the bot's host."""

    number: int
    channel: int
    start: float
    arrivals: Sequence[float]

    @property
    def lasts_s(self) -> float:
        """From the first token to the last."""
        return self.arrivals[-1] - self.arrivals[0]

    @property
    def gap_s(self) -> float:
        """From one token to the next."""
        return self.lasts_s / (len(self.arrivals) - 1)

    def arrived(self, at: float) -> int:
        """Tell how many tokens have arrived by then."""
        return bisect_right(self.arrivals, at)

    async def tokens(self) -> AsyncIterator[int]:
        """Give each token's number as soon as it has arrived; whoever reads late finds them all waiting."""
        loop = asyncio.get_running_loop()
        for number, at in enumerate(self.arrivals):
            if loop.time() < at:
                await asyncio.sleep(at - loop.time())
            yield number


def alone(begin: float, rate: float = RATE_ALONE) -> list[Stream]:
    """One stream, at a steady pace."""
    return [_steady(0, 0, begin, rate)]


def several(begin: float, count: int, rng: random.Random, *, one_channel: bool) -> list[Stream]:
    """`count` streams, each at a steady pace of its own, that start within six seconds."""
    return [
        _steady(number, 0 if one_channel else number, begin + rng.uniform(0, SPREAD_S), rng.uniform(*RATES))
        for number in range(count)
    ]


def _steady(number: int, channel: int, start: float, rate: float) -> Stream:
    return Stream(number, channel, start, tuple(start + (token + 1) / rate for token in range(TOKENS)))
