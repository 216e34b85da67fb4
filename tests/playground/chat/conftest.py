from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.chat import ChatServer, Member
from tests.playground.chat.callers import ASK, Caller, Clock, Socket


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def server(clock):
    """A server whose limits and lives go by `clock`."""
    async with ChatServer(clock=clock) as server:
        yield server


@pytest.fixture
def world(server):
    return server.world


@pytest.fixture
async def http(server):
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture
def bot(http, server):
    return Caller(http, server.api_url, f"Bot {server.world.bot.token}")


@pytest.fixture
def nobody(http, server):
    return Caller(http, server.api_url)


@pytest.fixture
def as_user(http, server):
    return lambda user: Caller(http, server.api_url, user.token)


@pytest.fixture
async def ann(server):
    async with Member(server.api_url, server.gateway_url, server.world.ann.token) as ann:
        yield ann


@pytest.fixture
async def bob(server):
    async with Member(server.api_url, server.gateway_url, server.world.bob.token) as bob:
        yield bob


@pytest.fixture
def connect(http, server):
    """Open a gateway connection by hand."""

    @asynccontextmanager
    async def connect():
        async with http.ws_connect(server.gateway_url) as ws:
            yield Socket(ws)

    return connect


@pytest.fixture
def general(world):
    return f"/channels/{world.general.id}"


@pytest.fixture
async def asked(server, world, bot, ann):
    """Ann uses /ask; give the interaction, which no bot has answered yet."""
    await bot("PUT", f"/applications/{world.application.id}/commands", [ASK])

    async def ask(**options):
        await ann.command(world.general.id, "ask", **{"prompt": "hi", **options})
        return list(world.interactions.values())[-1]

    return ask


@pytest.fixture
def respond(nobody):
    async def respond(interaction, kind=4, query="", **data):
        path = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
        return await nobody("POST", path, {"type": kind, "data": data})

    return respond


@pytest.fixture
def hook():
    """The path of an interaction's token."""
    return lambda interaction, rest="": f"/webhooks/{interaction.application.id}/{interaction.token}{rest}"
