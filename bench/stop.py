"""
How long the model goes on after somebody has said stop.

From the moment at which discord.py is handed the gateway's frame, before it is even decoded, to the moment at which the
model's server sees its client gone. Both processes read the same monotonic clock.
"""

import asyncio
import itertools
import math
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from discord.gateway import DiscordWebSocket

from bench.apart import Asked, play_out
from playground.chat import ChatServer, Member
from playground.display import buttons
from playground.llm.reply import Reply
from playground.llm.request import Ask
from playground.llm.script import Script

STREAMS, STOPS = 200, 100
RATE = 20  # tokens/s of each stream
LONGEST_PAUSE_S = 0.2
SHOWN_S = 15.0
WORD = " token"
SIGN = "🛑"
WAYS = ("button", "reaction", "command")


@dataclass(frozen=True, slots=True)
class Stopped:
    prompt: str
    way: str
    asked_at: float
    """When the person's client began to ask for it."""


def measure(*, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give the median and the 99th percentile in ms over all stops, and how many streams ran at each, at the least.

    Stops come one at a time, by the button, by the reaction and by /stop in turns; each stopped stream has been
    replaced, and the new one is on screen, before the next stop.
    """
    tell(f"{STREAMS} streams, {RATE} tokens/s each, {STOPS} stops:")
    with _noting_arrivals() as arrivals:
        played = play_out(people, director)
    stops: list[Stopped] = played.people
    if [way for way, _ in arrivals] != [stop.way for stop in stops]:
        raise RuntimeError(f"{len(arrivals)} stops have arrived of {len(stops)}, or in another order")
    left = {asked.prompt: asked.ended for asked in played.asked if asked.ending == "left"}
    gone = [left[stop.prompt] for stop in stops]
    arrived = [at for _, at in arrivals]
    figures = [1000 * (after - before) for before, after in zip(arrived, gone, strict=True)]
    for way in WAYS:
        tell(_line(f"by {way}", [figure for stop, figure in zip(stops, figures, strict=True) if stop.way == way]))
    tell(_line("all", figures))
    tell(_line("from the click", [1000 * (at - stop.asked_at) for stop, at in zip(stops, gone, strict=True)]))
    tell(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return {
        "p50_ms": round(_percentile(figures, 50), 1),
        "p99_ms": round(_percentile(figures, 99), 1),
        "stops": len(figures),
        "streams": min(_running(played.asked, at) for at in arrived),
    }


def _line(name: str, figures: list[float]) -> str:
    return (
        f"  {name:20} median {_percentile(figures, 50):5.1f} ms   "
        f"p99 {_percentile(figures, 99):5.1f} ms   most {max(figures):5.1f} ms"
    )


def _percentile(figures: list[float], percent: int) -> float:
    return sorted(figures)[math.ceil(len(figures) * percent / 100) - 1]


def _running(asked: list[Asked], at: float) -> int:
    return sum(one.arrived < at and not (one.ended and one.ended < at) for one in asked)


@contextmanager
def _noting_arrivals() -> Iterator[list[tuple[str, float]]]:
    """Note way and time of each Stop event, as soon as discord.py has it."""
    arrivals: list[tuple[str, float]] = []
    receive = DiscordWebSocket.received_message

    async def noting(socket: DiscordWebSocket, frame: str, /) -> None:
        at = time.monotonic()
        way = _way(msgspec.json.decode(frame))
        if way:
            arrivals.append((way, at))
        await receive(socket, frame)

    DiscordWebSocket.received_message = noting
    try:
        yield arrivals
    finally:
        DiscordWebSocket.received_message = receive


def _way(event: Any) -> str:
    """Tell which way of stopping an event is; empty if it is none."""
    match event:
        case {"t": "MESSAGE_REACTION_ADD"}:
            return "reaction"
        case {"t": "INTERACTION_CREATE", "d": {"data": {"custom_id": _}}}:
            return "button"
        case {"t": "INTERACTION_CREATE", "d": {"data": {"name": "stop"}}}:
            return "command"
    return ""


# What the model does, in its process


def director(_: Ask) -> Script:
    return (_speak_on,)


async def _speak_on(reply: Reply) -> None:
    """Say tokens at a steady pace until nobody listens."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        await reply.say(WORD)
        due += 1 / RATE
        await asyncio.sleep(due - loop.time())


# What the people do, in theirs


async def people(chat: ChatServer) -> list[Stopped]:
    """Begin the streams, each in a channel of its own since /stop ends all that one has in a channel; stop some."""
    channels = [chat.world.add_channel(chat.world.playground, f"stream-{number}").id for number in range(STREAMS)]
    async with Member(chat.api_url, chat.gateway_url, chat.world.ann.token) as ann:
        streams = [await _ask(ann, channel, f"Question {number}") for number, channel in enumerate(channels)]
        stops = []
        for number, way in zip(range(STOPS), itertools.cycle(WAYS), strict=False):
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_S))  # at any moment of what the streams do
            stream = streams.pop(random.randrange(STREAMS))
            stops.append(Stopped(stream.prompt, way, await _stop(ann, stream, way)))
            streams.append(await _ask(ann, stream.channel, f"Question {STREAMS + number}"))
    return stops


@dataclass(frozen=True, slots=True)
class Stream:
    prompt: str
    channel: int
    first_page: int


async def _ask(ann: Member, channel: int, prompt: str) -> Stream:
    """Ask and return as soon as the answer has begun on screen."""
    await ann.command(channel, "ask", prompt=prompt)
    page = await ann.until(lambda one: f"**{prompt}**" in one["content"] and WORD.strip() in one["content"], SHOWN_S)
    return Stream(prompt, channel, int(page["id"]))


async def _stop(ann: Member, stream: Stream, way: str) -> float:
    """Stop an answer and wait until it says so; return when that was asked for."""

    def is_page(message: dict[str, Any]) -> bool:
        return int(message["channel_id"]) == stream.channel and int(message["id"]) >= stream.first_page

    page = await ann.until(lambda message: is_page(message) and bool(buttons(message)), SHOWN_S)
    asked_at = time.monotonic()
    match way:
        case "button":
            await ann.click(page, buttons(page)[0].custom_id)
        case "reaction":
            await ann.react(stream.channel, stream.first_page, SIGN)
        case _:
            await ann.command(stream.channel, "stop")
    await ann.until(lambda message: is_page(message) and "stopped by ann" in message["content"], SHOWN_S)
    return asked_at
