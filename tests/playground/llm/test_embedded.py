"""The embedded model itself, in its process: loaded once for this file."""

import asyncio
import json

import aiohttp
import pytest
import pytest_asyncio

from playground.llm.embedded import NAME, Embedded
from playground.llm.server import LlmServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model():
    async with Embedded() as model:
        yield model


@pytest_asyncio.fixture(loop_scope="module")
async def http(model):
    async with LlmServer(model.respond) as server, aiohttp.ClientSession(server.url) as session:
        yield session


def ask(text, **options):
    return {
        "model": NAME,
        "messages": [{"role": "user", "content": text}],
        "options": {"num_predict": 24, "seed": 7, **options},
    }


async def lines_of(http, path, body):
    async with http.post(path, json=body) as answer:
        assert answer.status == 200, await answer.text()
        return [json.loads(line) for line in (await answer.read()).splitlines()]


def text_of(lines):
    return "".join(line["message"]["content"] for line in lines)


async def test_a_request_made_while_it_loads_waits_and_is_answered(model, http):
    """It comes first in this file: the model begins to load with it."""
    async with http.get("/api/ps") as answer:
        assert (await answer.json())["models"] == []
    *middle, last = await lines_of(http, "/api/chat", ask("Say hello."))
    assert text_of(middle)
    assert last["done"]
    async with http.get("/api/ps") as answer:
        assert [loaded["name"] for loaded in (await answer.json())["models"]] == [NAME]


async def test_its_stream_has_ollamas_shape(http, captured):
    found = await lines_of(http, "/api/chat", ask("Tell me a long story.", num_predict=5))
    expected = [json.loads(line) for line in captured("chat_stream_length").splitlines()]
    assert [list(line) for line in (found[0], found[-1])] == [list(line) for line in (expected[0], expected[-1])]
    assert (found[-1]["done_reason"], found[-1]["eval_count"]) == ("length", 5)
    assert all(found[-1][key] > 0 for key in expected[-1] if key.endswith(("_count", "_duration")))


async def test_a_request_beside_others_is_answered_whole(http):
    """Whether with the same text is left open: side by side the model's sums are rounded otherwise."""
    beside = ask("Write about trains.", temperature=0.8)
    answers = await asyncio.gather(
        lines_of(http, "/api/chat", ask("Write about rain.", temperature=0.8)),
        lines_of(http, "/api/chat", beside),
        lines_of(http, "/api/chat", beside),
    )
    assert all(text_of(one) for one in answers)


async def test_it_stops_before_a_stop_word(http):
    options = {"num_predict": 24, "seed": 7, "temperature": 0}
    counting = {"model": NAME, "prompt": "1, 2, 3, 4,", "raw": True, "options": {**options, "stop": ["9"]}}
    lines = await lines_of(http, "/api/generate", counting)
    assert "".join(line["response"] for line in lines) == " 5, 6, 7, 8, "
    assert lines[-1]["done_reason"] == "stop"


async def test_generate_takes_a_prompt_or_a_raw_one(http):
    options = {"num_predict": 3, "seed": 7}
    body = {"model": NAME, "prompt": "The capital of France is", "stream": False, "options": options}
    async with http.post("/api/generate", json=body) as answer:
        assert (await answer.json())["response"]
    async with http.post("/api/generate", json={**body, "raw": True}) as answer:
        assert (await answer.json())["response"].startswith(" Paris")


async def test_a_client_that_leaves_frees_the_model(model, http):
    """Five endless answers, one more than there are slots, are left; the next one is answered all the same."""
    endless = ask("Count for ever.", num_predict=-1, temperature=1.5)
    answers = [asyncio.create_task(http.post("/api/chat", json=endless).__aenter__()) for _ in range(5)]
    done, queued = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
    for answer in done:
        answer.result().close()
    for answer in queued:
        answer.cancel()
    await asyncio.wait(answers)
    for answer in queued:
        if not answer.cancelled():
            answer.result().close()
    lines = await lines_of(http, "/api/chat", ask("Say hello.", num_predict=3))
    assert lines[-1]["done"]
    assert model.process.pending == 0


async def test_a_prompt_beyond_the_context_is_refused_in_ollamas_words(http, captured):
    async with http.post("/api/chat", json=ask("a b c d " * 2500)) as answer:
        found = json.loads((await answer.json())["error"])
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json")
    expected = json.loads(json.loads(captured("ctx_bigmsg_truncate_false"))["error"])
    assert list(found["error"]) == list(expected["error"])
