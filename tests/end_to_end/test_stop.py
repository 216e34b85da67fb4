"""All ways to stop an answer, in all its states, by all who may and some who may not."""

import asyncio
import time

import pytest

from playground.chat.faults import TOKEN_MESSAGE, delay
from playground.llm.models import Model
from playground.llm.script import hold, say, think
from tests.end_to_end.scene import scene, stop_button

ENDLESS = [f"word{number} " for number in range(100_000)]
SCRIPTS = {
    "waiting": ([hold()], "waiting"),
    "loading": ([hold()], "loading"),
    "thinking": ([think("hm " * 3), hold()], "thinking"),
    "writing": ([say(ENDLESS, pace=0.01)], "word3"),
}


async def by_button(play, message_id, who):
    await who.click(play.now(message_id), stop_button(play.now(message_id)))


async def by_reaction(play, message_id, who):
    await who.react(play.channel, message_id, "🛑")


async def by_command(play, message_id, who):
    await who.command(play.channel, "stop")


async def by_deleting(play, message_id, who):
    await play.bob.delete(play.channel, message_id)


@pytest.mark.parametrize("way", [by_button, by_reaction, by_command, by_deleting])
@pytest.mark.parametrize("state", SCRIPTS)
async def test_every_way_stops_in_every_state(state, way):
    script, sign = SCRIPTS[state]
    async with scene(Model("smol", loaded=state != "loading", capabilities=("completion", "thinking"))) as play:
        play.stage.play(*script)
        message_id = await play.ask()
        await play.shows(message_id, sign)
        call = await play.stage.asked()
        before = time.monotonic()
        await way(play, message_id, play.ann)
        async with asyncio.timeout(5):
            assert await call.left() - before < 1.0
        if way is not by_deleting:
            last = await play.shows(message_id, "stopped by ann")
            assert stop_button(last) is None
            assert state != "writing" or "word3" in last["content"]
        await play.idle()
        assert len(play.requests("PATCH")) < 10


@pytest.mark.parametrize("way", [by_button, by_reaction, by_command])
async def test_a_moderator_may_stop_anybodys(way):
    async with scene() as play:
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await play.ask()
        await play.shows(message_id, "word3")
        await way(play, message_id, play.bob)
        await play.shows(message_id, "stopped by bob")


async def test_a_stranger_gets_a_sentence_that_nobody_else_sees():
    async with scene() as play:
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await play.ask(by=play.bob)
        await play.shows(message_id, "word3")
        for way, words in ((by_button, "Only the one who asked"), (by_command, "Nothing of yours")):
            await way(play, message_id, play.ann)
            told = await play.ann.until(lambda message, words=words: words in message["content"])
            assert told["flags"] & 64
            assert told["id"] not in {message["id"] for message in play.bob.messages(play.channel)}
        await by_reaction(play, message_id, play.ann)
        await play.shows(message_id, "word30")
        assert play.stage.open == 1
        await by_command(play, message_id, play.bob)
        await play.shows(message_id, "stopped by bob")


async def test_another_emoji_stops_nothing_and_the_setting_names_the_one_that_does():
    async with scene(stop_emoji="🐌") as play:
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await play.ask()
        await play.ann.react(play.channel, message_id, "🛑")
        await play.shows(message_id, "word40")
        await play.ann.react(play.channel, message_id, "🐌")
        await play.shows(message_id, "stopped by ann")


async def test_three_ways_at_once_make_one_ending_and_no_error(caplog):
    async with scene() as play:
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await play.ask()
        await play.shows(message_id, "word3")
        await asyncio.gather(*(way(play, message_id, play.ann) for way in (by_button, by_reaction, by_command)))
        await play.shows(message_id, "stopped by ann")
        await play.idle()
        assert sum("stopped by" in str(entry.body) for entry in play.requests("PATCH")) == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_click_on_an_answer_that_has_just_ended_is_answered_in_words():
    async with scene() as play:
        play.stage.play(say(["a", "b"], pace=0.3))
        message_id = await play.ask()
        await play.shows(message_id, "ab")
        play.chat.faults.plan(delay(1.0), "PATCH", TOKEN_MESSAGE)
        call = await play.stage.asked()
        await play.stage.until(lambda: call.ending == "answered")
        await by_button(play, message_id, play.ann)
        told = await play.ann.until(lambda message: "already ended" in message["content"])
        assert told["flags"] & 64
        await play.shows(message_id, "tokens")
        await by_command(play, message_id, play.ann)
        await play.ann.until(lambda message: "Nothing is being written here" in message["content"])


async def test_a_reaction_on_any_page_stops():
    async with scene() as play:
        play.stage.play(say(["lorem ipsum " * 20] * 15, pace=0.05), hold())
        message_id = await play.ask()
        await play.ann.until(lambda message: play.is_answer(message) and int(message["id"]) != message_id)
        await play.ann.react(play.channel, message_id, "🛑")
        await play.ann.until(lambda message: "stopped by ann" in message["content"])
