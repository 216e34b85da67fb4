"""
The loops of other bots, written anew from what they do: when they write, not what they make of the text.

Each runs over its own library's queue and shows the answer in one message.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.lag.figures import Seen
from bench.lag.libraries import DiscordPy, Library, discord_js, discordgo
from bench.lag.limits_model import Bucket, Discord, Response, channel_edits, channel_sends
from bench.lag.load import TOKENS, Stream


class Message:
    """The message of one answer. What a call shows is seen when its response arrives, not when the call returns."""

    def __init__(self, seen: Seen, library: Library) -> None:
        self._seen, self._library = seen, library
        self.exists = False

    async def send(self, tokens: int) -> None:
        await self._request(channel_sends(self._seen.stream.channel), tokens)
        self.exists = True

    async def edit(self, tokens: int) -> None:
        await self._request(channel_edits(self._seen.stream.channel), tokens)

    async def write(self, tokens: int) -> None:
        """Send the message at first, edit it from then on."""
        await (self.edit(tokens) if self.exists else self.send(tokens))

    async def _request(self, bucket: Bucket, tokens: int) -> None:
        loop = asyncio.get_running_loop()

        def on_response(response: Response) -> None:
            if response.retry_after_s is None:
                self._seen.see(tokens, loop.time())

        await self._library.request(bucket, on_response)


class Bot(Protocol):
    async def answer(self, stream: Stream, message: Message) -> None: ...


class Llmcord:
    """
    llmcord (discord.py): an edit when the last write of any answer is a second old, awaited in the token loop.

    The gate is shut only when a write returns. Each token is shown only when the next has come, and the last edit
    waits out that second too.
    """

    GATE_S = 1.0

    def __init__(self) -> None:
        self._written_at = 0.0

    async def answer(self, stream: Stream, message: Message) -> None:
        loop = asyncio.get_running_loop()
        async for token in stream.tokens():
            if token and (not message.exists or loop.time() - self._written_at >= self.GATE_S):
                await message.write(token)
                self._written_at = loop.time()
        await asyncio.sleep(self._written_at + self.GATE_S - loop.time())
        await message.write(TOKENS)
        self._written_at = loop.time()


class LlmcordGo:
    """llmcord-go (discordgo): a slot a second for each message, awaited in the token loop, the last write's too."""

    SLOT_S = 1.0

    async def answer(self, stream: Stream, message: Message) -> None:
        loop = asyncio.get_running_loop()
        slot_at = written_at = 0.0
        async for token in stream.tokens():
            if loop.time() >= written_at + self.SLOT_S:
                slot_at = max(loop.time(), slot_at)
                await asyncio.sleep(slot_at - loop.time())
                slot_at += self.SLOT_S
                await message.write(token + 1)
                written_at = loop.time()
        await asyncio.sleep(slot_at - loop.time())
        await message.write(TOKENS)


class JsLlmcord:
    """js-llmcord (discord.js): reads apart from writing; looks every 0.1 s, and writes what is new, awaited."""

    LOOK_S = 0.1

    async def answer(self, stream: Stream, message: Message) -> None:
        loop = asyncio.get_running_loop()
        shown = 0
        while (at := loop.time()) < stream.arrivals[-1]:
            if (tokens := stream.arrived(at)) > shown:
                await message.write(tokens)
                shown = tokens
            await asyncio.sleep(self.LOOK_S)
        await message.write(TOKENS)


class DiscordOllama:
    """discord-ollama (discord.js): a message at once, then an edit for each token, none of them awaited."""

    async def answer(self, stream: Stream, message: Message) -> None:
        await message.send(0)
        async with asyncio.TaskGroup() as edits:
            async for token in stream.tokens():
                if token:  # it leaves texts of up to 5 characters alone
                    edits.create_task(message.edit(token + 1))


class Oobabot:
    """oobabot (discord.py): tokens in groups of 0.7 s, each group an edit, awaited in the token loop."""

    GROUP_S = 0.7

    async def answer(self, stream: Stream, message: Message) -> None:
        loop = asyncio.get_running_loop()
        grouped_since, shown = loop.time(), 0
        async for token in stream.tokens():
            if loop.time() >= grouped_since + self.GROUP_S:
                await message.write(shown := token + 1)
                grouped_since = loop.time()
        if shown < TOKENS:
            await message.write(TOKENS)


@dataclass(eq=False, slots=True)
class _Running:
    """An answer under way in a channel of NewestWins."""

    stream: Stream
    message: Message
    shown: int
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def unseen_since(self) -> float:
        return self.stream.arrivals[self.shown]


class NewestWins:
    """
    What one would write first (discord.py): an edit a second in each channel, endings first, then who waits longest.

    The text is taken at the moment at which its edit goes out.
    """

    PACE_S = 1.0

    def __init__(self) -> None:
        self._channels: defaultdict[int, list[_Running]] = defaultdict(list)
        self._pumps: set[asyncio.Task[None]] = set()

    async def answer(self, stream: Stream, message: Message) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(stream.arrivals[0] - loop.time())
        await message.send(1)
        channel, running = self._channels[stream.channel], _Running(stream, message, shown=1)
        channel.append(running)
        if len(channel) == 1:
            self._pumps.add(loop.create_task(self._pump(channel)))
        await running.over.wait()

    async def _pump(self, channel: list[_Running]) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as edits:
            while channel:
                await asyncio.sleep(min(one.unseen_since for one in channel) - loop.time())
                now = loop.time()
                ended = [one for one in channel if one.stream.arrivals[-1] <= now]
                first = min(ended or channel, key=lambda one: one.unseen_since)
                first.shown = first.stream.arrived(now)
                edits.create_task(self._edit(first))
                if first.shown == TOKENS:
                    channel.remove(first)
                await asyncio.sleep(self.PACE_S)

    @staticmethod
    async def _edit(running: _Running) -> None:
        tokens = running.shown
        await running.message.edit(tokens)
        if tokens == TOKENS:
            running.over.set()


@dataclass(frozen=True, slots=True)
class Rival:
    name: str
    bot: Callable[[], Bot]
    library: Callable[[Discord], Library]

    async def play(self, streams: Sequence[Stream], discord: Discord) -> list[Seen]:
        """Answer all streams, each from the moment at which it is asked for."""
        bot, library = self.bot(), self.library(discord)
        seen = [Seen(stream) for stream in streams]
        async with asyncio.TaskGroup() as group:
            for one in seen:
                group.create_task(_answer(bot, one, Message(one, library)))
        return seen


RIVALS = (
    Rival("llmcord", Llmcord, DiscordPy),
    Rival("llmcord-go", LlmcordGo, discordgo),
    Rival("js-llmcord", JsLlmcord, discord_js),
    Rival("discord-ollama", DiscordOllama, discord_js),
    Rival("oobabot", Oobabot, DiscordPy),
    Rival("naive newest-wins, endings first", NewestWins, DiscordPy),
)


async def _answer(bot: Bot, seen: Seen, message: Message) -> None:
    await asyncio.sleep(seen.stream.start - asyncio.get_running_loop().time())
    await bot.answer(seen.stream, message)
