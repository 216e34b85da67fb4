"""What passes from a model to its callers, counted and slowed down."""

import asyncio
import time

import aiohttp
import pytest

from playground.llm.front import Front
from playground.llm.script import hold, raw, say, think

ASK = {"model": "smol", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def front(server):
    async with Front(server.url) as front:
        yield front


@pytest.fixture
async def through(front):
    async with aiohttp.ClientSession(front.url) as session:
        yield session


async def test_what_was_served_is_counted(stage, front, through):
    stage.models[0].capabilities = ("completion", "thinking")
    stage.play(think("hm hm"), say(["one", " two"]))
    async with through.post("/api/chat", json={**ASK, "think": True}) as answer:
        await answer.read()
    assert front.tap.served_chars == len("one two")
    assert [(stream.text, stream.tokens) for stream in front.tap.recent] == [("one two", 4)]
    assert front.tap.tokens_per_s == 4
    assert front.tap.open == 0


async def test_an_answer_of_generate_counts_too(stage, front, through):
    stage.play(say(["one"]))
    async with through.post("/api/generate", json={"model": "smol", "prompt": "hi"}) as answer:
        await answer.read()
    assert front.tap.served_chars == 3


async def test_an_answer_is_under_way_until_it_ends_or_its_caller_leaves(stage, front, through):
    gate = asyncio.Event()
    stage.play(say("a"), hold(gate))
    async with through.post("/api/chat", json=ASK) as answer:
        await answer.content.readline()
        assert front.tap.open == 1
        gate.set()
        await answer.read()
    assert front.tap.open == 0
    stage.play(say("a"), hold())
    async with through.post("/api/chat", json=ASK) as answer:
        await answer.content.readline()
        assert front.tap.open == 1
    await (await stage.asked(1)).left()
    assert front.tap.open == 0


async def test_other_requests_are_no_answers(front, through):
    for path in ("/api/tags", "/api/version", "/api/ps"):
        async with through.get(path):
            pass
    async with through.post("/api/chat", json={**ASK, "model": "nope"}) as answer:
        assert answer.status == 404
    assert list(front.tap.recent) == []


async def test_a_speed_limit_spreads_the_tokens(stage, front, through):
    """Nineteen pauses at 50 tokens/s are 0.38 s; the model itself takes none."""
    front.tap.speed = 50
    stage.play(say(["word "] * 20))
    began = time.monotonic()
    async with through.post("/api/chat", json=ASK) as answer:
        times = [time.monotonic() - began async for _ in answer.content]
    assert len(times) == 21
    assert times[-1] >= 0.36
    assert 5 <= sum(at < times[-1] / 2 for at in times) <= 15


async def test_the_limit_can_be_lifted_in_mid_answer(stage, front, through):
    front.tap.speed = 1
    stage.play(say(["word "] * 1000))
    async with through.post("/api/chat", json=ASK) as answer:
        await answer.content.readline()
        front.tap.speed = None
        assert (await answer.read()).count(b"\n") == 1000


@pytest.mark.parametrize("speed", [None, 400])
async def test_not_a_byte_is_changed_at_any_speed(stage, front, through, captured, speed):
    front.tap.speed = speed
    body = captured("chat_stream")
    halves = [half for line in body.splitlines(keepends=True) for half in (line[:7], line[7:])]
    stage.play(*[raw(half) for half in halves])
    async with through.post("/api/chat", json=ASK) as answer:
        assert (await answer.read()).startswith(body)


async def test_lines_that_are_no_json_pass_too(stage, front, through):
    stage.play(raw(b'nonsense "done":false\n[1,"done":false]\n\xff"done":false\nrest'))
    async with through.post("/api/chat", json=ASK) as answer:
        assert (await answer.read()).startswith(b'nonsense "done":false\n[1,"done":false]\n\xff"done":false\nrest')
    assert front.tap.served_chars == 0


async def test_where_no_answer_is_under_way_a_cut_waits_for_one_alone(stage, front, through):
    front.tap.cut()
    assert front.tap.cuts_next
    stage.play(say("word " * 30))
    stage.play(say("word " * 30))
    async with through.post("/api/chat", json=ASK) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert front.tap.recent[0].tokens == 12
    assert not front.tap.cuts_next
    async with through.post("/api/chat", json=ASK) as answer:
        assert b'"done":true' in await answer.read()


async def test_a_front_that_is_down_takes_no_connections_at_the_same_address_later_again(front, through):
    url = front.url
    for down in (True, True, False, False, True, False):
        await front.set_down(down)
        assert front.is_down is down
        if down:
            with pytest.raises(aiohttp.ClientConnectorError):
                await through.get("/api/version")
        else:
            async with through.get("/api/version") as answer:
                assert answer.status == 200
    assert front.url == url
