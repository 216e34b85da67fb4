"""The whole of it: model, chat server and bot, started in this order and ended in the other."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from playground.bot_process import BotProcess
from playground.chat.member import Member
from playground.chat.server import ChatServer
from playground.errors import PlaygroundError
from playground.llm.choice import Chosen

START_S = 60.0
LOOK_S = 0.05

BotState = Literal["up", "starting", "down"]


@dataclass(frozen=True, slots=True)
class Play:
    chat: ChatServer
    model: Chosen
    bot: BotProcess

    @property
    def channel_id(self) -> int:
        return self.chat.world.general.id

    @property
    def bot_id(self) -> int:
        return self.chat.world.bot.id

    @property
    def bot_state(self) -> BotState:
        """The bot is up while it is connected; its commands are registered by then."""
        if not self.bot.is_running:
            return "down"
        return "up" if self.chat.gateway.has(self.chat.world.bot) else "starting"

    def member(self, name: str) -> Member:
        """Give the client of ann, bob or owner; it connects when it is entered."""
        world = self.chat.world
        user = {"ann": world.ann, "bob": world.bob, "owner": world.owner}[name]
        return Member(self.chat.api_url, self.chat.gateway_url, user.token)

    async def bot_up(self) -> None:
        """Wait until the bot is up. Raises BotDied, and PlaygroundError if it takes too long."""
        await self.bot.alive_while(self._bot_up())

    async def _bot_up(self) -> None:
        try:
            async with asyncio.timeout(START_S):
                while self.bot_state != "up":  # noqa: ASYNC110 - the gateway wakes nobody when a client comes
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            said = self.bot.tail()
            raise PlaygroundError(f"The bot did not connect in {START_S:.0f} s. Its last lines:\n{said}") from None


@asynccontextmanager
async def open_play(
    choosing: AbstractAsyncContextManager[Chosen],
    say: Callable[[str], None],
    *,
    port: int = 0,
    page: Callable[[web.Application, Play], None] | None = None,
) -> AsyncIterator[Play]:
    """
    Give everything running, the bot perhaps not yet up; `say` is told what takes its time.

    `page` may add routes to the chat server. Raises PlaygroundError.
    """

    def settings() -> dict[str, str]:
        return {
            "DISCORD_TOKEN": chat.world.bot.token,
            "DISCORD_API_URL": chat.api_url,
            "DISCORD_GATEWAY_URL": chat.gateway_url,
            **model.settings,
        }

    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(choosing)
        chat = ChatServer(port=port, extend=lambda app: page(app, play) if page else None)
        play = Play(chat, model, BotProcess(settings))
        try:
            await stack.enter_async_context(chat)
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            raise PlaygroundError(f"Port {port} cannot be listened on: {why}.") from error
        say(f"Starting the bot with {model.description}…")
        await stack.enter_async_context(play.bot)
        yield play
