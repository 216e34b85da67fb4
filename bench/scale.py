"""A thousand answers at once, by the real bot at Discord's real limits, and how soon as many commands are answered."""

import asyncio
import math
import os
import re
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bench.apart import Asked, Played, play_out
from bench.crowd import Crowd, director, numbered
from bench.lines import WORD
from bench.writes import noting, peak_mb
from bot.core.model import Screen
from playground.chat import ChatServer
from playground.chat.model import Interaction

CHANNELS = 50
BURST_TOKENS = 10
LONGEST_S = 30.0

CALLBACK = "/interactions/{interaction}/{token}/callback"
NAME = re.compile(r"\bstream-\d+")
HEADING_CHARS = 40
OK = 200


@dataclass(frozen=True, slots=True)
class Load:
    streams: int = 1000
    rate: float = 10.0
    seconds: float = 24.0
    start_s: float = 10.0
    idle_s: float = 2.0

    @property
    def tokens(self) -> int:
        return int(self.rate * self.seconds)


@dataclass(frozen=True, slots=True)
class Shown:
    """The acknowledged writes of one answer: when they were, and how many tokens each showed."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    tokens: "array[int]" = field(default_factory=lambda: array("l"))

    def edits_per_s(self) -> float:
        """Give the rate from the first text to the end."""
        first = next(index for index, tokens in enumerate(self.tokens) if tokens)
        return (len(self.at) - 1 - first) / (self.at[-1] - self.at[first])

    def lags(self, arrivals: Sequence[float]) -> Iterator[float]:
        """Give for each token the time from its arrival to the first write that showed it."""
        seen = 0
        for at, tokens in zip(self.at, self.tokens, strict=True):
            yield from (at - arrival for arrival in arrivals[seen:tokens])
            seen = max(seen, tokens)


class Watch:
    """Notes what each stream shows, and what the process needs for it."""

    def __init__(self) -> None:
        self.streams: dict[str, Shown] = defaultdict(Shown)
        self.begin_mb = self.end_mb = 0.0

    def note(self, screen: Screen) -> None:
        name = NAME.search(screen.text, 0, HEADING_CHARS)
        if name is None:
            return
        self.end_mb = peak_mb()
        self.begin_mb = self.begin_mb or self.end_mb
        shown = self.streams[name[0]]
        shown.at.append(time.monotonic())
        shown.tokens.append(screen.text.count(WORD.strip()))  # a page trims its start


@dataclass(frozen=True, slots=True)
class Brought:
    """What the people can tell. Commands that were not answered within Discord's three seconds have failed."""

    http_429: int
    failed: int
    burst_failed: int
    burst_answered_s: float
    """From the burst to the last answer to a command of it that came in time."""


def measure(load: Load, *, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give the figures of the time in which all answers were being written, and those of the burst after it.

    A token's arrival is when it was due at the model's server, so that what is late there counts too.
    """
    tell(f"{load.streams} answers of {load.tokens} tokens at {load.rate:g} tokens/s, begun in {load.start_s:g} s:")
    watch = Watch()
    with noting(watch.note):
        played = play_out(partial(people, load), director)
    result = _figures(watch, played, load)
    for name, figure in result.items():
        tell(f"  {name:26}{figure:8}")
    tell(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return result


def _streams(asked: Sequence[Asked]) -> dict[str, Asked]:
    return {name[0]: one for one in asked if (name := NAME.match(one.prompt))}


def _figures(watch: Watch, played: Played, load: Load) -> dict[str, float]:
    brought, all_asked = played.people, _streams(played.asked)
    asked = {name: all_asked[name] for name in watch.streams}
    lags = sorted(lag for name, shown in watch.streams.items() for lag in shown.lags(_arrivals(asked[name], load)))
    if len(lags) != len(watch.streams) * load.tokens:
        raise RuntimeError(f"{len(lags)} tokens were shown of {len(watch.streams) * load.tokens}")
    begin, end = max(one.arrived for one in asked.values()), min(one.ended for one in asked.values())
    rates = [shown.edits_per_s() for shown in watch.streams.values()]
    return {
        "edits_per_stream_s": round(sum(rates) / len(rates), 2),
        "p95_token_lag_s": round(_percentile(lags, 95), 2),
        "http_429": brought.http_429,
        "cpu_cores": round(played.bot.cores(begin, end), 2),
        "rss_mb_per_stream": round((watch.end_mb - watch.begin_mb) / load.streams, 3),
        "streams": len(watch.streams),
        "failed": brought.failed,
        "least_edits_per_stream_s": round(min(rates), 2),
        "p50_token_lag_s": round(_percentile(lags, 50), 2),
        "burst_failed": brought.burst_failed,
        "burst_answered_s": round(brought.burst_answered_s, 2),
        **_other_cores(played, begin, end),
    }


def _other_cores(played: Played, begin: float, end: float) -> dict[str, float]:
    """Tell what the machine did besides the bot: who measures should have it alone."""
    bot, chat, model, machine = (
        meter.cores(begin, end) for meter in (played.bot, played.chat, played.model, played.machine)
    )
    rest = machine - bot - chat - model
    return {"chat_cores": round(chat, 2), "model_cores": round(model, 2), "rest_cores": round(rest, 2)}


def _arrivals(asked: Asked, load: Load) -> list[float]:
    return [asked.arrived + token / load.rate for token in range(load.tokens)]


def _percentile(figures: Sequence[float], percent: int) -> float:
    return figures[math.ceil(len(figures) * percent / 100) - 1]


# What the people do, in their process


async def people(load: Load, chat: ChatServer) -> Brought:
    """Ask one after the other and wait for the ends; then ask as much again all in one moment."""
    crowd = Crowd(chat, CHANNELS)
    await crowd.warm_up()
    wishes = numbered("stream", load.streams, load.tokens, load.rate, counted=True)
    asked = await crowd.ask_evenly(wishes, per_s=load.streams / load.start_s)
    failed = await _see_through(crowd, chat, asked, load.seconds)
    await asyncio.sleep(load.idle_s)
    began = time.monotonic()
    burst = [crowd.ask(wish) for wish in numbered("burst", load.streams, BURST_TOKENS, load.rate)]
    burst_failed = await _see_through(crowd, chat, burst, BURST_TOKENS / load.rate)
    return Brought(chat.limits.refused, failed, burst_failed, _last_answer(chat, burst) - began)


async def _see_through(crowd: Crowd, chat: ChatServer, asked: Sequence[Interaction], seconds: float) -> int:
    """Wait until all whose command was answered have ended; return how many were not."""
    with suppress(TimeoutError):
        await chat.record.until(lambda _: all(one.answered for one in asked), chat.limits.limits.first_response_s)
    answered = [one for one in asked if one.answered]
    await crowd.until_ended(answered, seconds + LONGEST_S)
    return len(asked) - len(answered)


def _last_answer(chat: ChatServer, asked: Sequence[Interaction]) -> float:
    tokens = {one.token for one in asked}
    ours = (entry for entry in chat.record.of("POST", CALLBACK) if entry.params["token"] in tokens)
    return max((entry.answered or math.nan for entry in ours if entry.status == OK), default=math.nan)
