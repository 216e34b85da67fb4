"""Discord's gateway and REST come and go; the answers go on."""

import asyncio

import pytest

from bot.core import writer
from playground.chat.faults import drop, server_error
from playground.llm.script import hold, say
from tests.end_to_end.scene import labels, scene, stop_button, town

WORDS = [f"word{number} " for number in range(60)]
WHOLE = "".join(WORDS).rstrip()


@pytest.mark.parametrize("how", ["op 7", "op 9, resumable", "op 9", "dropped", "closed"])
async def test_a_reconnect_of_the_gateway_loses_no_stream(how):
    async with scene() as play:
        gateway, bot = play.chat.gateway, play.chat.world.bot
        gate = asyncio.Event()
        play.stage.director = lambda ask: [say(WORDS[:30], pace=0.01), hold(gate), say(WORDS[30:], pace=0.01)]
        answers = [await play.ask(f"question {number}") for number in range(3)]
        for message_id in answers:
            await play.shows(message_id, "word29")
        seen = len(play.chat.record.identifies)
        match how:
            case "op 7":
                gateway.ask_to_reconnect(bot)
            case "op 9":
                gateway.invalidate(bot)
            case "op 9, resumable":
                gateway.invalidate(bot, resumable=True)
            case "dropped":
                gateway.drop(bot)
            case _:
                gateway.close(1001, bot)
        gate.set()
        for message_id in answers:
            await play.shows(message_id, f"{WHOLE}\n-# smol · 60 tokens")
        await play.chat.record.until_identified(seen + 1, 20)
        play.stage.director = None
        play.stage.play(say("Back."))
        await play.shows(await play.ask(), "Back.", "tokens")
        assert len([one for one in play.ann.messages(play.channel) if play.is_answer(one)]) == 4


@pytest.mark.parametrize("fault", [server_error(503), server_error(500), drop()], ids=["503", "500", "closed"])
async def test_in_an_outage_of_rest_the_text_gathers_and_the_end_lands(fault):
    async with scene() as play:
        play.stage.play(say(WORDS, pace=0.02))
        message_id = await play.ask()
        await play.shows(message_id, "word5")
        plan = play.chat.faults.plan(fault, times=None, where=lambda entry: entry.by != play.ann.id)
        async with asyncio.timeout(10):
            await plan.met.wait()
            await play.stage.until(lambda: not play.stage.open)  # all was said into the outage
        assert "word59" not in play.now(message_id)["content"]
        play.chat.faults.cancel(plan)
        last = await play.shows(message_id, f"{WHOLE}\n-# smol · 60 tokens", within_s=30)
        assert labels(last) == ["Retry", "Continue in thread"]


async def test_after_an_outage_that_outlasts_the_writer_the_next_start_mends_it(monkeypatch):
    monkeypatch.setattr(writer, "GIVE_UP_AFTER_S", 1.0)
    async with town() as play:
        async with play.at_work():
            play.stage.play(say(WORDS, pace=0.01))
            message_id = await play.ask()
            await play.shows(message_id, "word5")
            plan = play.chat.faults.plan(drop(), "PATCH", times=None)
            async with asyncio.timeout(20):
                await play.stage.until(lambda: not play.stage.open)
                await asyncio.gather(*play.bot.services.runs._tasks)
            assert stop_button(play.now(message_id))
            play.chat.faults.cancel(plan)
        async with play.at_work():
            last = await play.shows(message_id, "word5", "interrupted")
            assert labels(last) == ["Retry"]
            play.stage.play(say("Sure."))
            await play.ann.say(play.channel, "Sure?", reply_to=message_id)
            await play.ann.until(lambda message: "Sure.\n" in message["content"])
            assert play.prompt()[1] == ("assistant", WHOLE + " ")
