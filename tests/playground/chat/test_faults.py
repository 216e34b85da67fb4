"""Planned faults, each as plain HTTP sees it."""

import asyncio

import aiohttp
import pytest

from playground.chat import ChatServer
from playground.chat.faults import CHANNEL_MESSAGE, CHANNEL_MESSAGES, delay, drop, hang, server_error, too_many_requests
from tests.playground.chat.callers import Caller


@pytest.fixture
def send(bot, general):
    return lambda content="x": bot("POST", f"{general}/messages", {"content": content})


async def contents(world):
    return [message.content for message in world.general.messages.values()]


async def test_a_connection_is_dropped_before_the_request_is_applied(server, send, world):
    server.faults.plan(drop(), "POST", CHANNEL_MESSAGES)
    with pytest.raises((aiohttp.ServerDisconnectedError, ConnectionResetError)):
        await send("lost")
    assert await contents(world) == []
    assert (await send("next")).status == 200
    assert [entry.status for entry in server.record] == [None, 200]


async def test_a_connection_is_dropped_after_the_request_is_applied(server, send, world):
    server.faults.plan(drop(applied=True))
    with pytest.raises((aiohttp.ServerDisconnectedError, ConnectionResetError)):
        await send("done")
    assert await contents(world) == ["done"]


async def test_silence_lasts_for_its_time(server, send, world):
    server.faults.plan(hang(0.05, applied=True))
    with pytest.raises((aiohttp.ServerDisconnectedError, ConnectionResetError)):
        await send("done")
    assert await contents(world) == ["done"]


async def test_silence_ends_with_the_server(http):
    async with ChatServer() as server:
        plan = server.faults.plan(hang())
        bot = Caller(http, server.api_url, f"Bot {server.world.bot.token}")
        # Not GET: aiohttp's client asks again for what is idempotent.
        waiting = asyncio.create_task(bot("POST", f"/channels/{server.world.general.id}/typing"))
        async with asyncio.timeout(5):
            await plan.met.wait()
        assert not waiting.done()
        async with asyncio.timeout(5):
            await server.aclose()
            with pytest.raises((aiohttp.ServerDisconnectedError, ConnectionResetError)):
                await waiting


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_error_of_the_server_applies_nothing(server, send, world, status):
    server.faults.plan(server_error(status))
    assert (await send()).status == status
    assert await contents(world) == []


async def test_an_error_may_come_as_html_and_after_the_request_was_applied(server, send, world):
    server.faults.plan(server_error(502, applied=True, html=True))
    answer = await send("done")
    assert (answer.status, answer.body.startswith("<!DOCTYPE html>")) == (502, True)
    assert await contents(world) == ["done"]


async def test_a_planned_429_looks_like_discords(server, send):
    server.faults.plan(too_many_requests(1.5, scope="global"))
    answer = await send()
    assert (answer.status, answer.body["retry_after"], answer.body["global"]) == (429, 1.5, True)
    headers = answer.headers
    assert (headers["Via"], headers["Retry-After"]) == ("1.1 google", "2")
    assert (headers["X-RateLimit-Scope"], headers["X-RateLimit-Global"]) == ("global", "true")


async def test_a_planned_429_may_look_like_cloudflares(server, send):
    server.faults.plan(too_many_requests(via=False, html=True))
    answer = await send()
    assert (answer.status, "Via" in answer.headers) == (429, False)
    assert "html" in answer.headers["Content-Type"]


async def test_a_shared_429_does_not_count_as_invalid(server, send):
    server.faults.plan(too_many_requests(scope="shared"))
    server.faults.plan(too_many_requests(scope="user"))
    await send()
    assert server.limits.invalid == 0
    await send()
    assert (server.limits.invalid, server.record.count(status=429)) == (1, 2)


async def test_a_delay_answers_late_and_truly(server, send):
    server.faults.plan(delay(0.05))
    started = asyncio.get_running_loop().time()
    assert (await send()).status == 200
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_a_plan_meets_what_it_matches_after_what_it_skips(server, send, bot, general, world):
    def matches(entry):
        return entry.body["content"] != "safe"

    plan = server.faults.plan(server_error(500), "POST", CHANNEL_MESSAGES, where=matches, skip=1, times=2)
    statuses = [(await send(content)).status for content in ("a", "safe", "b", "c", "d")]
    assert statuses == [200, 200, 500, 500, 200]
    assert [entry.body["content"] for entry in plan.hits] == ["b", "c"]
    assert plan.is_spent


async def test_a_plan_without_end_lasts_until_it_is_cleared(server, send, bot, general):
    message = await send()
    server.faults.plan(server_error(), "PATCH", CHANNEL_MESSAGE, times=None)
    path = f"{general}/messages/{message.id}"
    assert [(await bot("PATCH", path, {"content": "y"})).status for _ in range(3)] == [500] * 3
    server.faults.clear()
    assert (await bot("PATCH", path, {"content": "y"})).status == 200
