"""Discord says no for a while: 429s of all kinds, a storm of refusals, and few connections left."""

import asyncio
import re
import time

import pytest

from bot.chat import breaker, identifying
from playground.chat.faults import CALLBACK, CHANNEL_MESSAGE, TOKEN_MESSAGE, Fault, server_error, too_many_requests
from playground.chat.limits import Limits, Rate
from playground.llm.script import hold, say
from tests.end_to_end.scene import QUICK, labels, scene, stop_button, town
from tests.end_to_end.talk import to_bot

WORDS = [f"word{number} " for number in range(60)]
WHOLE = "".join(WORDS).rstrip()


def numbers(message):
    return [int(number) for number in re.findall(r"word(\d+)", message["content"])]


async def test_a_429_of_eight_seconds_is_obeyed_and_the_text_gathers_meanwhile():
    async with scene() as play:
        play.stage.play(say(WORDS, pace=0.05))
        message_id = await play.ask()
        await play.shows(message_id, "word2")
        plan = play.chat.faults.plan(too_many_requests(8.0), "PATCH", TOKEN_MESSAGE)
        async with asyncio.timeout(5):
            await plan.met.wait()
        met_at = time.monotonic()
        await play.shows(message_id, f"{WHOLE}\n-# smol · 60 tokens", within_s=12)
        assert 8.0 <= time.monotonic() - met_at < 10.0
        (hit,) = plan.hits
        edits = [entry for entry in play.requests("PATCH") if entry.time > hit.time]
        assert edits[0].time - hit.time >= 8.0
        assert len(edits) <= 2


KINDS = {
    "global": too_many_requests(1.0, scope="global"),
    "HTML": too_many_requests(1.0, html=True),
    "HTML without Via": too_many_requests(1.0, html=True, via=False),
    "shared": too_many_requests(1.0, scope="shared"),
}


