"""A person's place at the console: who they are for now, and what they do there."""

import asyncio
from collections.abc import Mapping

from playground.chat.errors import ApiError
from playground.chat.inbox import EventStream
from playground.chat.member import Member
from playground.display import Json, buttons, can_be_stopped
from playground.lines import HELP, Become, Click, Help, Line, React, Say, Use

ANSWER_S = 10.0  # an interaction succeeds or fails within three


class Seat:
    """`people` are those that one can be, by name; `name` is who one is now."""

    def __init__(self, people: Mapping[str, Member], channel_id: int) -> None:
        self._people, self._channel_id = people, channel_id
        self.name = next(iter(people))

    @property
    def member(self) -> Member:
        return self._people[self.name]

    @property
    def messages(self) -> list[Json]:
        """What this person sees in the channel, oldest first."""
        return self.member.messages(self._channel_id)

    @property
    def is_busy(self) -> bool:
        """True while something that this person sees can be stopped."""
        return any(map(can_be_stopped, self.messages))

    def events(self) -> dict[str, EventStream]:
        """Give the events of each person from now on."""
        return {name: member.events() for name, member in self._people.items()}

    async def perform(self, line: Line) -> str:
        """Do what a line says; give a sentence about it, or nothing if what happens speaks for itself."""
        try:
            return await self._perform(line)
        except ApiError as error:
            return f"Refused: {error.message}"
        except TimeoutError:
            return "No answer came."

    async def _perform(self, line: Line) -> str:
        match line:
            case Say(text):
                await self.member.say(self._channel_id, text)
            case Use(command, options):
                return await self._use(command, options)
            case React(emoji):
                return await self._react(emoji)
            case Click(label):
                return await self._click(label)
            case Become(name):
                return self._become(name)
            case Help():
                return HELP
        return ""

    async def _use(self, command: str, options: Json) -> str:
        events = self.member.events()
        try:
            await self.member.command(self._channel_id, command, **options)
        except LookupError:
            return f"There is no command /{command}. Type /help to see what there is."
        return await _answered(events)

    async def _react(self, emoji: str) -> str:
        if not self.messages:
            return "There is no message yet."
        await self.member.react(self._channel_id, int(self.messages[-1]["id"]), emoji)
        return f"{self.name} reacted with {emoji}."

    async def _click(self, label: str) -> str:
        for message in reversed(self.messages):
            for button in buttons(message):
                if button.label.casefold() == label.casefold():
                    events = self.member.events()
                    await self.member.click(message, button.custom_id)
                    return await _answered(events)
        return f"There is no button {label!r}."

    def _become(self, name: str) -> str:
        if name not in self._people:
            return f"There is no {name!r}. Be one of {', '.join(self._people)}."
        self.name = name
        return f"You are {name} now."


async def _answered(events: EventStream) -> str:
    """Wait until the bot has answered an interaction. Raises TimeoutError."""
    async with asyncio.timeout(ANSWER_S):
        async for name, _ in events:
            if name == "INTERACTION_SUCCESS":
                return ""
            if name == "INTERACTION_FAILURE":
                return "The bot did not answer within three seconds."
    return "The playground closed the connection."
