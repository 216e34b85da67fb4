"""Whether many answers come out whole without a single 429, at Discord's real limits."""

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.apart import play_out
from playground.chat import ChatServer, Member
from playground.display import can_be_stopped
from playground.llm.request import Ask
from playground.llm.script import Script, say

PEOPLE, CHANNELS = 6, 5
WORDS = (3, 40, 200, 900)  # the longest make four or five pages
RATES = (60, 100, 150)  # tokens/s
CODE_EVERY, PRIVATE_EVERY = 3, 5
LONGEST_S = 60.0

Json = dict[str, Any]

WORD = re.compile(r"\b(\d+)-(\d+)\b")
PROMPT = re.compile(r"Question (\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    answers: int = 200
    wave: int = 40
    """So many are asked for at once; the next follow when all of these have ended."""


def measure(load: Load = Load(), *, tell: Callable[[str], None]) -> dict[str, float]:
    """
    Give how many answers stood whole on the screen at their end, and how many 429s the server gave on the way.

    People ask in waves, all of a wave at once, in several channels; the answers differ in length and speed, some
    hold code, and some are private.
    """
    tell(f"{load.answers} answers in waves of {load.wave}, {PEOPLE} people in {CHANNELS} channels:")
    result: dict[str, float] = play_out(partial(people, load), director).people
    for name, figure in result.items():
        tell(f"  {name:10} {figure:6}")
    return result


# What the model says, in its process


def director(ask: Ask) -> Script:
    number = _number(PROMPT, ask.messages[-1]["content"])
    return (say(text_of(number), pace=1 / RATES[number % len(RATES)]),)


def text_of(number: int) -> str:
    """Give the text of an answer: words that say where they belong, in some of the answers half of them as code."""
    words = [f"{number}-{at}" for at in range(words_of(number))]
    if number % CODE_EVERY:
        return " ".join(words)
    half = len(words) // 2
    return " ".join(words[:half]) + "\n```python\n" + "\n".join(words[half:]) + "\n```"


def words_of(number: int) -> int:
    return WORDS[number % len(WORDS)]


def _number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else -1


# What the people do, in theirs


async def people(load: Load, chat: ChatServer) -> dict[str, float]:
    """Ask all questions; return the figures."""
    town = chat.world
    channels = [town.add_channel(town.playground, f"room-{number}").id for number in range(CHANNELS)]
    users = [town.add_user(f"person-{number}") for number in range(PEOPLE)]
    for user in users:
        town.join(town.playground, user)
    async with AsyncExitStack() as stack:
        members = [
            await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, user.token)) for user in users
        ]
        began = time.monotonic()
        whole = 0
        for first in range(0, load.answers, load.wave):
            wave = range(first, min(first + load.wave, load.answers))
            whole += sum(
                await asyncio.gather(*(_ask(random.choice(members), random.choice(channels), n) for n in wave))
            )
        seconds = time.monotonic() - began
    return {
        "answers": load.answers,
        "complete": whole,
        "http_429": chat.limits.refused,
        "edits": chat.record.count(method="PATCH", status=200),
        "seconds": round(seconds, 1),
    }


async def _ask(member: Member, channel: int, number: int) -> bool:
    """Ask one question; tell whether in the end its whole answer stands on the screen."""
    options = {"private": True} if number % PRIVATE_EVERY == 0 else {}
    await member.command(channel, "ask", prompt=f"Question {number}", **options)
    try:
        await member.until(lambda message: _has_ended(message, number), LONGEST_S)
    except TimeoutError:
        return False
    return _is_whole(_pages(member, channel, number), number)


def _has_ended(message: Json, number: int) -> bool:
    """Tell whether a message is the answer's last page: its caption gives the figures, and nothing can be stopped."""
    caption = message["content"].rpartition("\n")[2]
    return _belongs_to(message) == number and " tokens · " in caption and not can_be_stopped(message)


def _is_whole(pages: Sequence[Json], number: int) -> bool:
    shown = [int(at) for page in pages for _, at in WORD.findall(page["content"])]
    return shown == list(range(words_of(number))) and not any(map(can_be_stopped, pages))


def _pages(member: Member, channel: int, number: int) -> list[Json]:
    return [message for message in member.messages(channel) if _belongs_to(message) == number]


def _belongs_to(message: Json) -> int:
    """Tell which answer a message is a page of: its words say so, and before them the question on top."""
    number = _number(PROMPT, message["content"])
    return number if number >= 0 else _number(WORD, message["content"])
