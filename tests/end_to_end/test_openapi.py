"""Whatever the bot asks of Discord, and whatever it is answered, is as Discord describes it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.composition import Timing
from playground.chat import ChatServer
from playground.chat.errors import invalid_webhook_token
from playground.chat.faults import TOKEN_MESSAGE, Fault, too_many_requests
from playground.llm.models import Model
from playground.llm.script import drop, hold, say, think
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.scene import bot_running, scene, settings_for, stop_button
from tests.openapi import answer_problems, needs_description, request_problems

pytestmark = needs_description

ENDLESS = [f"word{number} " for number in range(10_000)]
CODE = "```python\n" + "".join(f"print({number})  # {'x' * 40}\n" for number in range(80)) + "```\ndone"
EARLY = Timing(guild_ready_timeout_s=0.05, handover_s=0.6)


@asynccontextmanager
async def described_scene(*models, **options):
    """A scene that is held against the description when it is over, from the bot's login to its leaving."""
    async with scene(*models, **options) as play:
        yield play
    assert_as_described(play.chat)


def assert_as_described(chat):
    assert request_problems(chat.record, chat.world.bot) == []
    assert answer_problems(chat.record) == []


async def asked(play, *steps, sign, **options):
    """Ask, with the model's part given; return the answer's id once it shows `sign`."""
    play.stage.play(*steps)
    message_id = await play.ask(**options)
    await play.shows(message_id, sign)
    return message_id


async def test_the_login_and_the_registration_of_commands():
    async with described_scene() as play:
        assert play.requests("PUT", "/applications/{application}/commands")
        assert play.requests("GET", "/applications/{application}/commands")
        assert play.requests("GET", "/users/@me")
        assert play.requests("GET", "/oauth2/applications/@me")


async def test_the_registration_in_one_guild():
    async with ChatServer() as chat, LlmServer(Stage().respond) as llm:
        settings = settings_for(chat, llm, dev_guild=chat.world.playground.id)
        for _ in range(2):
            async with bot_running(settings):
                pass
    assert chat.record.count(method="PUT", route="/applications/{application}/guilds/{guild}/commands") == 1
    assert_as_described(chat)


async def test_answers_short_long_and_empty():
    async with described_scene(Model("smol", loaded=False, capabilities=("completion", "thinking"))) as play:
        await asked(play, think("Hm."), say("Out loud."), sign="tokens", prompt="# Why, <@1>?\n@everyone")
        await asked(play, say(" \n"), sign="no answer")
        await asked(play, say("Psst."), sign="tokens", channel=await play.ann.dm(play.chat.world.bot.id))
        play.stage.play(say(CODE, pace=0.001))
        await play.ask()
        await play.ann.until(lambda message: "done\n-# smol" in message["content"])
        assert play.requests("POST", "/webhooks/{application}/{token}")
        assert play.requests("PATCH", TOKEN_MESSAGE)


async def test_a_private_answer_over_several_pages():
    async with described_scene() as play:
        play.stage.play(say("a secret " * 300, pace=0.0005), hold())
        first = await play.ask(private=True)
        await play.ann.until(lambda message: play.is_answer(message) and int(message["id"]) != first)
        await play.ann.command(play.channel, "stop")
        await play.ann.until(lambda message: "stopped by ann" in message["content"])


async def test_every_way_to_stop_and_every_refusal_to():
    async with described_scene() as play:
        message_id = await asked(play, say(ENDLESS, pace=0.01), sign="word3")
        await play.ann.click(play.now(message_id), stop_button(play.now(message_id)))
        await play.shows(message_id, "stopped by ann")

        message_id = await asked(play, say(ENDLESS, pace=0.01), sign="word3")
        await play.ann.react(play.channel, message_id, "🛑")
        await play.shows(message_id, "stopped by ann")

        message_id = await asked(play, say(ENDLESS, pace=0.01), sign="word3")
        await play.bob.delete(play.channel, message_id)
        await play.idle()

        message_id = await asked(play, say(ENDLESS, pace=0.01), sign="word3", by=play.bob)
        await play.ann.click(play.now(message_id), stop_button(play.now(message_id)))
        await play.ann.until(lambda message: "Only the one who asked" in message["content"])
        await play.ann.command(play.channel, "stop")
        await play.ann.until(lambda message: "Nothing of yours" in message["content"])


@pytest.mark.parametrize(("steps", "sign"), [([drop()], "cannot be reached"), ([say("half"), drop()], "cut off")])
async def test_a_model_that_fails(steps, sign):
    async with described_scene() as play:
        play.stage.director = lambda _: steps
        await play.shows(await play.ask(), sign)


async def test_models_that_are_offered_and_one_that_is_not_there():
    async with described_scene(Model("smol"), Model("smol-think")) as play:
        assert len(await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="smol")) == 2
        assert await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="zzz") == []
        await play.shows(await play.ask(model="nope"), "ollama pull nope")


async def test_the_move_to_the_channels_routes():
    async with described_scene(timing=EARLY) as play:
        play.stage.play(say(ENDLESS[:400], pace=0.005))
        await play.ask()
        await play.ann.until(lambda message: "word399" in message["content"] and "tokens" in message["content"])
        assert play.requests("PATCH", "/channels/{channel}/messages/{message}")
        assert play.requests("POST", "/channels/{channel}/messages")


async def test_a_private_answer_whose_time_is_up():
    async with described_scene(timing=EARLY) as play:
        play.stage.play(say(ENDLESS, pace=0.01))
        await play.shows(await play.ask(private=True), "14 minutes")


async def test_what_comes_after_a_rate_limit_and_after_the_death_of_a_token():
    async with described_scene() as play:
        message_id = await asked(play, say(["word "] * 50, pace=0.02), sign="word")
        refused = play.chat.faults.plan(too_many_requests(0.1), "PATCH", TOKEN_MESSAGE)
        dead = play.chat.faults.plan(
            Fault("answer", status=401, body=invalid_webhook_token().body()), "PATCH", TOKEN_MESSAGE, skip=1
        )
        await play.shows(message_id, "50 tokens")
        assert refused.hits
        assert dead.hits
        assert play.requests("PATCH", "/channels/{channel}/messages/{message}")


async def test_an_answer_under_way_when_the_bot_leaves():
    async with described_scene() as play:
        message_id = await asked(play, say(ENDLESS, pace=0.01), sign="word3")
        async with asyncio.timeout(5):
            await play.bot.services.runs.close(5.0)
        await play.shows(message_id, "interrupted")
