"""The line in front of the model, as people see it."""

import asyncio

import pytest

from bot.composition import Timing
from playground.llm.script import hold, say
from tests.end_to_end.scene import labels, scene, stop_button
from tests.end_to_end.talk import to_bot
from tests.end_to_end.test_stop import by_button, by_command, by_deleting, by_reaction

ONE_AT_A_TIME = {"max_running": 1}


async def holds(play, by=None):
    """Let somebody's answer keep the model busy; give its id and what ends it."""
    gate = asyncio.Event()
    play.stage.play(hold(gate), say("At last."))
    number = len(play.stage.asks)
    message_id = await play.ask("Who is first?", by=by)
    await play.stage.asked(number)
    return message_id, gate


def answers(play, part=""):
    everything = play.ann.messages(play.channel)
    return [message for message in everything if play.is_answer(message) and part in message["content"]]


async def test_one_waits_in_sight_and_is_answered_when_it_is_ones_turn():
    async with scene(**ONE_AT_A_TIME) as play:
        first, gate = await holds(play)
        second = await play.ask("Who is second?", by=play.bob)
        assert play.now(second)["content"] == "> **Who is second?**\n-# 1st in line"
        assert labels(play.now(second)) == ["Stop"]
        third = await play.ask("Who is third?", by=play.bob)
        assert "2nd in line" in play.now(third)["content"]
        assert len(play.stage.asks) == 1
        gates = [asyncio.Event(), asyncio.Event()]
        for next_gate in gates:
            play.stage.play(hold(next_gate), say("Here."))
        gate.set()
        await play.shows(first, "At last.", "tokens")
        await play.shows(second, "waiting for the model")
        await play.shows(third, "1st in line, about 5 s")
        gates[0].set()
        await play.shows(second, "Here.", "tokens")
        gates[1].set()
        await play.shows(third, "Here.", "tokens")


async def test_fifty_asks_of_one_do_not_hold_up_the_first_of_another():
    async with scene(**ONE_AT_A_TIME, queue_size=60) as play:
        _, gate = await holds(play)
        play.stage.director = lambda ask: [say("Answered.")]
        for number in range(50):
            await play.ask(f"ann {number}")
        of_bob = await play.ask("bob", by=play.bob)
        assert "1st in line" in play.now(of_bob)["content"]
        gate.set()
        await play.shows(of_bob, "Answered.")
        await play.idle()
        asked = [play.prompt(number)[-1][1] for number in range(52)]
        assert asked == ["Who is first?", "bob", *(f"ann {number}" for number in range(50))]


@pytest.mark.parametrize("way", [by_button, by_reaction, by_command, by_deleting])
async def test_every_way_stops_whoever_waits_and_the_line_moves_up(way):
    async with scene(**ONE_AT_A_TIME) as play:
        first, gate = await holds(play, by=play.bob)
        second = await play.ask("Who is second?")
        third = await play.ask("Who is third?", by=play.bob)
        await play.shows(third, "2nd in line")
        await way(play, second, play.ann)
        if way is not by_deleting:
            last = await play.shows(second, "stopped by ann")
            assert stop_button(last) is None
        await play.shows(third, "1st in line")
        play.stage.play(say("Here."))
        gate.set()
        await play.shows(first, "At last.")
        await play.shows(third, "Here.")
        await play.idle()
        assert len(play.stage.asks) == 2


async def test_at_a_restart_all_who_wait_are_told():
    async with scene(**ONE_AT_A_TIME) as play:
        _, _ = await holds(play)
        waiting = [await play.ask(f"Number {number}?") for number in range(3)]
        await play.bot.services.runs.close(5.0)
        for message_id in waiting:
            await play.shows(message_id, "interrupted by a restart")
        assert len(play.stage.asks) == 1


async def test_a_full_line_is_told_to_the_asker_alone_with_when_to_come_back():
    async with scene(**ONE_AT_A_TIME, queue_size=1) as play:
        _, gate = await holds(play)
        await play.ask("Who is second?", by=play.bob)
        await play.ann.command(play.channel, "ask", prompt="Who is third?")
        told = await play.ann.until(lambda message: "Too many are waiting" in message["content"])
        assert told["content"] == "Too many are waiting for me already. Ask again in a minute."
        assert told["flags"] & 64
        await play.ann.command(play.channel, "ask", prompt="In a thread?", thread=True)
        await play.ann.until(lambda message: "Too many" in message["content"] and message["id"] != told["id"])
        assert not [channel for channel in play.chat.world.channels.values() if channel.thread]
        said = await play.ann.say(play.channel, to_bot(play, "Who is fourth?"))
        told = await play.ann.until(
            lambda message: (message.get("message_reference") or {}).get("message_id") == said["id"]
        )
        assert "Too many are waiting" in told["content"]
        play.stage.play(say("Here."))
        gate.set()
        await play.idle()
        play.stage.play(say("Room again."))
        await play.shows(await play.ask("Now?"), "Room again.")


async def test_buttons_below_an_answer_wait_in_the_same_line():
    async with scene(**ONE_AT_A_TIME) as play:
        play.stage.play(say("The first."))
        old = await play.ask("Why?")
        done = await play.shows(old, "The first.", "tokens")
        await play.idle()
        _, gate = await holds(play, by=play.bob)
        retry = next(
            one["custom_id"] for one in done["components"][0]["components"] if one["custom_id"].startswith("retry")
        )
        await play.ann.click(done, retry)
        await play.shows(old, "1st in line")
        play.stage.play(say("The second."))
        gate.set()
        await play.shows(old, "The second.", "tokens")


async def test_a_private_answers_life_passes_in_line_too():
    early = Timing(guild_ready_timeout_s=0.05, handover_s=1.0, line_every_s=0.1)
    async with scene(**ONE_AT_A_TIME, timing=early) as play:
        _, gate = await holds(play, by=play.bob)
        message_id = await play.ask("Secret?", private=True)
        await play.shows(message_id, "in line")
        await play.shows(message_id, "a private answer can be written for 14 minutes only")
        gate.set()
        await play.idle()
        assert len(play.stage.asks) == 1


async def test_a_hundred_at_once_are_all_acknowledged_and_each_gets_an_answer_or_a_sentence():
    async with scene(max_running=4, queue_size=50) as play:
        play.stage.director = lambda ask: [say("Answered.")]
        gate = asyncio.Event()
        for _ in range(4):
            play.stage.play(hold(gate), say("Answered."))
        await asyncio.gather(*(play.ann.command(play.channel, "ask", prompt=f"{n}") for n in range(100)))
        line = play.bot.services.asking._admission.line
        await play.ann.until(lambda _: len(answers(play)) == 100, 20.0)
        assert (line.running, line.waiting) == (4, 50)
        gate.set()
        await play.ann.until(lambda _: len(answers(play, "Answered.\n-# smol")) == 54, 20.0)
        assert len(answers(play, "Too many are waiting")) == 46
        await play.idle()
        assert (line.running, line.waiting) == (0, 0)


async def test_an_answer_that_takes_too_long_or_grows_too_long_ends_in_words():
    async with scene(answer_max_s=0.5, answer_max_chars=40) as play:
        play.stage.play(say("Half of it"), hold())
        first = await play.ask()
        last = await play.shows(first, "Half of it", "hit the time limit")
        assert set(labels(last)) == {"Retry", "Continue", "Continue in thread"}
        await (await play.stage.asked()).left()
        play.stage.play(say(["0123456789"] * 5), hold())
        second = await play.ask()
        last = await play.shows(second, "0123456789" * 4 + "\n-# hit the length limit")
        assert "Continue" in labels(last)
        await (await play.stage.asked(1)).left()
