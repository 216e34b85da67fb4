"""The proxy: nothing is changed on the way, and each side notices when the other leaves."""

import asyncio
import json
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import pytest

from playground.llm.proxy import Proxy
from playground.llm.script import drop, hold, raw, say, status
from playground.llm.server import LlmServer

ASK = {"model": "smol", "messages": [{"role": "user", "content": "hi"}]}


@asynccontextmanager
async def reached(url):
    async with (
        Proxy(url) as proxy,
        LlmServer(proxy.respond) as front,
        aiohttp.ClientSession(front.url) as session,
    ):
        yield session


@pytest.fixture
async def through(server):
    """Give a session whose requests reach the stage by way of the proxy."""
    async with reached(server.url) as session:
        yield session


async def test_bytes_pass_untouched(stage, through, captured):
    body = captured("chat_stream")
    stage.play(*[raw(line + b"\n") for line in body.splitlines()])
    async with through.post("/api/chat", json=ASK, headers={"Authorization": "Bearer key"}) as answer:
        found = await answer.read()
    assert found.startswith(body)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    call = await stage.asked(0)
    assert (call.body, call.headers["Authorization"]) == (ASK, "Bearer key")


async def test_each_line_passes_at_once(stage, through):
    gate = asyncio.Event()
    stage.play(say("a"), hold(gate), say("b"))
    async with through.post("/api/chat", json=ASK) as answer:
        assert json.loads(await answer.content.readline())["message"]["content"] == "a"
        gate.set()
        assert json.loads(await answer.content.readline())["message"]["content"] == "b"


async def test_refusals_pass_with_their_status_and_type(stage, through):
    stage.play(status(503, "<html>", "text/html"))
    async with through.post("/api/chat", json=ASK) as answer:
        assert (answer.status, await answer.text(), answer.headers["Content-Type"]) == (503, "<html>", "text/html")


@pytest.mark.parametrize("spoken", [[], ["a", "b"]])
async def test_a_client_that_leaves_is_noticed_behind_the_proxy(stage, through, spoken):
    stage.play(say(spoken), hold())
    asking = asyncio.create_task(through.post("/api/chat", json=ASK).__aenter__())
    call = await stage.asked(0)
    if spoken:
        (await asking).close()
    else:
        asking.cancel()
    await call.left()


async def test_a_dropped_answer_is_dropped_before_the_proxy(stage, through):
    stage.play(say("half an"), drop())
    async with through.post("/api/chat", json=ASK) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_large_request_passes(stage, through):
    stage.play(say("read"))
    body = {"model": "smol", "messages": [{"role": "user", "content": "x" * 2_000_000}]}
    async with through.post("/api/chat", data=BytesIO(json.dumps(body).encode())) as answer:
        assert answer.status == 200
    assert stage.asks[0].body == body


async def test_an_ollama_that_is_not_there_is_a_bad_gateway(unused_tcp_port):
    async with reached(f"http://127.0.0.1:{unused_tcp_port}") as session, session.get("/api/tags") as answer:
        assert answer.status == 502
        assert "cannot reach" in (await answer.json())["error"]
