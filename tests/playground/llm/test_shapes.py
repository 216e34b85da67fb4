"""What the playground streams has the shape of what a real Ollama streamed: same keys, same order, same types."""

import json
import re

import pytest

from playground.llm.models import Model
from playground.llm.script import end, error, say, status, think

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z")
HI = [{"role": "user", "content": "hi"}]


def shape(value):
    """Reduce JSON to its keys, in order, and the types of its values."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "stamp" if isinstance(value, str) and STAMP.fullmatch(value) else type(value).__name__


def shapes(body):
    """Give the shapes of a body's lines, where lines of one shape in a row count as one."""
    lines = [shape(json.loads(line)) for line in body.split(b"\n") if line]
    return [now for before, now in zip([None, *lines], lines, strict=False) if now != before]


def ending(body):
    return body[-1:] == b"\n"


CHAT = {"model": "smol", "messages": HI}
PROMPT = {"model": "smol", "prompt": "hi"}
THINKING = {**CHAT, "model": "smol-think"}
GOOD = [say("Hello there.")]


@pytest.mark.parametrize(
    ("capture", "path", "body", "script"),
    [
        ("chat_stream", "/api/chat", CHAT, GOOD),
        ("chat_stream_length", "/api/chat", CHAT, [*GOOD, end("length")]),
        ("chat_nostream", "/api/chat", {**CHAT, "stream": False}, GOOD),
        ("think_on", "/api/chat", {**THINKING, "think": True}, [think("Recall the sky."), *GOOD]),
        ("think_default", "/api/chat", THINKING, [think("Recall the sky."), *GOOD]),
        ("think_nostream", "/api/chat", {**THINKING, "stream": False}, [think("Recall."), *GOOD]),
        ("think_generate", "/api/generate", {**PROMPT, "model": "smol-think"}, [think("Recall."), *GOOD]),
        ("generate_stream", "/api/generate", PROMPT, GOOD),
        ("generate_nostream", "/api/generate", {**PROMPT, "stream": False}, GOOD),
        ("midstream_runner_killed", "/api/chat", CHAT, [*GOOD, error("the runner died")]),
        ("chat_load", "/api/chat", {"model": "smol", "messages": []}, []),
        ("chat_unload", "/api/chat", {"model": "smol", "messages": [], "keep_alive": 0}, []),
        ("generate_unload", "/api/generate", {"model": "smol", "keep_alive": 0}, []),
        ("unload_not_loaded", "/api/generate", {"model": "smol-think", "keep_alive": "0s"}, []),
    ],
)
async def test_streams(stage, http, captured, capture, path, body, script):
    stage.play(*script)
    async with http.post(path, json=body) as answer:
        found, expected = await answer.read(), captured(capture)
    assert shapes(found) == shapes(expected)
    assert ending(found) == ending(expected)
    whole = not expected.endswith(b"\n")
    assert answer.headers["Content-Type"] == ("application/json; charset=utf-8" if whole else "application/x-ndjson")


async def test_the_names_of_endings(stage, http, captured):
    stage.play(*GOOD, end("length"))
    async with http.post("/api/chat", json=CHAT) as answer:
        last = json.loads((await answer.read()).splitlines()[-1])
    captured_last = json.loads(captured("chat_stream_length").splitlines()[-1])
    for key in ("model", "message", "done", "done_reason"):
        assert last[key] == captured_last[key]


@pytest.mark.parametrize(("path", "capture"), [("/api/tags", "tags"), ("/api/ps", "ps")])
async def test_lists_of_models(http, captured, path, capture):
    async with http.get(path) as answer:
        found = await answer.read()
    assert shape(json.loads(found)) == shape(json.loads(captured(capture)))
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_an_unloaded_model_is_not_listed_as_running(stage, http, captured):
    async with http.post("/api/generate", json={"model": "smol", "keep_alive": 0}):
        pass
    async with http.get("/api/ps") as answer:
        assert await answer.read() == captured("ps_after_unload")
    async with http.post("/api/chat", json={"model": "smol", "messages": []}):
        pass
    assert stage.models[0].loaded


async def test_a_server_too_old_to_tell_lists_no_capabilities(stage, http):
    stage.models[:] = [Model("old:7b", capabilities=None)]
    async with http.get("/api/tags") as answer:
        (model,) = (await answer.json())["models"]
    assert model["name"] == "old:7b"
    assert "capabilities" not in model


