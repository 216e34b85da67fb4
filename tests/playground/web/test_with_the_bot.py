"""The page's side of the playground with the real bot as a process: what it shows is true, and its switches act."""

import asyncio

import aiohttp
import pytest

from playground.chat import Member
from playground.llm.choice import scripted_model
from playground.llm.script import hold, say
from playground.play import open_play
from playground.web.site import page
from tests.playground.web.conftest import Page, origin_of

WORDS = "".join(f"word{number} " for number in range(60))


@pytest.fixture
async def play(stage):
    """The whole playground, as scripts/play starts it."""
    async with open_play(scripted_model(stage), lambda _: None, page=page()) as play:
        await play.bot_up()
        yield play


@pytest.fixture
async def web(play):
    async with aiohttp.ClientSession(origin_of(play)) as http:
        yield Page(http)


@pytest.fixture
async def ann(play):
    async with Member(play.chat.api_url, play.chat.gateway_url, play.chat.world.ann.token) as ann:
        yield ann


def shows(part):
    return lambda message: message["author"]["username"] == "patter" and part in message["content"]


async def test_the_panel_follows_an_answer(stage, play, web, ann):
    stage.play(say(WORDS))
    await web.post("/web/speed", {"tokens_per_s": 40})
    async with web.panel() as states:
        assert (await states.next())["bot"] == "up"
        await ann.command(play.channel_id, "ask", prompt="Why?")
        seen = []
        await states.until(lambda state: seen.append(state) or state["streams"])
        await states.until(lambda state: seen.append(state) or not state["streams"])
        last = await states.until(lambda state: seen.append(state) or not state["unseen_chars"])
    rates = [state["tokens_per_s"] for state in seen]
    assert 25 <= max(rates) <= 45
    assert all(state["unseen_chars"] == state["served_chars"] - state["shown_chars"] for state in seen)
    assert max(state["unseen_chars"] for state in seen) > 0
    assert 0 < seen[len(seen) // 2]["shown_chars"] < len(WORDS)
    assert abs(last["shown_chars"] - len(WORDS)) <= 1  # Discord trims the space at the end
    assert max(state["edits_per_s"] for state in seen) > 0
    assert last["http_429"] == 0
    assert "token of /ask" in {bucket["what"] for bucket in last["buckets"]}


async def test_a_restart_of_the_bot_keeps_what_was_said(stage, play, web, ann):
    stage.play(say("An answer."))
    await ann.command(play.channel_id, "ask", prompt="Why?")
    before = await ann.until(shows("An answer.\n-# smol"))
    async with web.panel() as states:
        assert await web.post("/web/bot/restart", {}) == (200, {"bot": "down"})
        found = []
        await states.until(lambda state: found.append(state["bot"]) or (state["bot"] == "up" and "starting" in found))
    # A state that lasts for less than the panel's quarter of a second may be missing.
    assert sorted(set(found[found.index("starting") :])) == ["starting", "up"]
    async with play.member("bob") as bob:
        assert before["content"] in {message["content"] for message in await bob.history(play.channel_id)}
    stage.play(say("Another one."))
    await ann.command(play.channel_id, "ask", prompt="And now?")
    await ann.until(shows("Another one.\n-# smol"))


async def test_a_model_that_is_down_is_told_in_words_and_found_again(stage, play, web, ann):
    await web.post("/web/faults", {"ollama_down": True})
    await ann.command(play.channel_id, "ask", prompt="Why?")
    await ann.until(shows("cannot be reached"))
    stage.play(say("Because."))
    await web.post("/web/faults", {"ollama_down": False})
    await ann.until(shows("Because."), 20)


async def test_a_cut_stream_is_a_cut_for_the_bot(stage, play, web, ann):
    stage.play(say("Half of"), hold())
    await ann.command(play.channel_id, "ask", prompt="Why?")
    await ann.until(shows("Half of"))
    stage.play(say("Half of it again."))
    await web.post("/web/faults", {"cut_stream": True})
    await stage.asked(1)
    await ann.until(shows("Half of it again."))


async def test_an_answer_gets_through_when_discord_is_well_again(stage, play, web, ann):
    gate = asyncio.Event()
    stage.play(say("Half of"), hold(gate), say(" it, and the rest."))
    await ann.command(play.channel_id, "ask", prompt="Why?")
    await ann.until(shows("Half of"))
    await web.post("/web/faults", {"discord_500": True})
    gate.set()
    await play.chat.record.until(lambda entry: entry.method == "PATCH" and entry.status == 500)
    await web.post("/web/faults", {"discord_500": False})
    await ann.until(shows("it, and the rest.\n-# smol"), 20)


async def test_the_bot_comes_back_after_its_gateway_was_dropped(stage, play, web, ann):
    identified = len(play.chat.record.identifies)
    await web.post("/web/faults", {"gateway_drop": True})
    await play.chat.record.until_identified(identified + 1, 20)
    stage.play(say("Still here."))
    await ann.command(play.channel_id, "ask", prompt="Are you there?")
    await ann.until(shows("Still here."))
