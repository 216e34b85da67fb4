"""What stands under Apps in a message's menu."""

import pytest

from bot.chat.afterwards import SUMMARY
from bot.chat.branches import NOTHING_READ, READ_AT_MOST
from cogs.menus import NEEDS_HISTORY, NEEDS_INTENT, NO_TEXT, SUMMARISE, TOO_LATE
from playground.chat.faults import CHANNEL_MESSAGES, server_error
from playground.chat.model import Attachment
from playground.chat.permissions import Permission
from playground.llm.script import end, hold, say
from tests.end_to_end.scene import buttons, town
from tests.end_to_end.talk import (
    ask_about,
    ask_and_hear,
    grant,
    hears,
    is_told,
    modal_about,
    say_and_hear,
    send,
    talk,
    to_bot,
)

SUM = "Summarise from here"
CALLBACK = "/interactions/{interaction}/{token}/callback"


@pytest.mark.parametrize("reads_all", [False, True])
async def test_one_asks_about_what_somebody_said(reads_all):
    async with talk(reads_all=reads_all) as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        answer = await ask_about(play, int(said["id"]), "Is that so?", by=play.bob)
        assert play.prompt() == [("user", "ann: The moon is made of cheese."), ("user", "bob: Is that so?")]
        shown = play.now(answer)["content"]
        assert shown.startswith("-# about [this message](")
        assert f"/{play.channel}/{said['id']})\n> **Is that so?**\nAnswer 0." in shown
        await say_and_hear(play, "Sure?", by=play.bob, reply_to=answer)
        assert play.prompt()[2:] == [("assistant", "Answer 0."), ("user", "bob: Sure?")]


async def test_the_modal_has_a_field_for_the_question():
    async with talk() as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        modal = await modal_about(play, int(said["id"]))
        assert modal["title"] == "Ask about this"
        (label,) = modal["components"]
        assert label["label"] == "Your question"
        assert label["component"]["placeholder"]
        assert label["component"]["required"]


async def test_one_asks_about_an_answer_and_goes_on_from_it():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        await say_and_hear(play, "And then?", reply_to=answer)
        await ask_about(play, answer, "In simple words?")
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "In simple words?")]


async def test_in_a_dm_what_is_asked_about_an_old_answer_is_what_the_conversation_goes_on_from():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        _, first = await say_and_hear(play, "One.", channel=there)
        await say_and_hear(play, "Two.", channel=there)
        await ask_about(play, first, "Sure?", channel=there)
        await say_and_hear(play, "Thanks.", channel=there)
        assert [text for _, text in play.prompt()] == ["One.", "Answer 0.", "Sure?", "Answer 2.", "Thanks."]


async def test_one_asks_about_what_another_bot_said_or_a_notice_of_its_own():
    async with talk() as play:
        world = play.chat.world
        feed = world.add_application("feed", world.owner)
        world.join(world.playground, feed.user)
        await ask_about(play, send(play, feed.user, play.channel, "Build 12 failed.").id, "Why?")
        assert play.prompt() == [("user", "feed: Build 12 failed."), ("user", "ann: Why?")]
        await ask_about(play, send(play, world.bot, play.channel, "I may not open threads here.").id, "Why not?")
        assert play.prompt() == [("user", "patter: I may not open threads here."), ("user", "ann: Why not?")]


async def test_where_there_is_no_text_there_is_nothing_to_ask_about():
    async with talk() as play:
        picture = Attachment(1, "cat.png", "image/png", b"x", "http://127.0.0.1/cat.png")
        shown = send(play, play.chat.world.bob, play.channel, "", [picture])
        await play.ann.context(play.channel, "Ask about this", shown.id)
        assert (await is_told(play, NO_TEXT))["flags"] & 64


async def test_a_question_that_comes_after_a_restart_is_answered_in_words():
    async with town() as play:
        async with play.at_work():
            said = await play.ann.say(play.channel, "The moon is made of cheese.")
            modal = await modal_about(play, int(said["id"]))
        async with play.at_work():
            await play.ann.submit(modal, question="Is that so?")
            assert (await is_told(play, TOO_LATE))["flags"] & 64
            assert play.stage.asks == []


async def test_a_question_that_is_sent_in_is_not_told_that_it_is_late():
    async with talk() as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        await ask_about(play, int(said["id"]), "Is that so?")
        assert len(play.requests("POST", CALLBACK)) == 2
        assert not play.chat.record.count(status=400)


