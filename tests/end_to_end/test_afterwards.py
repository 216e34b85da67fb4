"""The buttons under an answer that has ended: what they do, for whom, and after a restart."""

import asyncio
from pathlib import Path

import pytest

from bot.composition import Timing
from playground.chat.faults import CALLBACK, delay, drop
from playground.llm.models import Model
from playground.llm.script import drop as drop_stream
from playground.llm.script import end, hold, say
from tests.end_to_end.scene import labels, scene, stop_button, town

EPHEMERAL = 64
LONG = [f"word{number} " for number in range(600)]


async def ended(play, *script, prompt="Why?", until="tokens", **options):
    """Ask, and give the message once its answer has ended."""
    play.stage.play(*script)
    message_id = await play.ask(prompt, **options)
    return await play.shows(message_id, until)


def take_memory_away(play):
    path = Path(play.folder, "patter.db")
    path.rename(path.with_suffix(".away"))


async def retry(play, message, by=None):
    await (by or play.ann).click(message, f"retry:{play.ann.id}")


async def go_on(play, message, by=None):
    """Click Continue; give the message that then comes."""
    seen = {one["id"] for one in play.ann.messages(play.channel)}
    await (by or play.ann).click(message, f"continue:{play.ann.id}")
    return int((await play.ann.until(lambda one: one["id"] not in seen and play.is_answer(one)))["id"])


def pages(play):
    return [message for message in play.ann.messages(play.channel) if play.is_answer(message)]


async def told(play, words, by=None):
    """Wait until somebody is told something alone."""
    return await (by or play.ann).until(lambda one: words in one["content"] and one["flags"] & EPHEMERAL)


async def test_retry_writes_the_answer_anew_in_its_place_and_keeps_the_model():
    async with scene(Model("smol"), Model("other")) as play:
        last = await ended(play, say("The first."), model="other")
        gate = asyncio.Event()
        play.stage.play(say("The second"), hold(gate), say(" one."))
        await retry(play, last)
        writing = await play.shows(int(last["id"]), "The second", "writing")
        assert labels(writing) == ["Stop"]
        gate.set()
        again = await play.shows(int(last["id"]), "> **Why?**\nThe second one.\n-# other")
        assert labels(again) == ["Retry", "Continue in thread"]
        assert [ask.body["model"] for ask in play.stage.asks] == ["other", "other"]
        assert play.prompt() == [("user", "Why?")]
        assert len(pages(play)) == 1


async def test_after_a_retry_one_goes_on_from_the_new_answer():
    async with scene() as play:
        last = await ended(play, say("The first."))
        play.stage.play(say("The second."))
        await retry(play, last)
        await play.shows(int(last["id"]), "The second.", "tokens")
        play.stage.play(say("Yes."))
        await play.ann.say(play.channel, "Sure?", reply_to=int(last["id"]))
        await play.ann.until(lambda message: "Yes." in message["content"])
        assert play.prompt() == [("user", "Why?"), ("assistant", "The second."), ("user", "Sure?")]


async def test_the_further_pages_of_the_old_answer_go_and_its_text_stays_in_memory():
    async with scene() as play:
        play.stage.play(say(LONG, pace=0.0005))
        await play.ask()
        last = await play.ann.until(lambda message: "600 tokens" in message["content"], 10)
        assert len(pages(play)) >= 3
        play.stage.play(say("Short."))
        await retry(play, last)
        await play.shows(int(last["id"]), "> **Why?**\nShort.\n-# smol")
        await play.idle()
        async with asyncio.timeout(5):
            while len(pages(play)) > 1:
                await anext(play.ann.events())
        conversations = play.bot.services.memory.conversations
        newest = await conversations.showing(int(last["id"]))
        assert newest.text == "Short."
        question = await conversations.turn(newest.parent_id)
        assert question.text == "Why?"
        _, shown_by = await conversations.messages_of(question.id)  # the first is the command's own id
        assert shown_by == int(last["id"])
        first = await conversations.turn(question.id + 1)  # so the first answer to a question is numbered
        assert (first.role, first.text) == ("assistant", "".join(LONG))


@pytest.mark.parametrize("how", ["cut", "failed", "stopped"])
async def test_retry_is_there_after_every_end_that_is_none(how):
    async with scene() as play:
        if how == "stopped":
            play.stage.play(say("half"), hold())
            message_id = await play.ask()
            writing = await play.shows(message_id, "half")
            await play.ann.click(writing, stop_button(writing))
            last = await play.shows(message_id, "stopped by ann")
        else:
            play.stage.director = lambda ask: [say("half" if how == "cut" else ""), drop_stream()]
            last = await play.shows(await play.ask(), "cut off" if how == "cut" else "failed")
        assert "Retry" in labels(last)
        await play.idle()
        play.stage.play(say("Whole."))
        await retry(play, last)
        await play.shows(int(last["id"]), "> **Why?**\nWhole.\n-# smol")


