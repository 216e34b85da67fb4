"""The scripted model: what it plays, and what it remembers of those who asked."""

import asyncio
import json
import time
from io import BytesIO

import aiohttp
import pytest

from playground.llm.models import Model
from playground.llm.script import drop, end, error, hold, raw, say, status
from playground.llm.server import LlmServer
from playground.llm.stage import Stage

ASK = {"model": "smol", "messages": [{"role": "user", "content": "hi"}]}


def texts(body):
    lines = [json.loads(line) for line in body.split(b"\n") if line]
    return [line["message"]["content"] for line in lines if not line.get("done")]


async def test_each_request_plays_the_next_script(stage, http):
    stage.play(say("one two"))
    stage.play(say(["th", "ree"]))
    for expected in (["one", " two"], ["th", "ree"]):
        async with http.post("/api/chat", json=ASK) as answer:
            assert texts(await answer.read()) == expected


async def test_a_request_without_a_script_fails_in_words(http):
    async with http.post("/api/chat", json=ASK) as answer:
        assert (answer.status, await answer.json()) == (500, {"error": "the stage has no script for this request"})


async def test_a_director_answers_by_what_is_asked(http, stage):
    stage.director = lambda ask: [say(ask.messages[-1]["content"].upper())]
    async with http.post("/api/chat", json=ASK) as answer:
        assert texts(await answer.read()) == ["HI"]


async def test_each_token_is_a_chunk_of_its_own(stage, http):
    stage.play(say("one two three"))
    async with http.post("/api/chat", json=ASK) as answer:
        chunks = [data async for data, whole in answer.content.iter_chunks() if whole]
    assert len(chunks) == 4
    assert all(chunk.endswith(b"\n") for chunk in chunks)


async def test_nothing_is_sent_before_the_first_token(stage, http):
    gate = asyncio.Event()
    stage.play(hold(gate), say("late"))
    asking = asyncio.create_task(http.post("/api/chat", json=ASK).__aenter__())
    await stage.asked(0)
    assert not asking.done()
    gate.set()
    answer = await asking
    assert texts(await answer.read()) == ["late"]


async def test_what_was_asked_is_remembered_with_its_headers(stage, http):
    stage.play(say("x"))
    async with http.post("/api/chat", json=ASK, headers={"Authorization": "Bearer key"}) as answer:
        await answer.read()
    async with http.get("/api/tags"):
        pass
    call = await stage.asked(0)
    assert call.body == ASK
    assert call.headers["Authorization"] == "Bearer key"
    assert [call.path for call in stage.calls] == ["/api/chat", "/api/tags"]
    assert call.ending == "answered"


async def test_refused_requests_are_remembered_too(stage, http):
    async with http.post("/api/chat", json={**ASK, "model": "nope"}) as answer:
        assert answer.status == 404
    assert [call.body["model"] for call in stage.asks] == ["nope"]


async def test_it_knows_when_a_client_left(stage, http):
    """The time of leaving is within a few milliseconds of the client's closing, and the stream counts as closed."""
    stage.play(say("some text"), hold())
    answer = await http.post("/api/chat", json=ASK)
    await answer.content.readline()
    call = await stage.asked(0)
    assert (stage.open, call.ending) == (1, "open")
    before = time.monotonic()
    answer.close()
    left = await call.left()
    assert 0 <= left - before < 0.05
    assert (stage.open, call.ending) == (0, "left")


async def test_a_client_that_leaves_before_the_first_token_is_noticed(stage, http):
    stage.play(hold())
    asking = asyncio.create_task(http.post("/api/chat", json=ASK).__aenter__())
    call = await stage.asked(0)
    asking.cancel()
    await call.left()


async def test_a_client_that_leaves_while_tokens_flow_is_noticed(stage, http):
    stage.director = lambda _: [say("word " * 100_000)]
    answer = await http.post("/api/chat", json=ASK)
    await answer.content.readline()
    answer.close()
    await (await stage.asked(0)).left()


async def test_waiting_for_a_client_to_leave_fails_if_the_answer_ends(stage, http):
    stage.play(say("all"))
    async with http.post("/api/chat", json=ASK) as answer:
        await answer.read()
    with pytest.raises(RuntimeError, match="answered"):
        await (await stage.asked(0)).left()


async def test_many_streams_are_counted(stage, http):
    stage.director = lambda _: [say("a"), hold()]
    answers = [await http.post("/api/chat", json=ASK) for _ in range(5)]
    assert stage.open == 5
    for answer in answers:
        answer.close()
    await stage.until(lambda: stage.open == 0)
    assert {call.ending for call in stage.asks} == {"left"}


async def test_a_drop_cuts_the_connection_in_mid_chunk(stage, http):
    stage.play(say("half an"), drop())
    async with http.post("/api/chat", json=ASK) as answer:
        assert texts(await answer.content.readline()) == ["half"]
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    await stage.until(lambda: stage.open == 0)
    assert stage.asks[0].ending == "dropped"


async def test_a_drop_before_the_first_token_gives_no_status(stage, http):
    stage.play(drop())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await http.post("/api/chat", json=ASK)


async def test_a_stream_may_end_without_done(stage, http, captured):
    stage.play(say("all but"), end(done=False))
    async with http.post("/api/chat", json=ASK) as answer:
        body = await answer.read()
    assert texts(body) == ["all", " but"]
    assert b'"done":true' not in body


async def test_nothing_follows_an_error(stage, http):
    stage.play(say("a"), error("dead"), say("never"))
    async with http.post("/api/chat", json=ASK) as answer:
        assert (await answer.read()).splitlines()[1:] == [b'{"error":"dead"}']
    assert answer.status == 200


async def test_a_status_may_come_with_any_body(stage, http):
    stage.play(status(503, "<html>busy</html>", "text/html"))
    async with http.post("/api/chat", json=ASK) as answer:
        assert (answer.status, await answer.text()) == (503, "<html>busy</html>")
    assert answer.headers["Content-Type"] == "text/html"


async def test_raw_bytes_go_out_as_they_are(stage, http):
    stage.play(raw(b'{"mod'), raw(b'el"\n\xff'), end(done=False))
    async with http.post("/api/chat", json=ASK) as answer:
        assert await answer.read() == b'{"model"\n\xff'


async def test_any_path_may_play_a_script_instead(stage, http):
    stage.instead["/api/tags"] = [status(502, "bad gateway", "text/plain")]
    async with http.get("/api/tags") as answer:
        assert answer.status == 502
    stage.instead["/api/tags"] = [hold()]
    asking = asyncio.create_task(http.get("/api/tags").__aenter__())
    await stage.until(lambda: len(stage.calls) == 2)
    asking.cancel()
    await stage.calls[1].left()


async def test_a_server_closes_though_streams_are_on_hold():
    stage = Stage(Model("smol"))
    stage.play(say("a"), hold())
    async with LlmServer(stage.respond) as server, aiohttp.ClientSession(server.url) as session:
        answer = await session.post("/api/chat", json=ASK)
        await answer.content.readline()
        await server.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert stage.asks[0].ending == "closed"


async def test_requests_may_be_larger_than_a_megabyte(stage, http):
    stage.play(say("read"))
    body = {"model": "smol", "messages": [{"role": "user", "content": "x" * 2_000_000}]}
    async with http.post("/api/chat", data=BytesIO(json.dumps(body).encode())) as answer:
        assert answer.status == 200
    assert stage.asks[0].body == body
