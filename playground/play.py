"""The whole of it: chat server, model and bot, started in this order and ended in the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playground.bot_process import BotProcess
from playground.chat.member import Member
from playground.chat.server import ChatServer
from playground.errors import PlaygroundError
from playground.llm.choice import Chosen, choose_model

START_S = 60.0
LOOK_S = 0.05


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

    def member(self, name: str) -> Member:
        """Give the client of ann, bob or owner; it connects when it is entered."""
        world = self.chat.world
        user = {"ann": world.ann, "bob": world.bob, "owner": world.owner}[name]
        return Member(self.chat.api_url, self.chat.gateway_url, user.token)


@asynccontextmanager
async def open_play(environ: Mapping[str, str], say: Callable[[str], None]) -> AsyncIterator[Play]:
    """Give everything up and running; `say` is told what takes its time. Raises PlaygroundError."""
    async with ChatServer() as chat, choose_model(environ, say) as model:
        settings = {
            "DISCORD_TOKEN": chat.world.bot.token,
            "DISCORD_API_URL": chat.api_url,
            "DISCORD_GATEWAY_URL": chat.gateway_url,
            **model.settings,
        }
        say(f"Starting the bot with {model.description}…")
        async with BotProcess(settings) as bot:
            await bot.alive_while(_connected(chat, bot))
            yield Play(chat, model, bot)


async def _connected(chat: ChatServer, bot: BotProcess) -> None:
    """Wait until the bot has said on the gateway who it is; its commands are registered by then."""
    try:
        async with asyncio.timeout(START_S):
            while not any(  # noqa: ASYNC110 - the record wakes nobody when a client identifies itself
                one.user == chat.world.bot.id for one in chat.record.identifies
            ):
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise PlaygroundError(f"The bot did not connect in {START_S:.0f} s. Its last lines:\n{bot.tail()}") from None