async def test_the_buttons_live_on_after_a_restart():
    async with town() as play:
        async with play.at_work():
            last = await ended(play, say("The first."))
        async with play.at_work():
            play.stage.play(say("The second."))
            await retry(play, last)
            await play.shows(int(last["id"]), "The second.", "tokens")


async def test_with_the_memory_emptied_retry_works_from_what_discord_shows():
    async with town() as play:
        async with play.at_work():
            play.stage.play(say(LONG, pace=0.0005))
            await play.ask("Why so long?")
            last = await play.ann.until(lambda message: "600 tokens" in message["content"], 10)
        async with play.at_work(database_url=f"sqlite+aiosqlite:///{play.folder}/another.db"):
            play.stage.play(say("Short."))
            await retry(play, last)
            await play.shows(int(last["id"]), "> **Why so long?**\nShort.\n-# smol")
            assert play.prompt() == [("user", "Why so long?")]
            async with asyncio.timeout(5):
                while len(pages(play)) > 1:
                    await anext(play.ann.events())


async def test_with_the_memory_lost_retry_and_continue_work_all_the_same():
    async with scene(answer_max_tokens=3) as play:
        take_memory_away(play)
        last = await ended(play, say("one two three"), end("length"))
        play.stage.play(say(" four"))
        more = await go_on(play, last)
        await play.shows(more, "four\n-# ", "1 token")
        await play.idle()
        play.stage.play(say("Anew."))
        await retry(play, last)
        await play.shows(int(last["id"]), "> **Why?**\nAnew.")


async def test_where_nobody_knows_what_is_forgotten_nothing_is_read_back():
    """The memory could never be read."""
    async with scene(database_url="sqlite+aiosqlite:////dev/null/none.db", answer_max_tokens=3) as play:
        last = await ended(play, say("one two three"), end("length"))
        more = await go_on(play, last)
        await play.shows(more, "failed", "my memory")
        await play.idle()
        await retry(play, last)
        await told(play, "my memory")
        assert len(play.stage.asks) == 1


async def test_a_retry_of_a_reply_stays_a_reply_without_the_question_above():
    async with scene() as play:
        play.stage.play(say("The first."))
        await play.ann.say(play.channel, f"<@{play.chat.world.bot.id}> Why?")
        last = await play.ann.until(lambda message: "The first.\n-# smol" in message["content"])
        play.stage.play(say("The second."))
        await retry(play, last)
        again = await play.shows(int(last["id"]), "The second.\n-# smol")
        assert again["content"].startswith("The second.")
        assert play.prompt() == [("user", "Why?")]


async def test_a_private_answer_can_be_retried_and_stays_private():
    async with scene() as play:
        last = await ended(play, say("A secret."), private=True)
        assert labels(last) == ["Retry"]
        play.stage.play(say("Another."))
        await retry(play, last)
        again = await play.shows(int(last["id"]), "Another.", "tokens")
        assert again["flags"] & EPHEMERAL
        assert not [message for message in play.bob.messages(play.channel) if play.is_answer(message)]
        newest = await play.bot.services.memory.conversations.showing(int(last["id"]))
        assert newest.private


async def test_two_quick_clicks_start_one(caplog):
    async with scene() as play:
        last = await ended(play, say("The first."))
        await play.idle()
        gate = asyncio.Event()
        play.stage.director = lambda ask: [hold(gate), say("The second.")]
        await asyncio.gather(*(retry(play, last) for _ in range(3)))
        await told(play, "being written already")
        gate.set()
        await play.shows(int(last["id"]), "The second.", "tokens")
        assert len(play.stage.asks) == 2
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_a_click_while_the_end_is_still_being_kept_waits_for_that():
    async with scene() as play:
        journal, kept = play.bot.services.memory.journal, asyncio.Event()
        strike_out = journal.end

        async def end_late(run_id):
            asyncio.get_running_loop().call_later(0.5, kept.set)
            await kept.wait()
            await strike_out(run_id)

        journal.end = end_late
        last = await ended(play, say("The first."))
        play.stage.play(say("The second."))
        await retry(play, last)
        await play.shows(int(last["id"]), "The second.", "tokens")


