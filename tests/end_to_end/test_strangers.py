"""Who is not listened to: bots and webhooks, strangers at others' buttons, and buttons that nobody made."""

import discord
import pytest

from bot.chat.afterwards import NOT_YOURS
from bot.chat.stopping import ENDED
from bot.chat.stopping import NOT_YOURS as NOT_YOURS_TO_STOP
from playground.chat import messages
from playground.chat.faults import CHANNEL_MESSAGES
from playground.chat.model import Message, MessageKind
from playground.llm.script import end, hold, say
from tests.end_to_end.scene import scene, stop_button
from tests.end_to_end.talk import hears, say_and_hear, talk, to_bot

UNKNOWN = "This button no longer does anything."


def said_by(play, author, channel_id, text, kind=MessageKind.DEFAULT, **more):
    world = play.chat.world
    message = Message(world.new_id(), world.channel(channel_id), author, world.clock(), kind, content=text, **more)
    messages.set_mentions(message, None, world.users)
    messages.add(world, message)
    return message


async def test_webhooks_bots_itself_and_systems_messages_are_ignored_in_every_place():
    """A webhook bears any name that one likes, so also that of a person, and is a bot in no flag."""
    async with talk(reads_all=True) as play:
        world, there = play.chat.world, await play.ann.dm(play.chat.world.bot.id)
        _, answer = await say_and_hear(play, to_bot(play, "Who is there?"))
        shown = world.general.messages[answer]
        thread = messages.start_thread_from(world, shown, "A thread of the bot", world.bot, 1440)
        other = world.add_application("other", world.owner).user
        world.join(world.playground, other)
        for text in (to_bot(play, "Hello?"), "Hello?"):
            for channel in (play.channel, thread.id):
                said_by(play, other, channel, text)
                said_by(play, world.bot, channel, text)
                said_by(play, world.ann, channel, text, webhook_id=world.new_id())
                said_by(play, world.ann, channel, text, MessageKind.THREAD_STARTER)
        said_by(play, other, play.channel, "And now?", MessageKind.REPLY, replies_to=shown)
        said_by(play, world.ann, play.channel, "So?", MessageKind.REPLY, replies_to=shown, webhook_id=world.new_id())
        said_by(play, world.bot, there, "Hello?")
        await play.ann.say(play.channel, to_bot(play, "Who is there?"))
        await hears(play, 1)
        assert len(play.stage.asks) == 2
        assert len(play.requests("POST", CHANNEL_MESSAGES)) == 4, "two of Ann and two answers"


async def test_the_reaction_of_a_bot_stops_nothing():
    async with scene() as play:
        world = play.chat.world
        other = world.add_application("other", world.owner).user
        world.join(world.playground, other, world.moderators)
        play.stage.play(say([f"word{number} " for number in range(100_000)], pace=0.01))
        answer = await play.ask()
        await play.shows(answer, "word3")
        messages.react(world, world.general.messages[answer], "🛑", other)
        await play.shows(answer, "word40")
        await play.ann.command(play.channel, "stop")
        await play.shows(answer, "stopped by ann")


@pytest.mark.parametrize("button", ["stop", "retry", "continue"])
async def test_a_stranger_at_anothers_button_is_refused_in_words_that_nobody_else_sees(button):
    async with scene() as play:
        steps = [say("Because."), hold()] if button == "stop" else [say("Because."), end("length")]
        play.stage.play(*steps)
        answer = await play.ask(by=play.bob)
        shown = await play.shows(answer, "Because." if button == "stop" else "length limit")
        custom_id = stop_button(shown) if button == "stop" else f"{button}:{play.bob.id}"
        await play.ann.click(shown, custom_id)
        words = NOT_YOURS_TO_STOP if button == "stop" else NOT_YOURS
        told = await play.ann.until(lambda message: message["content"] == words)
        assert told["flags"] & 64
        assert told["id"] not in {message["id"] for message in play.bob.messages(play.channel)}
        assert len(play.stage.asks) == 1
        assert (stop_button(play.now(answer)) is not None) == (button == "stop")
        await play.bob.command(play.channel, "stop")
        await play.idle()


@pytest.mark.parametrize(
    ("custom_id", "words"),
    [
        ("stop:of-a-former-life", ENDED),
        ("stop:", UNKNOWN),
        ("stop:" + "x" * 95, UNKNOWN),
        ("stop:a\u202eb\n", UNKNOWN),
        ("retry:{ann}", "no longer know"),
        ("retry:{bob}", NOT_YOURS),
        ("retry:0", NOT_YOURS),
        ("retry:99999999999999999999", NOT_YOURS),
        ("retry:" + "9" * 94, UNKNOWN),
        ("retry:\u0661\u0662", NOT_YOURS),
        ("retry:{ann} ", UNKNOWN),
        ("continue:{bob}", NOT_YOURS),
        ("continue:-1", UNKNOWN),
        ("thread", "Go on in <#"),
        ("thread\n", UNKNOWN),
        ("?", UNKNOWN),
        ("\u200b", UNKNOWN),
    ],
)
async def test_a_stale_or_forged_button_is_answered_in_words(custom_id, words):
    async with scene() as play:
        custom_id = custom_id.format(ann=play.ann.id, bob=play.bob.id)
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Stop", custom_id=custom_id))
        view.stop()
        await play.bot.get_partial_messageable(play.channel).send("an old answer", view=view)
        old = await play.ann.until(lambda message: message["content"] == "an old answer")
        await play.ann.click(old, custom_id)
        told = await play.ann.until(lambda message: words in message["content"])
        assert told["flags"] & 64
        assert play.stage.asks == []


async def test_a_forged_continue_of_ones_own_goes_on_from_what_is_shown():
    async with scene() as play:
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Continue", custom_id=f"continue:{play.ann.id}"))
        view.stop()
        await play.bot.get_partial_messageable(play.channel).send("an old answer", view=view)
        old = await play.ann.until(lambda message: message["content"] == "an old answer")
        play.stage.play(say("Gone on."))
        await play.ann.click(old, f"continue:{play.ann.id}")
        await play.ann.until(lambda message: "Gone on." in message["content"] and "tokens" in message["content"])
