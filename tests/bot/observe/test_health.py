import asyncio
import socket

import pytest
from aiohttp import web

from bot.core.errors import PatterError
from bot.core.events import GatewayConnected, GatewayLost
from bot.observe.health import NOT_CONNECTED, TOO_SLOW, serving
from playground.llm.script import drop, hold, status

CONNECTED, LOST = GatewayConnected(resumed=False), GatewayLost()


async def test_whoever_asks_is_told_that_the_process_lives(pages):
    async with pages.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"ok": True})


async def test_it_is_ready_once_discord_and_ollama_are_there(pages):
    assert await pages.ready() == (
        503,
        {"ready": False, "gateway": {"ok": False, "why": NOT_CONNECTED.why}, "ollama": {"ok": True}},
    )
    pages.pages(CONNECTED)
    assert await pages.ready() == (200, {"ready": True, "gateway": {"ok": True}, "ollama": {"ok": True}})
    pages.pages(LOST)
    assert (await pages.ready())[0] == 503


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([drop()], "cannot be reached"),
        ([status(500, '{"error": "secret"}')], "refused the request"),
        ([status(503, "{}")], "is full"),
        ([status(200, "<html>", "text/html")], "does not look like Ollama"),
        ([hold()], TOO_SLOW),
    ],
)
async def test_what_is_wrong_with_ollama_is_said_in_words_that_are_safe(pages, script, why):
    pages.pages(CONNECTED)
    pages.stage.instead["/api/tags"] = script
    code, said = await pages.ready()
    assert (code, said["gateway"]) == (503, {"ok": True})
    assert why in said["ollama"]["why"]
    assert "secret" not in str(said)
    assert "patter_ollama_up 0.0" in await pages.text("/metrics")


async def test_ollama_that_is_back_is_seen_at_once(pages):
    pages.pages(CONNECTED)
    pages.stage.instead["/api/tags"] = [drop()]
    assert (await pages.ready())[0] == 503
    del pages.stage.instead["/api/tags"]
    assert (await pages.ready())[0] == 200
    assert "patter_ollama_up 1.0" in await pages.text("/metrics")


async def test_however_often_one_asks_ollama_is_asked_once(remembering_pages):
    await asyncio.gather(*(remembering_pages.ready() for _ in range(20)))
    await remembering_pages.text("/metrics")
    assert len(remembering_pages.stage.calls) == 1


async def test_to_know_that_the_process_lives_ollama_is_not_asked(pages):
    await pages.text("/healthz")
    assert pages.stage.calls == []


async def test_prometheus_is_told_in_its_own_words(pages):
    async with pages.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        assert "# TYPE patter_answers_total counter" in await response.text()


@pytest.mark.parametrize("path", ["/", "/metrics/x", "/.env"])
async def test_there_is_nothing_else_to_see(pages, path):
    async with pages.get(path) as response:
        assert response.status == 404


async def test_a_port_that_is_taken_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PatterError) as raised:
            async with serving(web.Application(), "127.0.0.1", port):
                pass
    assert f"HEALTH_PORT {port}" in raised.value.hint
    assert "in use" in raised.value.hint


async def test_an_address_that_is_not_ours_is_a_sentence():
    with pytest.raises(PatterError) as raised:
        async with serving(web.Application(), "192.0.2.1", 0):
            pass
    assert "192.0.2.1" in raised.value.hint
