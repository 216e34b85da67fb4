"""Very many at once, and very long."""

import asyncio
import os
import re
from contextlib import suppress

import pytest

from bot.composition import Timing
from playground.chat.faults import CALLBACK
from playground.chat.limits import Limits, Rate
from playground.llm.script import hold, say
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import QUICK, labels, scene, town

ASKS, ROOMS = 200, 10
FREE = {
    "MAX_RUNNING": "64",
    "QUEUE_SIZE": "1000",
    "PERSON_ASKS_PER_MINUTE": "0",
    "PERSON_ASKS_AT_ONCE": "0",
    "GUILD_ASKS_PER_MINUTE": "0",
    "GUILD_ASKS_AT_ONCE": "0",
}
ENDLESS = [f"word{number} " for number in range(100_000)]


@pytest.fixture
def _back_in_line():
    yield
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)


@pytest.mark.usefixtures("_back_in_line")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such priorities")
async def test_two_hundred_asks_at_the_same_second_beside_fifty_streams_are_all_acknowledged(tmp_path):
    """Discord, as the playground plays it, refuses what comes later than three seconds."""
    async with town(limits=Limits()) as play:
        world = play.chat.world
        rooms = [world.add_channel(world.playground, f"room{number}").id for number in range(ROOMS)]
        play.stage.director = lambda ask: [say(ENDLESS, pace=0.05)]
        async with patter(folder=tmp_path, **addresses(play.chat, play.llm) | FREE) as process:
            await play.chat.record.until_identified(1, 20)
            go_first(process.pid)
            async with asyncio.timeout(30):
                for number in range(50):
                    await play.ann.command(rooms[number % ROOMS], "ask", prompt=f"stream {number}")
                await play.stage.until(lambda: play.stage.open == 50)
                await asyncio.gather(
                    *(play.bob.command(rooms[n % ROOMS], "ask", prompt=f"question {n}") for n in range(ASKS))
                )
                callbacks = play.chat.record
                await callbacks.until(lambda _: len(acknowledged(play)) == 50 + ASKS, 20)
            waits = sorted(waits_for_callbacks(play)[-ASKS:])
            assert waits[-1] < 3
            assert play.chat.record.count(status=404) == play.chat.record.count(status=429) == 0
            process.kill()


def go_first(pid):
    """Let nothing else on this machine slow the bot down; what is measured is the bot."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, -15)
        os.setpriority(os.PRIO_PROCESS, 0, -15)


def acknowledged(play):
    return [entry for entry in play.requests("POST", CALLBACK) if entry.status == 200]


def waits_for_callbacks(play):
    born = {str(one.id): one.born for one in play.chat.world.interactions.values()}
    return [entry.answered - born[entry.params["interaction"]] for entry in acknowledged(play)]


async def test_an_answer_that_outlives_its_token_goes_on_in_the_channel_and_ends_in_words():
    """A token lives for a second here in place of fifteen minutes, and is left a bit before that."""
    limits = Limits(token_life_s=1.5, edit=QUICK.edit, send=QUICK.send, token=QUICK.token, everything=Rate(50, 0.1))
    async with scene(limits=limits, timing=Timing(guild_ready_timeout_s=0.05, handover_s=1.2)) as play:
        play.stage.play(say(ENDLESS[:500], pace=0.01))
        await play.ask()
        last = await play.ann.until(lambda message: "500 tokens" in message["content"], 20)
        await play.idle()
        pages = [message for message in play.ann.messages(play.channel) if play.is_answer(message)]
        shown = "".join(page["content"] for page in pages)
        assert [int(number) for number in re.findall(r"word(\d+)", shown)] == list(range(500))
        assert len(pages) >= 2
        assert labels(last) == ["Retry", "Continue in thread"]
        assert play.requests("PATCH", "/channels/{channel}/messages/{message}")
        assert play.chat.record.count(status=401) == 0


async def test_a_token_that_dies_before_its_time_costs_no_text():
    limits = Limits(token_life_s=0.8, edit=QUICK.edit, send=QUICK.send, token=QUICK.token, everything=Rate(50, 0.1))
    async with scene(limits=limits) as play:
        gate = asyncio.Event()
        play.stage.play(say(ENDLESS[:30], pace=0.05), hold(gate), say(ENDLESS[30:500], pace=0.002))
        message_id = await play.ask()
        await play.shows(message_id, "word29")
        gate.set()
        await play.ann.until(lambda message: "500 tokens" in message["content"], 20)
        await play.idle()
        pages = [message for message in play.ann.messages(play.channel) if play.is_answer(message)]
        shown = "".join(page["content"] for page in pages)
        assert [int(number) for number in re.findall(r"word(\d+)", shown)] == list(range(500))
        assert play.chat.record.count(status=401) == 1
