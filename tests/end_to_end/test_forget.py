"""What was forgotten stays so, although Discord still shows it."""

import asyncio

import pytest

from bot.chat.afterwards import UNKNOWN
from bot.chat.branches import FORGOTTEN
from bot.chat.text.captions import IN_A_THREAD
from playground.chat import messages
from playground.chat.faults import CHANNEL_MESSAGES, delay
from playground.llm.script import say
from tests.end_to_end.scene import town
from tests.end_to_end.talk import (
    ask_about,
    ask_and_hear,
    hears,
    is_told,
    modal_about,
    say_and_hear,
    talk,
    to_bot,
)

CUT = "some of what came before is forgotten"


async def forget(play, by=None):
    await (by or play.ann).command(play.channel, "forget")
    await is_told(play, "I no longer read it", by)
    await play.idle()


async def empty(play):
    """Let the memory lose all that it knows of conversations, as after the retention."""
    await play.bot.services.memory.conversations.expire(2**32)


async def last_words(play, message_id, by=None):
    return (await play.shows(message_id, "tokens", by=by))["content"].splitlines()[-1]


@pytest.mark.parametrize("how", ["command", "mention", "question deleted", "written anew by a moderator"])
async def test_a_reply_to_a_forgotten_answer_goes_on_without_it_and_says_so(how):
    async with talk(reads_all=True) as play:
        if how in {"command", "written anew by a moderator"}:
            answer = await ask_and_hear(play, "My secret?")
        else:
            question, answer = await say_and_hear(play, to_bot(play, "My secret?"))
        if how == "question deleted":
            await play.ann.delete(play.channel, question)
        if how == "written anew by a moderator":
            play.stage.play(say("A long story. " * 200 + "Answer 1."))
            await play.bob.click(play.now(answer), f"retry:{play.ann.id}")
            answer = await hears(play, 1)  # its last page, which bears Bob's click
        await forget(play)
        _, reply = await say_and_hear(play, "Go on.", by=play.bob, reply_to=answer)
        assert play.prompt() == [("user", "Go on.")]
        assert CUT in await last_words(play, reply)
        await say_and_hear(play, "And on.", by=play.bob, reply_to=reply)
        assert play.prompt()[0] == ("user", "Go on.")


async def test_what_was_said_to_others_is_read_back_through_what_is_forgotten():
    async with talk() as play:
        first = await ask_and_hear(play, "What of Bob?", by=play.bob)
        _, answer = await say_and_hear(play, "And of me?", reply_to=first)
        await empty(play)
        await forget(play)
        await say_and_hear(play, "Go on.", by=play.bob, reply_to=answer)
        assert play.prompt() == [("user", "What of Bob?"), ("assistant", "Answer 0."), ("user", "Go on.")]


async def test_an_answer_to_a_forgotten_question_is_forgotten_whoever_had_it_answered():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "Is it me?")
        _, answer = await say_and_hear(play, to_bot(play), by=play.bob, reply_to=int(said["id"]))
        await forget(play)
        await say_and_hear(play, "Go on.", by=play.bob, reply_to=answer)
        assert play.prompt() == [("user", "Go on.")]


async def test_in_a_thread_nothing_of_it_comes_back_once_all_else_is_deleted_too():
    async with talk(reads_all=True) as play:
        await ask_and_hear(play, "Why?", thread=True)
        (starter,) = [one for one in play.ann.messages(play.channel) if IN_A_THREAD in one["content"]]
        thread = int(starter["id"])
        said = await say_and_hear(play, "And then?", by=play.bob, channel=thread)
        await forget(play)
        for message_id in said:
            messages.delete(play.chat.world, play.chat.world.channel(thread).messages[message_id])
        for reader in (play.bob, play.ann):
            number = len(play.stage.asks)
            await reader.say(thread, "Go on.")
            await hears(play, number)
        assert play.prompt() == [("user", "bob: Go on."), ("assistant", "Answer 2."), ("user", "ann: Go on.")]


async def test_in_a_dm_nothing_of_it_comes_back_after_a_restart():
    async with town() as play:
        play.stage.director = lambda _: [say(f"Answer {len(play.stage.asks) - 1}.")]
        async with play.at_work():
            dm = await play.ann.dm(play.chat.world.bot.id)
            await say_and_hear(play, "My name is Ann.", channel=dm)
            await forget(play)
        async with play.at_work():
            await say_and_hear(play, "Who am I?", channel=dm)
            assert play.prompt() == [("user", "Who am I?")]


async def test_what_they_wrote_before_is_put_before_the_bot_by_nobody():
    async with talk(reads_all=True) as play:
        said = int((await play.ann.say(play.channel, "I am Ann."))["id"])
        await forget(play)
        for text in ("Is that so?", ""):
            await play.bob.say(play.channel, to_bot(play, text), reply_to=said)
            await is_told(play, FORGOTTEN[:40], play.bob)
        await play.bob.submit(await modal_about(play, said, by=play.bob), question="Who is it?")
        await play.bob.until(lambda one: "> **Who is it?**" in one["content"] and FORGOTTEN[:40] in one["content"])
        assert play.stage.asks == []
        later = int((await play.ann.say(play.channel, "I am back."))["id"])
        await play.bob.context(play.channel, "Summarise from here", said)
        await hears(play, 0, play.bob)
        assert [text for _, text in play.prompt()][:2] == ["bob: Is that so?", "ann: I am back."]
        await ask_about(play, later, "Who is it?", by=play.bob)
        assert play.prompt() == [("user", "ann: I am back."), ("user", "bob: Who is it?")]


async def test_a_forgotten_answer_is_not_written_anew_nor_is_another_in_its_place():
    async with talk() as play:
        theirs = await ask_and_hear(play, "What of Bob?", by=play.bob)
        _, answer = await say_and_hear(play, "And of me?", reply_to=theirs)
        await forget(play)
        await play.ann.click(play.now(answer), f"retry:{play.ann.id}")
        await is_told(play, UNKNOWN)
        assert len(play.stage.asks) == 2
        assert "Answer 0." in play.now(theirs)["content"]
        assert "Answer 1." in play.now(answer)["content"]


async def test_what_is_just_being_read_back_is_not_kept():
    async with talk() as play:
        _, answer = await say_and_hear(play, to_bot(play, "My secret?"))
        await empty(play)
        reading = play.chat.faults.plan(delay(0.3), "GET", CHANNEL_MESSAGES)
        asking = asyncio.create_task(say_and_hear(play, "Go on.", by=play.bob, reply_to=answer))
        await asyncio.wait_for(reading.met.wait(), 5)
        await forget(play)
        await asking
        assert play.prompt() == [("user", "Go on.")]


async def test_what_one_says_afterwards_is_remembered_and_read_back():
    async with talk() as play:
        await ask_and_hear(play, "Before?")
        await forget(play)
        answer = await ask_and_hear(play, "After?")
        await say_and_hear(play, "Go on.", reply_to=answer)
        assert play.prompt() == [("user", "After?"), ("assistant", "Answer 1."), ("user", "Go on.")]
        await empty(play)
        await say_and_hear(play, "Go on.", by=play.bob, reply_to=answer)
        assert play.prompt()[:2] == [("user", "ann: After?"), ("assistant", "Answer 1.")]