async def test_a_stranger_is_refused_in_words_and_a_moderator_is_not():
    async with scene() as play:
        bobs = await ended(play, say("The first."), by=play.bob)
        await play.ann.click(bobs, f"retry:{play.bob.id}")
        await told(play, "Only the one who asked")
        assert len(play.stage.asks) == 1
        anns = await ended(play, say("Ann's."))
        play.stage.play(say("Anew."))
        await retry(play, anns, by=play.bob)
        await play.shows(int(anns["id"]), "Anew.", "tokens")
        newest = await play.bot.services.memory.conversations.showing(int(anns["id"]))
        assert newest.speaker.id == play.ann.id


async def test_continue_goes_on_in_a_new_message_and_its_button_goes():
    async with scene(answer_max_tokens=3) as play:
        last = await ended(play, say("one two three"), end("length"), until="length limit")
        assert labels(last) == ["Continue", "Retry", "Continue in thread"]
        play.stage.play(say(" four five."))
        more = await go_on(play, last)
        await play.shows(more, "four five.\n-# smol")
        assert play.prompt()[:2] == [("user", "Why?"), ("assistant", "one two three")]
        assert len(play.prompt()) == 3
        assert play.now(more)["content"].startswith("four five.")
        left = await play.ann.until(lambda one: one["id"] == last["id"] and "Continue" not in labels(one))
        assert labels(left) == ["Retry", "Continue in thread"]


async def test_a_private_answer_whose_token_ran_out_can_be_continued():
    async with scene(timing=Timing(guild_ready_timeout_s=0.05, handover_s=0.5)) as play:
        last = await ended(play, say(["word "] * 1000, pace=0.01), private=True, until="14 minutes")
        assert labels(last) == ["Continue", "Retry"]
        play.stage.play(say("The rest."))
        more = await go_on(play, last)
        rest = await play.shows(more, "The rest.", "tokens")
        assert rest["flags"] & EPHEMERAL
        assert play.prompt()[0] == ("user", "Why?")
        left = await play.ann.until(lambda one: one["id"] == last["id"] and "Continue" not in labels(one))
        assert labels(left) == ["Retry"]


async def test_a_private_answer_that_the_memory_does_not_know_is_taken_into_it_as_private():
    async with town() as play:
        async with play.at_work(answer_max_tokens=3):
            last = await ended(play, say("one two three"), end("length"), until="length limit", private=True)
        async with play.at_work(database_url=f"sqlite+aiosqlite:///{play.folder}/another.db"):
            play.stage.play(say(" four five."))
            more = await go_on(play, last)
            await play.shows(more, "four five.", "tokens")
            assert ("assistant", "one two three") in play.prompt()
            await play.idle()
            conversations = play.bot.services.memory.conversations
            branch = await conversations.path((await conversations.showing(more)).id)
            assert [turn.private for turn in branch] == [True] * 4


async def test_an_answer_that_is_whole_has_no_continue_and_a_private_one_no_thread():
    async with scene() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        assert labels(await ended(play, say("Whole."), channel=there)) == ["Retry"]
    async with scene() as play:
        assert labels(await ended(play, say("Whole."))) == ["Retry", "Continue in thread"]
        assert labels(await ended(play, say("Whole."), private=True)) == ["Retry"]


@pytest.mark.parametrize("fault", [drop(), drop(applied=True), delay(0.5)])
async def test_a_fault_on_the_way_of_a_retry_leaves_one_whole_answer(fault):
    async with scene() as play:
        last = await ended(play, say("The first."))
        await play.idle()
        play.chat.faults.plan(fault, "POST", CALLBACK)
        play.stage.play(say("The second."))
        await retry(play, last)
        await play.shows(int(last["id"]), "The second.", "tokens")
        assert len(pages(play)) == 1


async def test_a_retry_that_cannot_begin_leaves_the_old_answer_with_all_its_pages():
    async with scene() as play:
        play.stage.play(say(LONG, pace=0.0005))
        await play.ask()
        last = await play.ann.until(lambda message: "600 tokens" in message["content"], 10)
        await play.idle()
        before = pages(play)
        play.chat.faults.plan(drop(), "POST", CALLBACK, times=None)
        play.stage.play(say("The second."))
        await retry(play, last)
        async with asyncio.timeout(10):
            await play.stage.until(lambda: len(play.stage.asks) == 2)
        await play.idle()
        assert pages(play) == before
        newest = await play.bot.services.memory.conversations.showing(int(last["id"]))
        assert newest.text == "".join(LONG)
