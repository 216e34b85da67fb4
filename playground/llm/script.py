"""What a scripted model does for one request: a sequence of steps over its Reply."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence

from playground.llm.reply import Reply
from playground.llm.request import JSON
from playground.llm.wire import Counters

Step = Callable[[Reply], Awaitable[None]]
Script = Sequence[Step]

# A model's tokens carry the space before a word, not the one after it.
WORDS = re.compile(r"\s*\S+|\s+\Z")


class Ended(Exception):  # noqa: N818 - it is how a script says that it is over
    """The answer is over; what follows in the script is not played."""


async def play(script: Script, reply: Reply) -> None:
    """Play a script. One that comes to its end without `end`, `error` or `status` ends as a good answer does."""
    try:
        for step in script:
            await step(reply)
        await end()(reply)
    except Ended:
        return


def say(text: str | Sequence[str], pace: float = 0.0) -> Step:
    """Say a text word by word, or tokens as they are given, `pace` seconds after each."""
    tokens = WORDS.findall(text) if isinstance(text, str) else list(text)

    async def step(reply: Reply) -> None:
        for token in tokens:
            await reply.say(token)
            await asyncio.sleep(pace)

    return step


def think(text: str | Sequence[str], pace: float = 0.0) -> Step:
    """Think a text, as `say` says one."""
    tokens = WORDS.findall(text) if isinstance(text, str) else list(text)

    async def step(reply: Reply) -> None:
        for token in tokens:
            await reply.say(thinking=token)
            await asyncio.sleep(pace)

    return step


def hold(gate: asyncio.Event | None = None) -> Step:
    """Stay silent until the gate is set; without one, for ever."""

    async def step(_: Reply) -> None:
        await (gate or asyncio.Event()).wait()

    return step


def error(text: str) -> Step:
    """End with an error line inside the 200, as when the model's process dies."""

    async def step(reply: Reply) -> None:
        await reply.send({"error": text})
        raise Ended

    return step


def drop() -> Step:
    """Drop the connection: in mid-chunk, or before the status if nothing was said."""

    async def step(reply: Reply) -> None:
        await reply.drop()

    return step


def end(reason: str = "stop", *, done: bool = True, counters: Counters | None = None) -> Step:
    """End as an answer does; with `done=False` the last line is missing, though HTTP ends well."""

    async def step(reply: Reply) -> None:
        if done:
            await reply.end(reason, counters or _counters(reply))
        raise Ended

    return step


def status(code: int, body: str | bytes, content_type: str = JSON) -> Step:
    """Answer with this instead of a stream; it must be the first step to send anything."""
    data = body.encode() if isinstance(body, str) else body

    async def step(reply: Reply) -> None:
        reply.refuse(code, data, content_type)
        raise Ended

    return step


def raw(data: bytes) -> Step:
    """Send bytes as they are, as one chunk."""

    async def step(reply: Reply) -> None:
        await reply.raw(data)

    return step


def _counters(reply: Reply) -> Counters:
    total = time.monotonic_ns() - reply.began_ns
    return Counters(
        total_duration=total,
        load_duration=600_000,
        prompt_eval_count=12,
        prompt_eval_duration=5_000_000,
        eval_count=reply.tokens,
        eval_duration=max(total, 1000) if reply.tokens else 0,
        context=(1, 4093, 198) if reply.form == "generate" else (),
    )