@pytest.mark.parametrize(
    ("path", "capture", "content_type"),
    [("/", "root", "text/plain; charset=utf-8"), ("/api/version", "version", "application/json; charset=utf-8")],
)
async def test_who_is_there(http, captured, path, capture, content_type):
    async with http.get(path) as answer:
        found = await answer.read()
    digits = re.compile(rb'"0\.[^"]*"')
    assert digits.sub(b"VERSION", found) == digits.sub(b"VERSION", captured(capture))
    assert answer.headers["Content-Type"] == content_type


@pytest.mark.parametrize(("capture", "model"), [("pull_again", "smol"), ("pull_missing", "nope")])
async def test_a_pull_says_what_it_can(http, captured, capture, model):
    """Nothing is fetched, so the middle is missing; beginning and end are Ollama's."""
    async with http.post("/api/pull", json={"model": model}) as answer:
        lines = (await answer.read()).splitlines()
    expected = captured(capture).splitlines()
    assert (lines[0], lines[-1]) == (expected[0], expected[-1])
    assert answer.headers["Content-Type"] == "application/x-ndjson"


IMAGE = [{"role": "user", "content": "what is this?", "images": ["iVBORw0KGg=="]}]
TOOL = [{"type": "function", "function": {"name": "get_weather", "parameters": {}}}]
OURS, BARE, PLAIN = "application/json; charset=utf-8", "application/json", "text/plain"


@pytest.mark.parametrize(
    ("capture", "path", "body", "code", "content_type"),
    [
        ("err_unknown_model_chat", "/api/chat", {"model": "nope", "messages": HI}, 404, OURS),
        ("err_unknown_model_generate", "/api/generate", {"model": "nope", "prompt": "hi"}, 404, OURS),
        ("err_unknown_show", "/api/show", {"model": "nope"}, 404, OURS),
        ("err_model_badname", "/api/chat", {"model": "bad name!!", "messages": HI}, 400, OURS),
        ("err_model_missing_chat", "/api/chat", {"messages": HI}, 400, OURS),
        ("err_model_missing_generate", "/api/generate", {"prompt": "hi"}, 404, OURS),
        ("err_bad_json", "/api/chat", b'{"model": "smol", ', 400, OURS),
        ("err_not_json", "/api/chat", b"hello", 400, OURS),
        ("err_empty_body", "/api/chat", b"", 400, OURS),
        ("err_wrong_type", "/api/chat", {"model": "smol", "messages": "hi"}, 400, OURS),
        ("err_bad_think", "/api/chat", {**CHAT, "think": "ultra"}, 400, OURS),
        ("err_think_true", "/api/chat", {**CHAT, "think": True}, 400, OURS),
        ("err_think_low", "/api/chat", {**CHAT, "think": "low"}, 400, OURS),
        ("err_bad_keepalive", "/api/chat", {**CHAT, "keep_alive": "soon"}, 400, OURS),
        ("err_bad_option_type", "/api/chat", {**CHAT, "options": {"temperature": "hot"}}, 500, OURS),
        ("err_tools_unsupported", "/api/chat", {**CHAT, "tools": TOOL}, 400, OURS),
        ("err_images_nonvision_chat", "/api/chat", {"model": "smol", "messages": IMAGE}, 400, BARE),
        ("pull_badname", "/api/pull", {"model": "bad name"}, 400, OURS),
        ("notfound", "/api/nope", {}, 404, PLAIN),
    ],
)
async def test_refusals_are_ollamas_to_the_letter(http, captured, capture, path, body, code, content_type):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=data) as answer:
        found = await answer.read()
    assert found == captured(capture)
    assert (answer.status, answer.headers["Content-Type"]) == (code, content_type)


async def test_a_wrong_method_is_refused_in_plain_text(http, captured):
    async with http.get("/api/chat") as answer:
        assert await answer.read() == captured("get_chat")
    assert (answer.status, answer.headers["Content-Type"]) == (405, "text/plain")


async def test_thinking_may_be_switched_off_on_a_model_without_it(stage, http):
    stage.play(*GOOD)
    async with http.post("/api/chat", json={**CHAT, "think": False}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(("capture", "code"), [("cloud_model", 403), ("load_failure", 500)])
async def test_a_script_may_refuse_in_words_of_its_own(stage, http, captured, capture, code):
    stage.play(status(code, captured(capture)))
    async with http.post("/api/chat", json=CHAT) as answer:
        assert await answer.read() == captured(capture)
    assert (answer.status, answer.headers["Content-Type"]) == (code, OURS)
