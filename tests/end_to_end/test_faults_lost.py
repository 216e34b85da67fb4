"""Writes whose answers are lost, late, or never come: what is shown in the end is shown once."""

import asyncio
import re
import time

import pytest

from bot.chat import followups, sockets
from bot.composition import Timing
from bot.core import writer
from playground.chat.faults import (
    CALLBACK,
    CHANNEL_MESSAGE,
    CHANNEL_MESSAGES,
    FOLLOWUPS,
    TOKEN_MESSAGE,
    Fault,
    drop,
    hang,
    server_error,
)
from playground.chat.permissions import Permission
from playground.llm.script import hold, say
from tests.end_to_end.scene import labels, scene, stop_button
from tests.end_to_end.talk import to_bot

WORDS = [f"word{number} " for number in range(400)]
QUICK = 0.6

EARLY = Timing(guild_ready_timeout_s=0.05, handover_s=0.1)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Hang up soon, and hold late what is later than that."""
    monkeypatch.setattr(sockets, "ANSWER_S", QUICK)
    monkeypatch.setattr(sockets, "CALLBACK_S", QUICK)
    monkeypatch.setattr(writer, "LATE_S", 1.5)
    monkeypatch.setattr(followups, "ECHO_S", 0.3)


def pages(play, by=None):
    return [message for message in (by or play.ann).messages(play.channel) if play.is_answer(message)]


def numbers(play):
    shown = "".join(message["content"] for message in pages(play))
    return [int(number) for number in re.findall(r"word(\d+)", shown)]


async def whole(play, within_s=12.0):
    """Wait for the end of an answer of WORDS, and until nothing more is written; each word is there once."""
    await play.ann.until(lambda message: "400 tokens" in message["content"], within_s)
    await play.idle()
    assert numbers(play) == list(range(400))
    assert [labels(page) for page in pages(play)] == [[], ["Retry", "Continue in thread"]]


LOST = {
    "dropped before": drop(),
    "dropped after": drop(applied=True),
    "silent before": hang(),
    "silent after": hang(applied=True),
    "503": server_error(503),
    "500 though it is there": server_error(500, applied=True),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_followup_whose_answer_is_lost_is_one_message(fault):
    async with scene() as play:
        plan = play.chat.faults.plan(fault, "POST", FOLLOWUPS)
        play.stage.play(say(WORDS, pace=0.003))
        await play.ask()
        await whole(play)
        assert plan.hits
        if fault.applied and fault.end != "answer":  # after such an answer discord.py itself posts again
            assert len(play.requests("POST", FOLLOWUPS)) == 1


@pytest.mark.parametrize("fault", [drop(applied=True), drop()], ids=["there", "not there"])
async def test_without_the_gateway_a_lost_followup_is_looked_for_in_the_history(fault):
    async with scene() as play:
        play.bot.echoes.hear = deaf
        play.stage.play(say(WORDS, pace=0.003))
        plan = play.chat.faults.plan(fault, "POST", FOLLOWUPS)
        await play.ask()
        await whole(play)
        assert plan.hits
        assert play.requests("GET", CHANNEL_MESSAGES)


async def deaf(_):
    """Hear nothing of what the gateway shows."""


async def test_where_the_bot_may_not_look_a_lost_followup_is_posted_again():
    async with scene() as play:
        world = play.chat.world
        world.overwrite(world.general, world.bot, deny=Permission.READ_MESSAGE_HISTORY)
        plan = play.chat.faults.plan(drop(), "POST", FOLLOWUPS)
        play.stage.play(say(WORDS, pace=0.003))
        await play.ask()
        await whole(play)
        assert plan.hits


async def test_a_followup_that_comes_to_be_after_another_took_its_place_is_deleted():
    async with scene() as play:
        late = Fault("hang", applied=True, delay_s=2 * QUICK + 0.5)
        plan = play.chat.faults.plan(late, "POST", FOLLOWUPS)
        gate = asyncio.Event()
        play.stage.play(say(WORDS, pace=0.003), hold(gate))
        await play.ask()
        async with asyncio.timeout(10):
            await plan.met.wait()
        await play.chat.record.until(lambda entry: entry.method == "DELETE" and entry.status == 204, 10)
        gate.set()
        await whole(play)


async def test_a_lost_followup_of_a_private_answer_costs_no_text():
    async with scene() as play:
        plan = play.chat.faults.plan(drop(), "POST", FOLLOWUPS)
        play.stage.play(say(WORDS, pace=0.003))
        await play.ask(private=True)
        await play.ann.until(lambda message: "400 tokens" in message["content"], 10)
        assert plan.hits
        assert numbers(play) == list(range(400))


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_page_in_the_channel_whose_answer_is_lost_is_one_message(fault):
    async with scene(timing=EARLY) as play:
        plan = play.chat.faults.plan(fault, "POST", CHANNEL_MESSAGES, where=lambda entry: entry.by != play.ann.id)
        play.stage.play(say(WORDS, pace=0.003))
        await play.ask()
        await whole(play)
        assert plan.hits


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_reply_whose_answer_is_lost_is_one_message(fault):
    async with scene() as play:
        mine = lambda entry: entry.by == play.chat.world.bot.id  # noqa: E731 - names the condition
        plan = play.chat.faults.plan(fault, "POST", CHANNEL_MESSAGES, where=mine)
        play.stage.play(say("Here I am."))
        await play.ann.say(play.channel, to_bot(play, "Are you there?"))
        await play.ann.until(lambda message: "Here I am.\n-# smol" in message["content"], 10)
        await play.idle()
        assert len(pages(play)) == 1
        assert plan.hits


@pytest.mark.parametrize("fault", [hang(), hang(applied=True)], ids=["silent before", "silent after"])
async def test_a_first_response_without_an_answer_is_given_again_in_time(fault):
    async with scene() as play:
        play.chat.faults.plan(fault, "POST", CALLBACK)
        play.stage.play(say("Here I am."))
        asked_at = time.monotonic()
        await play.ann.command(play.channel, "ask", prompt="Are you there?")
        await play.ann.until(lambda message: "Here I am.\n-# smol" in message["content"])
        assert time.monotonic() - asked_at < 3
        assert len(pages(play)) == 1


@pytest.mark.parametrize("applied", [False, True], ids=["silent before", "silent after"])
@pytest.mark.parametrize("timing", [None, EARLY], ids=["by token", "in the channel"])
async def test_an_edit_that_is_never_answered_sets_its_writer_free(applied, timing):
    async with scene(timing=timing) as play:
        gate = asyncio.Event()
        play.stage.play(say(WORDS[:20], pace=0.01), hold(gate), say(WORDS[20:40], pace=0.01))
        message_id = await play.ask()
        await play.shows(message_id, "word19")
        plan = play.chat.faults.plan(hang(applied=applied), "PATCH", CHANNEL_MESSAGE if timing else TOKEN_MESSAGE)
        gate.set()
        async with asyncio.timeout(5):
            await plan.met.wait()
        met_at = time.monotonic()
        last = await play.shows(message_id, "word39", "40 tokens", within_s=QUICK + 4)
        assert time.monotonic() - met_at < QUICK + 2
        assert stop_button(last) is None
        assert len(pages(play)) == 1


async def test_an_edit_that_is_applied_after_the_end_does_not_stay():
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(say(WORDS[:20], pace=0.01), hold(gate), say(WORDS[20:40], pace=0.03))
        message_id = await play.ask()
        await play.shows(message_id, "word19")
        late = Fault("hang", applied=True, delay_s=QUICK + 1.0)
        plan = play.chat.faults.plan(late, "PATCH", TOKEN_MESSAGE)
        gate.set()
        await play.shows(message_id, "word39", "40 tokens")
        (hit,) = plan.hits
        assert "40 tokens" not in hit.body["content"]
        await play.ann.until(lambda message: message["content"] == hit.body["content"].strip())
        assert "40 tokens" not in play.now(message_id)["content"]  # the old one is on screen
        last = await play.shows(message_id, "word39", "40 tokens")
        assert labels(last) == ["Retry", "Continue in thread"]
        await play.idle()


async def test_the_bounds_leave_a_writer_held_up_for_less_than_thirty_seconds(monkeypatch):
    monkeypatch.undo()
    assert sockets.CONNECT_S + sockets.ANSWER_S < 30
    assert 2 * sockets.CALLBACK_S + 0.5 < 3


async def test_the_gateway_is_not_taken_for_a_request_without_an_answer():
    async with scene() as play:
        play.stage.play(hold())
        message_id = await play.ask()
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(still(play, message_id))), 5)
        assert play.chat.record.identify_count == 1


async def still(play, message_id):
    """Return once much more time has gone by than a request may take."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(3 * QUICK, over.set_result, None)
    await over
    await play.ann.click(play.now(message_id), stop_button(play.now(message_id)))
    await play.shows(message_id, "stopped by ann")