async def test_what_people_said_from_a_message_on_is_summarised():
    async with talk(reads_all=True) as play:
        await play.ann.say(play.channel, "Not this.")
        first = await play.ann.say(play.channel, "Shall we paint it blue?")
        await play.bob.say(play.channel, f"Yes, <@{play.ann.id}>.")
        await say_and_hear(play, to_bot(play, "Which blue?"))
        await play.bob.say(play.channel, "The dark one.")
        number = len(play.stage.asks)
        await play.ann.context(play.channel, SUM, int(first["id"]))
        answer = await hears(play, number)
        assert play.prompt() == [
            ("user", "ann: Shall we paint it blue?"),
            ("user", "bob: Yes, @ann."),
            ("user", "ann: Which blue?"),
            ("user", "bob: The dark one."),
            ("user", f"ann: {SUMMARISE}"),
        ]
        shown = play.now(answer)
        assert shown["content"].startswith("-# summary [from here on](")
        assert "\n-# 4 messages read · smol" in shown["content"]
        assert "retry" not in str([one["custom_id"] for one in buttons(shown)])
        await say_and_hear(play, "Shorter.", reply_to=answer)
        expected = [("user", SUMMARISE), ("assistant", "Answer 1."), ("user", "Shorter.")]
        assert play.prompt() == expected, "what others said is not kept"


async def test_of_a_long_talk_the_newest_is_summarised_and_the_number_told_is_what_was_read():
    async with talk(reads_all=True, ollama_num_ctx=600, answer_max_tokens=64) as play:
        said = [await play.ann.say(play.channel, f"This is what I say as number {n} of many.") for n in range(60)]
        await play.bob.context(play.channel, SUM, int(said[0]["id"]))
        shown = play.now(await hears(play, 0))["content"]
        *read, question = play.prompt()
        assert question == ("user", f"bob: {SUMMARISE}")
        assert 5 < len(read) < 60
        assert read[-1] == ("user", "ann: This is what I say as number 59 of many.")
        assert f"{60 - len(read)} earlier messages left out · {len(read)} messages read" in shown


async def test_no_more_than_so_many_messages_are_read():
    async with talk(reads_all=True, ollama_num_ctx=200_000) as play:
        world = play.chat.world
        first, *_ = [send(play, world.ann, play.channel, f"Number {n}.") for n in range(READ_AT_MOST + 50)]
        await play.ann.context(play.channel, SUM, first.id)
        await hears(play, 0)
        assert play.prompt()[0] == ("user", "Number 50.")
        assert play.prompt()[-2] == ("user", f"Number {READ_AT_MOST + 49}.")
        assert play.chat.record.count(status=429) == 0


async def test_in_a_dm_a_summary_needs_no_intent():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        said, _ = await say_and_hear(play, "My name is Ann.", channel=there)
        await play.ann.context(there, SUM, said)
        await hears(play, 1)
        assert play.prompt() == [("user", "My name is Ann."), ("user", SUMMARISE)]


async def test_without_the_intent_a_summary_is_refused_in_words():
    async with talk() as play:
        said = await play.ann.say(play.channel, "Shall we paint it blue?")
        await play.ann.context(play.channel, SUM, int(said["id"]))
        assert (await is_told(play, NEEDS_INTENT))["flags"] & 64
        assert play.stage.asks == []


async def test_nobody_has_read_out_what_they_may_not_read_themselves():
    async with talk(reads_all=True) as play:
        world = play.chat.world
        said = await play.ann.say(play.channel, "Shall we paint it blue?")
        for who in (world.bob, world.bot):
            world.overwrite(world.general, who, deny=Permission.READ_MESSAGE_HISTORY)
            await play.bob.context(play.channel, SUM, int(said["id"]))
            assert (await is_told(play, NEEDS_HISTORY, by=play.bob))["flags"] & 64
            world.overwrite(world.general, who)
        assert play.stage.asks == []


async def test_a_summary_of_nothing_and_one_that_cannot_be_read_end_in_words(caplog):
    async with talk(reads_all=True) as play:
        notice = send(play, play.chat.world.bot, play.channel, "I am here.")
        await play.ann.context(play.channel, SUM, notice.id)
        await is_told(play, NOTHING_READ)
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        play.chat.faults.plan(server_error(503), "GET", CHANNEL_MESSAGES)
        await play.ann.context(play.channel, SUM, notice.id)
        await is_told(play, "could not read the messages")
        assert play.stage.asks == []


async def test_a_summary_that_a_restart_cut_off_is_not_tried_again_without_what_it_was_of():
    async with town() as play:
        grant(play, reads_all=True)
        async with play.at_work():
            said = await play.ann.say(play.channel, "Shall we paint it blue?")
            play.stage.play(say("Half a"), hold())
            await play.ann.context(play.channel, SUM, int(said["id"]))
            await is_told(play, "Half a")
            await play.bot.services.runs.close(0)
        async with play.at_work():
            shown = await is_told(play, "interrupted by a restart")
            await play.ann.click(shown, f"retry:{play.ann.id}")
            await is_told(play, SUMMARY)
            assert len(play.stage.asks) == 1


async def test_a_summary_can_hit_the_limit_and_go_on():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "Shall we paint it blue?")
        play.stage.play(say("Half a"), end("length"))
        await play.ann.context(play.channel, SUM, int(said["id"]))
        shown = await is_told(play, "hit the length limit")
        await play.idle()
        go_on = next(one["custom_id"] for one in buttons(shown) if one["custom_id"].startswith("continue:"))
        await play.ann.click(shown, go_on)
        await hears(play, 1)
        assert play.prompt()[:2] == [("user", SUMMARISE), ("assistant", "Half a")]
