"""Many questions at once: what the people ask, what the model says to it, and when all answers have ended."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from bench.lines import lines
from playground.chat import ChatServer
from playground.chat.commands import usable
from playground.chat.interactions import open_interaction
from playground.chat.model import Channel, Interaction, InteractionKind
from playground.chat.record import Entry
from playground.llm.reply import Reply
from playground.llm.request import Ask
from playground.llm.script import Script

STRING = 3
WARM_UP_S = 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A question that says what its answer is to be. It goes through the chat and comes to the model as text."""

    name: str
    tokens: int
    rate: float
    """Tokens per second."""
    counted: bool = False
    """Whether each token is the same word, to be counted on the screen."""

    @property
    def prompt(self) -> str:
        return f"{self.name} {self.tokens} {self.rate:g} {int(self.counted)}"

    @classmethod
    def read(cls, prompt: str) -> Self:
        name, tokens, rate, counted = prompt.split()
        return cls(name, int(tokens), float(rate), counted == "1")


# What the model says, in its process


def director(ask: Ask) -> Script:
    wish = Wish.read(ask.messages[-1]["content"])

    async def speak(reply: Reply) -> None:
        """Say one token after the other at an even pace; who is late once does not stay late."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for line in lines(wish.tokens, counted=wish.counted):
            await reply.raw(line)
            reply.tokens += 1
            due += 1 / wish.rate
            await asyncio.sleep(due - loop.time())

    return (speak,)


# What the people do, in theirs


class Crowd:
    """
    People with `channels` channels to ask in, one after the other.

    Their questions begin on the server itself: what it costs to bring them there is not what is measured.
    """

    def __init__(self, chat: ChatServer, channels: int) -> None:
        self._chat = chat
        town = chat.world
        self._channels = [town.add_channel(town.playground, f"room-{number}") for number in range(channels)]
        self._asked = 0

    def ask(self, wish: Wish) -> Interaction:
        channel = self._channels[self._asked % len(self._channels)]
        self._asked += 1
        return open_interaction(
            self._chat.world,
            self._chat.world.application,
            InteractionKind.COMMAND,
            self._chat.world.ann,
            channel,
            self._command(channel, wish.prompt),
        )

    async def ask_evenly(self, wishes: Iterable[Wish], *, per_s: float) -> list[Interaction]:
        loop = asyncio.get_running_loop()
        due, asked = loop.time(), []
        for wish in wishes:
            asked.append(self.ask(wish))
            due += 1 / per_s
            await asyncio.sleep(due - loop.time())
        return asked

    async def warm_up(self) -> None:
        """See one short answer through, as a bot has that has been up for a while."""
        await self.until_ended([self.ask(Wish("warm-up", tokens=1, rate=10))], WARM_UP_S)

    async def until_ended(self, asked: Iterable[Interaction], within_s: float) -> None:
        """Wait until each answer's last page gives its figures. Raises TimeoutError."""
        missing = {interaction.token for interaction in asked}

        def none_is_missing(entry: Entry) -> bool:
            if _ends_an_answer(entry):
                missing.discard(entry.params["token"])
            return not missing

        try:
            await self._chat.record.until(none_is_missing, within_s)
        except TimeoutError:
            raise TimeoutError(f"{len(missing)} answers have not ended within {within_s:g} s") from None

    def _command(self, channel: Channel, prompt: str) -> dict[str, object]:
        commands = (command for _, command in usable(self._chat.world, self._chat.world.ann, channel))
        ask = next(command for command in commands if command["name"] == "ask")
        options = [{"name": "prompt", "type": STRING, "value": prompt}]
        return {"id": ask["id"], "name": ask["name"], "type": ask["type"], "options": options}


def _ends_an_answer(entry: Entry) -> bool:
    if entry.status != 200 or "token" not in entry.params or not isinstance(entry.body, dict):
        return False
    caption = str(entry.body.get("content")).rpartition("\n")[2]
    return " tokens · " in caption or " token · " in caption


def numbered(name: str, number: int, tokens: int, rate: float, *, counted: bool = False) -> Iterator[Wish]:
    """Give so many wishes alike."""
    return (Wish(f"{name}-{at}", tokens, rate, counted) for at in range(number))
