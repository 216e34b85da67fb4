"""How much one may ask, as people see it."""

import asyncio

from playground.llm.script import hold, say
from tests.end_to_end.scene import scene
from tests.end_to_end.talk import is_told, notices, to_bot


def privately(message):
    return bool(message["flags"] & 64)


async def asks_in_vain(play, by=None):
    """Use /ask and give the sentence that one is told alone."""
    by = by or play.ann
    seen = {message["id"] for message in by.messages(play.channel)}
    await by.command(play.channel, "ask", prompt="Why?")
    told = await by.until(lambda message: message["id"] not in seen and play.is_answer(message) and privately(message))
    return told["content"]


async def test_a_person_who_asks_too_fast_is_told_alone_when_to_come_back():
    async with scene(person_asks_per_minute=2) as play:
        play.stage.director = lambda ask: [say("Because.")]
        for _ in range(2):
            await play.shows(await play.ask(), "Because.")
        told = await asks_in_vain(play)
        assert told == "You have asked a lot in the last minute. Ask again in 30 s."
        assert len(play.stage.asks) == 2
        await play.shows(await play.ask(by=play.bob), "Because.")


async def test_a_person_has_so_many_answers_at_once_wherever_they_are():
    async with scene(person_asks_at_once=2) as play:
        gates = [asyncio.Event(), asyncio.Event()]
        for gate in gates:
            play.stage.play(hold(gate), say("Because."))
        first = await play.ask()
        await play.stage.asked()
        await play.ask(channel=play.ann.channel("side"))
        assert await asks_in_vain(play) == (
            "2 answers for you are on their way already. Ask again when one has ended, or stop one."
        )
        gates[0].set()
        await play.shows(first, "Because.", "tokens")
        await play.bot.services.runs.until_over(run_showing(play, first))
        play.stage.play(say("Now."))
        await play.shows(await play.ask(), "Now.")
        gates[1].set()
        await play.idle()


def run_showing(play, message_id):
    asked = play.bot.services.runs.showing(message_id)
    return asked.run.id if asked else ""


async def test_a_server_has_its_limits_as_well_which_hold_for_all_in_it():
    async with scene(guild_asks_per_minute=1, guild_asks_at_once=5, quota_exempt="nobody") as play:
        play.stage.director = lambda ask: [say("Because.")]
        await play.shows(await play.ask(by=play.bob), "Because.")
        assert await asks_in_vain(play) == "This server has asked a lot in the last minute. Ask again in 60 s."
        dm = await play.ann.dm(play.chat.world.bot.id)
        await play.shows(await play.ask(channel=dm), "Because.")
    async with scene(guild_asks_at_once=1, quota_exempt="nobody") as play:
        gate = asyncio.Event()
        play.stage.play(hold(gate), say("Because."))
        await play.ask(by=play.bob)
        told = await asks_in_vain(play)
        assert told == "1 answer is on the way for this server already. Ask again when one has ended."
        gate.set()
        await play.idle()


async def test_moderators_are_exempt_unless_the_setting_says_otherwise():
    async with scene(person_asks_per_minute=1) as play:
        play.stage.director = lambda ask: [say("Because.")]
        for _ in range(3):
            await play.shows(await play.ask(by=play.bob), "Because.")
    for exempt in ("owners", "nobody"):
        async with scene(person_asks_per_minute=1, quota_exempt=exempt) as play:
            play.stage.director = lambda ask: [say("Because.")]
            await play.shows(await play.ask(by=play.bob), "Because.")
            assert "You have asked a lot" in await asks_in_vain(play, by=play.bob)


async def test_messages_are_told_in_a_reply_but_once_a_minute():
    async with scene(person_asks_per_minute=1) as play:
        play.stage.director = lambda ask: [say("Because.")]
        await play.ann.say(play.channel, to_bot(play, "Why?"))
        await is_told(play, "Because.")
        for number in range(5):
            await play.ann.say(play.channel, to_bot(play, f"Why {number}?"))
        told = await is_told(play, "You have asked a lot")
        assert told["message_reference"]
        assert told["mentions"] == []
        await play.shows(await play.ask("Whoever is exempt comes after all that.", by=play.bob), "Because.")
        await play.idle()
        assert len(notices(play, "You have asked a lot")) == 1
        assert len(play.stage.asks) == 2


async def test_retry_and_continue_count_as_asks():
    async with scene(person_asks_per_minute=1) as play:
        play.stage.play(say("Because."))
        message_id = await play.ask()
        done = await play.shows(message_id, "Because.", "tokens")
        await play.idle()
        await play.ann.click(done, f"retry:{play.chat.world.ann.id}")
        told = await is_told(play, "You have asked a lot")
        assert privately(told)
        assert "Because." in play.now(message_id)["content"]
        play.stage.play(say("Anew."))
        await play.bob.click(done, f"retry:{play.chat.world.ann.id}")
        await play.shows(message_id, "Anew.")


async def test_an_answer_that_is_stopped_or_fails_no_longer_counts():
    async with scene(person_asks_at_once=1) as play:
        play.stage.play(hold())
        message_id = await play.ask()
        await play.stage.asked()
        await play.ann.command(play.channel, "stop")
        await play.shows(message_id, "stopped by ann")
        await play.idle()
        play.stage.play(say("half"), hold())
        message_id = await play.ask()
        await play.shows(message_id, "half")
        await play.bob.delete(play.channel, message_id)
        await play.idle()
        play.stage.play(say("Because."))
        await play.shows(await play.ask(), "Because.")
