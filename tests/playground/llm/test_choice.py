"""Which model the playground takes."""

import pytest

from playground.llm.choice import choose_model
from playground.llm.embedded import NAME
from playground.llm.models import Model
from playground.llm.script import status


async def chosen(**environ):
    async with choose_model(environ, lambda _: None) as choice:
        return choice.settings["OLLAMA_MODEL"]


async def test_an_ollama_that_is_there_is_used_with_the_model_in_memory(stage, server):
    stage.models[:] = [Model("first:1b"), Model("second:1b", loaded=True)]
    assert await chosen(OLLAMA_URL=server.url) == "second:1b"


async def test_without_one_in_memory_the_first_that_can_chat_is_used(stage, server):
    stage.models[:] = [Model("embed:1b", capabilities=("embedding",)), Model("chat:1b")]
    assert await chosen(OLLAMA_URL=server.url) == "chat:1b"


async def test_a_model_that_is_asked_for_is_used(server):
    assert await chosen(OLLAMA_URL=server.url, OLLAMA_MODEL="mine:7b") == "mine:7b"


async def test_a_key_goes_to_the_ollama_and_to_the_bot(stage, server):
    async with choose_model({"OLLAMA_URL": server.url, "OLLAMA_API_KEY": "key"}, lambda _: None) as choice:
        assert choice.settings["OLLAMA_API_KEY"] == "key"
    assert stage.calls[0].headers["Authorization"] == "Bearer key"


async def test_the_bot_reaches_it_through_a_proxy(server):
    async with choose_model({"OLLAMA_URL": server.url}, lambda _: None) as choice:
        assert choice.settings["OLLAMA_URL"] != server.url
        assert choice.settings["OLLAMA_URL"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("what", ["html", "error", "no models"])
async def test_what_is_no_ollama_gives_way_to_the_embedded_model(stage, server, what, monkeypatch):
    monkeypatch.setattr("playground.llm.choice.Embedded", NoModel)
    if what == "no models":
        stage.models.clear()
    else:
        stage.instead["/api/version"] = [status(200 if what == "html" else 500, "<html>", "text/html")]
    assert await chosen(OLLAMA_URL=server.url) == NAME


async def test_where_nobody_answers_the_embedded_model_is_loaded_first(unused_tcp_port):
    said = []
    async with choose_model({"OLLAMA_URL": f"http://127.0.0.1:{unused_tcp_port}"}, said.append) as choice:
        assert choice.settings["OLLAMA_MODEL"] == NAME
    assert "demo model" in said[0]


class NoModel:
    """Stands in for the embedded model where only the choice matters."""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def ready(self):
        pass

    async def respond(self, request):
        raise NotImplementedError
