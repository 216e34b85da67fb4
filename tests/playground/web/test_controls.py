"""What the page asks once, and the switches that it turns."""

import asyncio
import os

import aiohttp
import pytest

from playground.chat.faults import server_error
from playground.llm.script import hold, say

ASK = {"model": "smol", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def model(play):
    """Give a session at the address by which the bot reaches the model."""
    async with aiohttp.ClientSession(play.model.settings["OLLAMA_URL"]) as http:
        yield http


async def test_the_page_is_told_who_is_there(web, play):
    async with web.http.get("/web/config") as answer:
        config = await answer.json()
    assert [(user["name"], user["moderator"]) for user in config["users"]] == [
        ("ann", False),
        ("bob", True),
        ("owner", True),
    ]
    assert config["bot"] == {"id": str(play.bot_id), "name": "patter"}
    assert config["first_channel_id"] == str(play.channel_id)
    assert config["guild_id"] == str(play.chat.world.playground.id)
    assert len(config["suggestions"]) == 3
    assert config["model"]["name"] == "smol"
    assert config["model"]["scripted"] is True
    assert config["model"]["speed"] == {"min": 1.0, "max": 500.0, "now": None}
    assert config["limits"]["rates"]["edit"] == {"count": 5, "per_s": 5.0}
    assert config["reload"] is False


async def test_each_token_is_good_for_rest(web):
    async with web.http.get("/web/config") as answer:
        users = (await answer.json())["users"]
    for user in users:
        async with web.http.get("/api/v10/users/@me", headers={"Authorization": user["token"]}) as answer:
            assert (await answer.json())["id"] == user["id"]


@pytest.mark.parametrize("path", ["/web/speed", "/web/faults", "/web/bot/restart", "/web/render"])
async def test_only_json_of_the_right_shape_is_taken(web, path):
    async with web.http.post(path, data=b"{}", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
    for bad in (b"{", b"[]", b'"x"', b'{"tokens_per_s": "fast"}', b'{"discord_500": 1}', b'{"texts": 1, "extra": 2}'):
        async with web.http.post(path, data=bad, headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == 400, bad
            assert (await answer.text()).startswith("This cannot be read")


async def test_the_speed_can_be_set_and_taken_off(web, play):
    assert await web.post("/web/speed", {"tokens_per_s": 20}) == (200, {"speed": 20.0})
    assert play.model.front.tap.speed == 20
    for bad in (0, -1, 0.5, 1e9):
        status, sentence = await web.post("/web/speed", {"tokens_per_s": bad})
        assert (status, sentence) == (400, "A speed is between 1 and 500 tokens a second.")
    assert play.model.front.tap.speed == 20
    assert await web.post("/web/speed", {"tokens_per_s": None}) == (200, {"speed": None})


async def test_a_model_that_is_down_refuses_connections_until_it_is_up_again(web, model, stage):
    stage.play(say("before"), hold())
    async with model.post("/api/chat", json=ASK) as answer:
        await answer.content.readline()
        _, state = await web.post("/web/faults", {"ollama_down": True})
        assert state["ollama_down"] is True
        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()
    with pytest.raises(aiohttp.ClientConnectorError):
        await model.get("/api/version")
    _, state = await web.post("/web/faults", {"ollama_down": False})
    assert state["ollama_down"] is False
    async with model.get("/api/version") as answer:
        assert answer.status == 200


async def test_turning_a_switch_that_is_turned_changes_nothing(web, model):
    for wanted in (True, True, False, False):
        await web.post("/web/faults", {"ollama_down": wanted, "discord_500": wanted})
    async with model.get("/api/version") as answer:
        assert answer.status == 200


async def test_a_model_whose_port_was_taken_meanwhile_is_a_sentence(web, play):
    host, port = play.model.settings["OLLAMA_URL"].removeprefix("http://").split(":")
    await web.post("/web/faults", {"ollama_down": True})
    thief = await asyncio.start_server(lambda *_: None, host, int(port))
    status, sentence = await web.post("/web/faults", {"ollama_down": False})
    assert status == 503
    assert "port" in sentence
    thief.close()
    await thief.wait_closed()
    assert (await web.post("/web/faults", {"ollama_down": False}))[0] == 200


async def test_streams_under_way_are_cut_at_once(web, model, stage):
    stage.play(say("half an"), hold())
    async with model.post("/api/chat", json=ASK) as answer:
        await answer.content.readline()
        _, state = await web.post("/web/faults", {"cut_stream": True})
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.content.read()
    assert state["cut_stream"] is False
    stage.play(say("whole"))
    async with model.post("/api/chat", json=ASK) as answer:
        assert b'"done":true' in await answer.read()


async def test_without_a_stream_the_next_one_is_cut_after_some_words(web, model, stage):
    _, state = await web.post("/web/faults", {"cut_stream": True})
    assert state["cut_stream"] is True
    stage.play(say("word " * 50))
    async with model.post("/api/chat", json=ASK) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    _, state = await web.post("/web/faults", {})
    assert state["cut_stream"] is False


async def test_discord_fails_for_the_bot_alone(web, play, ann):
    me = {"Authorization": f"Bot {play.chat.world.bot.token}"}
    callback = "/api/v10/interactions/1/nonsense/callback"
    await web.post("/web/faults", {"discord_500": True})
    async with web.http.get("/api/v10/users/@me", headers=me) as answer:
        assert answer.status == 500
    async with web.http.post(callback, json={"type": 4}) as answer:
        assert answer.status == 500
    assert (await ann.say(play.channel_id, "I can"))["content"] == "I can"
    await web.post("/web/faults", {"discord_500": False})
    async with web.http.get("/api/v10/users/@me", headers=me) as answer:
        assert answer.status == 200
    async with web.http.post(callback, json={"type": 4}) as answer:
        assert answer.status == 404


async def test_other_faults_stay_when_discord_gets_well(web, play):
    other = play.chat.faults.plan(server_error(502), "GET", "/users/@me")
    for wanted in (True, False):
        await web.post("/web/faults", {"discord_500": wanted})
    me = {"Authorization": f"Bot {play.chat.world.bot.token}"}
    async with web.http.get("/api/v10/users/@me", headers=me) as answer:
        assert answer.status == 502
    assert len(other.hits) == 1


async def test_the_gateway_drops_bots_and_keeps_people(web, play, ann):
    async with web.http.ws_connect("/gw") as ws:
        await ws.receive()
        await ws.send_json({"op": 2, "d": {"token": play.chat.world.bot.token, "intents": 0, "properties": {}}})
        assert (await ws.receive_json())["t"] == "READY"
        _, state = await web.post("/web/faults", {"gateway_drop": True})
        while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is not aiohttp.WSMsgType.TEXT
    assert state["gateway_drop"] is False
    await ann.say(play.channel_id, "still here")
    await ann.until(lambda message: message["content"] == "still here")


async def test_a_restart_ends_one_bot_and_starts_another(web, play):
    before = play.bot.pid
    async with web.panel() as states:
        assert (await states.next())["bot"] == "starting"  # an idle program never connects
        assert await web.post("/web/bot/restart", {}) == (200, {"bot": "down"})
        await states.until(lambda state: play.bot.pid != before and state["bot"] == "starting")
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_second_restart_joins_the_first(web, play):
    before = play.bot.pid
    async with play.bot._replaced:  # as a restart that takes its time
        for _ in range(3):
            await web.post("/web/bot/restart", {})
    async with web.panel() as states:
        await states.next()
        await states.next()
    assert play.bot.pid == before


async def test_a_bot_that_died_is_down_and_a_restart_brings_it_back(web, play):
    os.kill(play.bot.pid, 9)
    async with web.panel() as states:
        state = await states.until(lambda state: state["bot"] == "down")
        assert state["bot_says"] == "  (it said nothing)"
        await web.post("/web/bot/restart", {})
        state = await states.until(lambda state: state["bot"] == "starting")
        assert state["bot_says"] == ""
