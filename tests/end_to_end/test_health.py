"""The pages for those who watch over the bot, with the real discord.py behind them."""

import asyncio
import json

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from playground.chat.faults import TOKEN_MESSAGE, too_many_requests
from playground.llm.script import drop, hold, say
from tests.end_to_end.ports import free_port
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import scene, town


class Watch:
    """Whoever scrapes the pages."""

    def __init__(self, session, port):
        self._session, self.port = session, port

    async def get(self, path):
        async with self._session.get(f"http://127.0.0.1:{self.port}{path}") as response:
            return response.status, await response.text()

    async def metrics(self):
        _, page = await self.get("/metrics")
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }


@pytest.fixture
async def watch():
    async with aiohttp.ClientSession() as session:
        yield Watch(session, free_port())


async def test_a_bot_at_work_is_alive_and_ready(watch):
    async with scene(health_port=watch.port):
        assert await watch.get("/healthz") == (200, '{"ok": true}')
        status, said = await watch.get("/readyz")
        assert (status, json.loads(said)["ready"]) == (200, True)


async def test_answers_are_counted_while_they_are_under_way_and_when_they_have_ended(watch):
    async with scene(health_port=watch.port) as play:
        play.stage.play(hold())
        await play.ask()
        await play.stage.asked()
        found = await watch.metrics()
        assert (found["patter_running",], found["patter_waiting",]) == (1, 1)
        await play.ann.command(play.channel, "stop")
        await play.idle()
        play.stage.play(say(["One ", "two."]))
        await play.shows(await play.ask(), "tokens")
        await play.idle()
        found = await watch.metrics()
    assert (found["patter_running",], found["patter_waiting",]) == (0, 0)
    assert (found["patter_answers_total", "stopped"], found["patter_answers_total", "done"]) == (1, 1)
    assert found["patter_tokens_total", "answer", "smol"] == 2
    assert found["patter_edits_total",] == found["patter_edit_lag_seconds_count",] >= 2
    assert found["patter_first_token_seconds_count",] == 1
    assert found["patter_gateway_connected",] == 1


async def test_refusals_of_discord_are_counted(watch):
    async with scene(health_port=watch.port) as play:
        refused = play.chat.faults.plan(too_many_requests(0.1), "PATCH", TOKEN_MESSAGE)
        play.stage.play(say(["word "] * 20, pace=0.02))
        await play.shows(await play.ask(), "20 tokens")
        assert refused.hits
        assert (await watch.metrics())["patter_discord_429_total", "user"] == 1


async def test_without_discord_it_is_alive_but_not_ready(watch):
    async with scene(health_port=watch.port) as play:
        lost = asyncio.create_task(play.bot.wait_for("disconnect", timeout=10))
        await play.chat.aclose()
        await lost
        status, said = await watch.get("/readyz")
        found = json.loads(said)
        assert (status, found["gateway"]["ok"], found["ollama"]["ok"]) == (503, False, True)
        assert (await watch.metrics())["patter_gateway_connected",] == 0
        assert (await watch.get("/healthz"))[0] == 200


@pytest.mark.parametrize(("resumable", "how"), [(True, "resumed"), (False, "identified")])
async def test_a_connection_that_is_made_again_is_counted_and_ready(watch, resumable, how):
    async with scene(health_port=watch.port) as play:
        event = "resumed" if resumable else "connect"
        back = asyncio.create_task(play.bot.wait_for(event, timeout=15))
        if resumable:
            play.chat.gateway.close(1001, play.chat.world.bot)
        else:
            play.chat.gateway.invalidate(play.chat.world.bot)
        await back
        assert (await watch.get("/readyz"))[0] == 200
        found = await watch.metrics()
    assert found["patter_gateway_connected",] == 1
    assert {one: found["patter_gateway_reconnects_total", one] for one in ("resumed", "identified")} == {
        "resumed": 0, "identified": 0, how: 1,
    }  # fmt: skip


async def test_ollama_apart_makes_it_unready_and_discord_does_not_suffer(watch):
    async with town() as play:
        play.stage.instead["/api/tags"] = [drop()]
        async with play.at_work(health_port=watch.port):
            status, said = await watch.get("/readyz")
            found = json.loads(said)
            assert (status, found["gateway"]["ok"], found["ollama"]["ok"]) == (503, True, False)
            assert (await watch.get("/healthz"))[0] == 200


async def test_without_the_setting_nothing_listens(watch):
    async with scene():
        with pytest.raises(aiohttp.ClientConnectorError):
            await watch.get("/healthz")


async def test_a_port_that_is_taken_ends_the_process_with_a_sentence(tmp_path):
    async with town() as play:
        taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = taken.sockets[0].getsockname()[1]
        settings = addresses(play.chat, play.llm) | {"HEALTH_PORT": str(port)}
        async with patter(folder=tmp_path, **settings) as process, asyncio.timeout(20):
            _, said = await process.communicate()
        taken.close()
        await taken.wait_closed()
    assert process.returncode == 1
    assert f"HEALTH_PORT {port} cannot be used" in said.decode()
    assert "Traceback" not in said.decode()
