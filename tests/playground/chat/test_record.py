"""What the server remembers of those who asked it."""

import asyncio

import pytest

from playground.chat import ChatServer
from playground.chat.faults import CHANNEL_MESSAGE, CHANNEL_MESSAGES
from tests.playground.chat.callers import Caller


async def test_an_entry_holds_who_asked_what_and_when(server, bot, general, world, clock):
    clock.advance(5)
    body = {"content": "x", "allowed_mentions": {"parse": []}}
    await bot("POST", f"{general}/messages", body)
    (entry,) = server.record.of("POST", CHANNEL_MESSAGES)
    assert (entry.by, entry.body, entry.status, entry.time) == (world.bot.id, body, 200, clock.now)
    assert entry.params == {"channel": str(world.general.id)}
    assert entry.path.endswith(f"{general}/messages")
    assert (entry.answered, b'"content":"x"' in entry.answer) == (clock.now, True)


async def test_a_refusal_is_recorded_with_its_code(server, bot, general):
    await bot("GET", f"{general}/messages/1")
    (entry,) = server.record
    assert (entry.status, entry.code) == (404, 10008)


async def test_an_unknown_route_is_recorded_too(server, bot):
    await bot("GET", "/nowhere")
    assert server.record.count(route="unknown", status=404) == 1


async def test_memory_is_bounded_and_counts_are_exact(http):
    async with ChatServer(record_most=3) as server:
        bot = Caller(http, server.api_url, f"Bot {server.world.bot.token}")
        for _ in range(5):
            await bot("GET", "/users/@me")
        assert (len(server.record), server.record.count(status=200)) == (3, 5)


async def test_one_can_wait_for_a_request(server, bot, general):
    waiting = asyncio.create_task(server.record.until(lambda entry: entry.route == CHANNEL_MESSAGE))
    await bot("GET", f"{general}/messages")
    await bot("GET", f"{general}/messages/1")
    entry = await waiting
    assert (entry.method, entry.status) == ("GET", 404)
    assert await server.record.until(lambda entry: entry.status == 404) is entry
    with pytest.raises(TimeoutError):
        await server.record.until(lambda entry: entry.status == 418, timeout=0.01)
