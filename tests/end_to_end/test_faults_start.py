"""What only a person can mend ends the bot's process with the status for that, and a sentence."""

import asyncio
import signal

import pytest

from playground.chat.faults import drop, server_error, too_many_requests
from playground.chat.model import AppFlag
from playground.llm.script import say
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import town


async def end_of(process):
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert "Traceback" not in said.decode()
    return process.returncode, said.decode()


async def test_a_token_that_the_gateway_refuses_is_a_sentence_and_78(tmp_path):
    async with town() as play, patter(folder=tmp_path, **addresses(play.chat, play.llm)) as process:
        await play.chat.record.until(lambda entry: entry.route == "/gateway/bot", 20)
        del play.chat.world._tokens[play.chat.world.bot.token]
        status, said = await end_of(process)
    assert status == 78
    assert "Reset Token" in said


async def test_an_intent_that_is_taken_away_while_it_connects_is_a_sentence_and_78(tmp_path):
    async with town() as play:
        play.chat.world.application.flags = AppFlag.MESSAGE_CONTENT_LIMITED
        async with patter(folder=tmp_path, **addresses(play.chat, play.llm)) as process:
            await play.chat.record.until(lambda entry: entry.route == "/gateway/bot", 20)
            play.chat.world.application.flags = 0
            status, said = await end_of(process)
    assert status == 78
    assert "Privileged Gateway Intents" in said


async def test_another_close_code_for_good_is_a_sentence_and_1(tmp_path):
    async with town() as play, patter(folder=tmp_path, **addresses(play.chat, play.llm)) as process:
        await play.chat.record.until_identified(1, 20)
        play.stage.play(say("Here."))
        await play.shows(await play.ask(), "tokens")
        play.chat.gateway.close(4013, play.chat.world.bot)
        status, said = await end_of(process)
    assert status == 1
    assert "code 4013" in said


async def test_a_signal_during_the_log_in_ends_it_without_a_word_more(tmp_path):
    async with town() as play:
        of_bot = play.chat.world.bot.id
        plan = play.chat.faults.plan(server_error(503), where=lambda entry: entry.by == of_bot, times=None)
        async with patter(folder=tmp_path, **addresses(play.chat, play.llm)) as process:
            async with asyncio.timeout(20):
                await plan.met.wait()
            play.chat.faults.cancel(plan)
            process.send_signal(signal.SIGTERM)
            _, said = await process.communicate()
    assert process.returncode == 0
    assert [line.split(": ", 1)[1] for line in said.decode().splitlines() if "no log-in" not in line] == [
        "stopping: 0 answers under way"
    ]


@pytest.mark.parametrize(
    "fault", [drop(), server_error(503), too_many_requests(0.1, html=True)], ids=["closed", "503", "429"]
)
async def test_a_fault_at_the_log_in_is_got_over(fault):
    async with town() as play:
        of_bot = play.chat.world.bot.id
        plan = play.chat.faults.plan(fault, where=lambda entry: entry.by == of_bot, times=2)
        async with play.at_work():
            assert len(plan.hits) == 2
            assert play.chat.record.identify_count == 1


async def test_commands_that_cannot_be_registered_do_not_keep_the_bot_away():
    async with town() as play:
        plan = play.chat.faults.plan(drop(), "PUT", "/applications/{application}/commands", times=None)
        async with play.at_work():
            assert plan.hits
            assert play.chat.record.identify_count == 1
