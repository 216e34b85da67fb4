"""Whether a token costs more the longer the answer is: CPU time of the whole bot, page after page."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench.apart import play_out
from bench.crowd import Crowd, director, numbered
from bench.meter import Meter
from playground.chat import ChatServer

RATE = 500.0  # tokens/s of each answer: four characters each, that fills a page a second
CHANNELS = 10
LONGEST_S = 30.0
EARLY, LATE = (0.1, 0.35), (0.65, 0.9)
"""Parts of a long answer's time; both lie within it, away from its start and its end."""


@dataclass(frozen=True, slots=True)
class Load:
    """So many answers of so many tokens; that many begin each second."""

    tokens: int
    answers: int
    begun_per_s: float
    idle_s: float = 1.0

    @property
    def seconds(self) -> float:
        return self.answers / self.begun_per_s + self.tokens / RATE


LONG = Load(tokens=20_000, answers=12, begun_per_s=100)
SHORT = Load(tokens=200, answers=450, begun_per_s=30)
"""Either way twelve are under way at any moment: with fewer the process mostly sleeps, and what waking costs varies."""


@dataclass(frozen=True, slots=True)
class Span:
    begin: float
    end: float

    def part(self, begin: float, end: float) -> "Span":
        length = self.end - self.begin
        return Span(self.begin + begin * length, self.begin + end * length)


def measure(short: Load = SHORT, long: Load = LONG, *, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give µs of CPU time per token of short and long answers; `ratio` is the long ones' to the short ones'.

    A short answer's command and ending weigh on few tokens, which would hide a growth. So `late_to_early` tells in
    the same way what the last part of the long answers costs beside the first.
    """
    tell(f"{long.answers} answers of {long.tokens} tokens, {short.answers} of {short.tokens}; µs per token:")
    played = play_out(partial(people, short, long), director)
    meter, (long_span, short_span) = played.bot, played.people
    early, late = (meter.spent_s(part.begin, part.end) for part in (long_span.part(*EARLY), long_span.part(*LATE)))
    result = {
        "short_us": _us_per_token(meter, short_span, short),
        "long_us": _us_per_token(meter, long_span, long),
    }
    for name, us in result.items():
        tell(f"  {name:10} {us:6.1f}")
    return {
        **{name: round(us, 1) for name, us in result.items()},
        "ratio": round(result["long_us"] / result["short_us"], 2),
        "late_to_early": round(late / early, 2),
    }


def _us_per_token(meter: Meter, span: Span, load: Load) -> float:
    return 1e6 * meter.spent_s(span.begin, span.end + load.idle_s / 2) / (load.answers * load.tokens)


async def people(short: Load, long: Load, chat: ChatServer) -> tuple[Span, Span]:
    """Ask for the long answers, then for the short ones; return when each began and ended."""
    crowd = Crowd(chat, CHANNELS)
    await crowd.warm_up()
    return await _ask_for(crowd, long), await _ask_for(crowd, short)


async def _ask_for(crowd: Crowd, load: Load) -> Span:
    await asyncio.sleep(load.idle_s)
    begin = time.monotonic()
    wishes = numbered("answer", load.answers, load.tokens, RATE)
    asked = await crowd.ask_evenly(wishes, per_s=load.begun_per_s)
    await crowd.until_ended(asked, load.seconds + LONGEST_S)
    end = time.monotonic()
    await asyncio.sleep(load.idle_s)
    return Span(begin, end)