@pytest.mark.parametrize("fault", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("way", ["by token", "in the channel"])
async def test_every_kind_of_429_in_mid_stream_only_delays(fault, way):
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(say(WORDS[:30], pace=0.005), hold(gate), say(WORDS[30:], pace=0.005))
        if way == "by token":
            message_id, route = await play.ask(), TOKEN_MESSAGE
        else:
            await play.ann.say(play.channel, to_bot(play, "Why?"))
            message_id, route = int((await play.ann.until(play.is_answer))["id"]), CHANNEL_MESSAGE
        await play.shows(message_id, "word29")
        plan = play.chat.faults.plan(fault, "PATCH", route)
        gate.set()
        last = await play.shows(message_id, "word59", "60 tokens", within_s=8)
        assert numbers(last) == list(range(60))
        (hit,) = plan.hits
        after = [entry for entry in play.requests("PATCH") if entry.time > hit.time]
        assert after[0].time - hit.time >= 1.0
        if plan.fault.headers["X-RateLimit-Scope"] == "global" or isinstance(plan.fault.body, str):
            everything = [one for one in play.chat.record if one.time > hit.time and one.by != play.ann.id]
            assert everything[0].time - hit.time >= 1.0


STORMS = {
    "401": Fault("answer", status=401, body={"message": "401: Unauthorized", "code": 0}),
    "403": Fault("answer", status=403, body={"message": "Missing Access", "code": 50001}),
    "429": too_many_requests(0.01, via=False),
}


@pytest.mark.parametrize("storm", STORMS.values(), ids=STORMS)
async def test_a_storm_of_refusals_opens_a_breaker_that_says_so_and_closes_again(storm, monkeypatch, caplog):
    monkeypatch.setattr(breaker, "MOST", 20)
    monkeypatch.setattr(breaker, "PAUSE_S", 4.0)
    async with scene(person_asks_per_minute=0, guild_asks_per_minute=0, guild_asks_at_once=0) as play:
        of_bot = (None, play.chat.world.bot.id)
        play.chat.faults.plan(storm, where=lambda entry: entry.by in of_bot, times=None)
        play.stage.director = lambda _: [say("Word.")]
        for number in range(25):
            await play.ann.command(play.channel, "ask", prompt=f"question {number}")
        await play.chat.record.until(lambda _: play.chat.limits.invalid >= 20)
        await play.idle()
        assert any("making none" in record.message for record in caplog.records)
        refused = play.chat.limits.invalid
        for number in range(10):
            await play.ann.command(play.channel, "ask", prompt=f"question {25 + number}")
        await after(1.0)
        assert play.chat.limits.invalid == refused
        play.chat.faults.clear()
        await after(3.2)
        play.stage.play(say("All is well."))
        await play.shows(await play.ask(), "All is well.", "tokens")


async def after(seconds):
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over


async def test_refusals_for_what_others_use_too_do_not_count(monkeypatch):
    monkeypatch.setattr(breaker, "MOST", 3)
    async with scene() as play:
        play.chat.faults.plan(too_many_requests(0.05, scope="shared"), "PATCH", TOKEN_MESSAGE, times=5)
        play.stage.play(say(WORDS, pace=0.01))
        await play.shows(await play.ask(), "60 tokens", within_s=10)


def test_the_breaker_opens_far_below_what_discord_bans_for():
    assert breaker.MOST * 600 / breaker.WITHIN_S + 600 / breaker.PAUSE_S * 50 <= 1000


@pytest.mark.parametrize(
    "refusal",
    [
        Fault("answer", status=400, body={"message": "Invalid Form Body", "code": 50035}),
        Fault("answer", status=400, body={"message": "Blocked by a filter", "code": 240000}),
        Fault("answer", status=413, body={"message": "Request entity too large", "code": 40005}),
    ],
    ids=["form", "filter", "size"],
)
async def test_what_discord_refuses_for_good_is_not_sent_for_minutes_but_told(refusal):
    async with scene() as play:
        gate = asyncio.Event()
        play.stage.play(say(WORDS[:10]), hold(gate), say(WORDS[10:30]), hold())
        message_id = await play.ask()
        await play.shows(message_id, "word9")
        plan = play.chat.faults.plan(
            refusal, "PATCH", TOKEN_MESSAGE, where=lambda entry: "word29" in entry.body["content"], times=None
        )
        gate.set()
        last = await play.shows(message_id, "failed", "Discord refused", within_s=10)
        assert labels(last) == ["Retry"]
        assert len(plan.hits) == 3
        assert await (await play.stage.asked()).left()
        await play.idle()


async def test_one_refusal_is_got_over_by_newer_text():
    async with scene() as play:
        play.stage.play(say(WORDS, pace=0.02))
        message_id = await play.ask()
        await play.shows(message_id, "word5")
        invalid = Fault("answer", status=400, body={"message": "Invalid Form Body", "code": 50035})
        play.chat.faults.plan(invalid, "PATCH", TOKEN_MESSAGE)
        last = await play.shows(message_id, f"{WHOLE}\n-# smol · 60 tokens")
        assert stop_button(last) is None


async def test_with_few_connections_left_it_waits_instead_of_connecting(caplog, monkeypatch):
    monkeypatch.setattr(identifying, "LEAST_WAIT_S", 0.1)
    async with town(limits=Limits(identifies=Rate(30, 2.0), edit=QUICK.edit, token=QUICK.token)) as play:
        window = play.chat.limits.identifies(play.chat.world.bot.id)
        for _ in range(30 - identifying.KEPT):
            window.take()
        began = time.monotonic()
        async with play.at_work():
            assert time.monotonic() - began >= 1.9
            assert play.chat.record.identify_count == 1
        assert any("connections to Discord are left" in record.message for record in caplog.records)


async def test_where_discord_does_not_say_how_many_are_left_it_connects():
    async with town() as play:
        play.chat.faults.plan(server_error(503), "GET", "/gateway/bot")
        async with play.at_work():
            assert play.chat.record.identify_count == 1


async def test_a_callback_that_is_refused_for_good_leaves_nothing_behind():
    async with scene() as play:
        gone = Fault("answer", status=404, body={"message": "Unknown interaction", "code": 10062})
        plan = play.chat.faults.plan(gone, "POST", CALLBACK)
        play.stage.play(hold())
        await play.ann.command(play.channel, "ask", prompt="Why?")
        async with asyncio.timeout(5):
            await plan.met.wait()
        await play.idle()
        async with asyncio.timeout(2):
            await play.stage.until(lambda: play.stage.open == 0)
        assert len(plan.hits) == 1
