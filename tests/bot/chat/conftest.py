import asyncio
from contextlib import asynccontextmanager

import discord
import pytest
import yarl

from playground.chat import ChatServer, Limits, Member, Rate
from playground.chat.model import AppFlag


class Talker(discord.Client):
    """The least of a bot: it hears what is said, and says what a test tells it to."""

    def __init__(self, intents):
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None)
        self.tree = discord.app_commands.CommandTree(self)
        self.is_up, self.heard, self.asked = asyncio.Event(), asyncio.Queue(), asyncio.Queue()

        @self.tree.command(description="Ask")
        async def ask(interaction, prompt: str):
            self.asked.put_nowait(interaction)

    async def setup_hook(self):
        await self.tree.sync()

    async def on_ready(self):
        self.is_up.set()

    async def on_message(self, message):
        if message.author != self.user:
            self.heard.put_nowait(message)


@pytest.fixture
async def server():
    async with ChatServer(Limits(send=Rate(50, 0.5))) as server:
        yield server


@pytest.fixture
def talking(server, monkeypatch):
    """Start a bot in the playground, with the Message Content intent unless that is refused."""
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))

    @asynccontextmanager
    async def talking(*, reads_all=True):
        server.world.application.flags = AppFlag.MESSAGE_CONTENT if reads_all else 0
        intents = discord.Intents(13825)
        intents.message_content = reads_all
        async with Talker(intents) as bot:
            serving = asyncio.create_task(bot.start(server.world.bot.token))
            up = asyncio.create_task(bot.is_up.wait())
            await asyncio.wait([serving, up], timeout=10, return_when=asyncio.FIRST_COMPLETED)
            assert bot.is_up.is_set(), serving.exception() if serving.done() else "not ready in 10 s"
            yield bot
            await bot.close()
            await asyncio.wait([serving])

    return talking


@pytest.fixture
async def ann(server):
    async with Member(server.api_url, server.gateway_url, server.world.ann.token) as ann:
        yield ann


@pytest.fixture
async def bob(server):
    async with Member(server.api_url, server.gateway_url, server.world.bob.token) as bob:
        yield bob
