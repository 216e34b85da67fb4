"""What the panel tells, where a few calls stand for the bot's."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.chat import Member
from playground.llm.script import hold, say
from tests.playground.chat.callers import ASK, STOP, Caller

CHAT = {"model": "smol", "messages": [{"role": "user", "content": "hi"}]}
WORDS = "The quick **brown** fox jumps over the lazy dog, and then it sleeps."


@pytest.fixture
def bot(web, play):
    return Caller(web.http, play.chat.api_url, f"Bot {play.chat.world.bot.token}")


@pytest.fixture
async def message(bot, play):
    """A message of the bot, and the path by which it is edited."""
    sent = await bot("POST", f"/channels/{play.channel_id}/messages", {"content": "waiting", "components": STOP})
    return f"/channels/{play.channel_id}/messages/{sent.id}"


@pytest.fixture
async def model(play):
    async with aiohttp.ClientSession(play.model.settings["OLLAMA_URL"]) as http:
        yield http


@asynccontextmanager
async def serving(stage, model, text=WORDS):
    """Give a function that ends the answer, of which `text` has been served."""
    gate = asyncio.Event()
    stage.play(say([text]), hold(gate))
    async with model.post("/api/chat", json=CHAT) as answer:
        await answer.content.readline()

        async def end():
            gate.set()
            await answer.read()

        yield end


async def test_it_speaks_at_once_and_then_four_times_a_second(web):
    async with web.panel() as states:
        times = [(await states.next())["t"] for _ in range(5)]
    assert times[0] < times[1] < times[4]
    assert 0.9 <= times[4] - times[0] < 2.5


async def test_a_playground_at_rest(web):
    async with web.panel() as states:
        state = await states.next()
    del state["t"]
    assert state == {
        "buckets": [],
        "edits_per_s": 0.0,
        "http_429": 0,
        "tokens_per_s": 0.0,
        "served_chars": 0,
        "shown_chars": 0,
        "unseen_chars": 0,
        "streams": 0,
        "bot": "starting",
        "bot_says": "",
        "faults": {"ollama_down": False, "cut_stream": False, "discord_500": False, "gateway_drop": False},
        "speed": None,
    }


async def test_edits_fill_their_bucket_and_the_sixth_is_a_429(web, bot, message):
    async with web.panel() as states:
        for number in range(6):
            await bot("PATCH", message, {"content": f"edit {number}"})
        state = await states.until(lambda state: state["http_429"])
    edits = next(bucket for bucket in state["buckets"] if bucket["key"].startswith("edit:"))
    assert (edits["what"], edits["limit"], edits["remaining"], edits["window"]) == ("edits in #general", 5, 0, 5.0)
    assert 0 < edits["reset_after"] <= 5
    assert state["http_429"] == 1
    assert state["edits_per_s"] == 1.0  # the five that were done, over five seconds


async def test_what_people_edit_is_none_of_the_bots_edits(web, play, bot, message):
    async with Member(play.chat.api_url, play.chat.gateway_url, play.chat.world.ann.token) as ann:
        sent = await ann.say(play.channel_id, "one")
        await ann.edit(play.channel_id, int(sent["id"]), "two")
    await bot("PATCH", message, {"content": "edited"})
    async with web.panel() as states:
        assert (await states.next())["edits_per_s"] == 0.2


async def test_buckets_are_named_for_people_and_name_no_token(web, play, bot, stage):
    world = play.chat.world
    await bot("PUT", f"/applications/{world.bot.id}/commands", [ASK])
    async with Member(play.chat.api_url, play.chat.gateway_url, world.ann.token) as ann:
        await ann.command(play.channel_id, "ask", prompt="Why?")
    interaction = next(iter(world.interactions.values()))
    await bot("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", {"type": 5})
    await bot("PATCH", f"/webhooks/{world.bot.id}/{interaction.token}/messages/@original", {"content": "x"})
    sent = await bot("POST", f"/channels/{world.side.id}/messages", {"content": "x"})
    await bot("PUT", f"/channels/{world.side.id}/messages/{sent.id}/reactions/%F0%9F%9B%91/@me")
    async with web.panel() as states:
        state = await states.next()
    assert {bucket["what"] for bucket in state["buckets"]} == {
        "all of the bot's requests",
        "token of /ask",
        "messages to #side",
        "reactions in #side",
    }
    assert interaction.token not in str(state)
    assert len({bucket["key"] for bucket in state["buckets"]}) == 4


async def test_a_bucket_of_what_is_gone_is_still_named(web, play, bot):
    world = play.chat.world
    await bot("POST", f"/channels/{world.side.id}/messages", {"content": "x"})
    world.delete_channel(world.side)
    async with web.panel() as states:
        state = await states.next()
    assert "messages to a deleted channel" in {bucket["what"] for bucket in state["buckets"]}


async def test_what_is_served_and_not_shown_is_unseen(web, bot, message, stage, model):
    async with web.panel() as states, serving(stage, model) as end:
        state = await states.until(lambda state: state["served_chars"] == len(WORDS))
        assert (state["shown_chars"], state["unseen_chars"], state["streams"]) == (0, len(WORDS), 1)

        await bot("PATCH", message, {"content": "> **Why?**\nThe quick **brown**\n-# writing…"})
        state = await states.until(lambda state: state["shown_chars"])
        assert state["shown_chars"] == len("The quick **brown")
        assert state["unseen_chars"] == len(WORDS) - state["shown_chars"]

        await end()
        await bot("PATCH", message, {"content": f"> **Why?**\n{WORDS}\n-# smol · 1 token", "components": []})
        state = await states.until(lambda state: not state["unseen_chars"])
        assert (state["served_chars"], state["shown_chars"]) == (len(WORDS), len(WORDS))
        assert state["streams"] == 0


async def test_an_answer_may_go_on_on_the_next_message(web, play, bot, message, stage, model):
    first, second = WORDS[:30], WORDS[30:]
    async with web.panel() as states, serving(stage, model) as end:
        await bot("PATCH", message, {"content": f"> **Why?**\n{first}"})
        await bot("POST", f"/channels/{play.channel_id}/messages", {"content": f"{second}\n-# writing…"})
        state = await states.until(lambda state: state["shown_chars"] == len(WORDS))
        assert state["unseen_chars"] == 0
        await end()


async def test_an_answer_is_not_over_while_its_next_message_is_being_written(web, play, bot, message, stage, model):
    channel = f"/channels/{play.channel_id}/messages"
    async with web.panel() as states, serving(stage, model) as end:
        await bot("PATCH", message, {"content": f"> **Why?**\n{WORDS[:30]}", "components": []})
        sent = await bot("POST", channel, {"content": "-# writing…", "components": STOP})
        await end()
        for _ in range(3):
            state = await states.next()
        assert state["unseen_chars"] > 0
        await bot("PATCH", f"{channel}/{sent.id}", {"content": f"{WORDS[30:]}\n-# smol", "components": []})
        state = await states.until(lambda state: not state["unseen_chars"])
    assert state["shown_chars"] == len(WORDS)


async def test_what_a_stopped_answer_never_showed_is_unseen_no_more(web, bot, message, stage, model):
    async with web.panel() as states, serving(stage, model) as end:
        await bot("PATCH", message, {"content": "> **Why?**\nThe quick\n-# writing…"})
        await states.until(lambda state: state["shown_chars"] == len("The quick"))
        await end()
        await bot("PATCH", message, {"content": "> **Why?**\nThe quick\n-# stopped by ann", "components": []})
        state = await states.until(lambda state: not state["unseen_chars"])
        assert (state["served_chars"], state["shown_chars"]) == (len("The quick"), len("The quick"))


async def test_the_same_answer_again_is_not_taken_for_the_first(web, play, bot, message, stage, model):
    async with web.panel() as states:
        async with serving(stage, model) as end:
            await bot("PATCH", message, {"content": f"{WORDS}\n-# done", "components": []})
            await end()
        await states.until(lambda state: state["served_chars"] and not state["unseen_chars"])
        async with serving(stage, model) as end:
            state = await states.until(lambda state: state["served_chars"] == 2 * len(WORDS))
            assert state["unseen_chars"] == len(WORDS)
            await end()


async def test_tokens_and_streams_are_told(web, stage, model):
    async with web.panel() as states, serving(stage, model) as end:
        state = await states.until(lambda state: state["tokens_per_s"])
        assert (state["tokens_per_s"], state["streams"]) == (1.0, 1)
        await end()
        assert (await states.until(lambda state: not state["streams"]))["bot"] == "starting"


async def test_switches_and_speed_are_told(web):
    await web.post("/web/speed", {"tokens_per_s": 7})
    await web.post("/web/faults", {"discord_500": True, "cut_stream": True, "ollama_down": True})
    async with web.panel() as states:
        state = await states.next()
    assert state["speed"] == 7.0
    assert state["faults"] == {"ollama_down": True, "cut_stream": True, "discord_500": True, "gateway_drop": False}


async def test_the_server_closes_at_once_while_it_is_watched(web, play):
    async with web.panel() as states:
        await states.next()
        async with asyncio.timeout(0.9):  # aiohttp would wait a second for who is still answered
            await play.chat.aclose()
