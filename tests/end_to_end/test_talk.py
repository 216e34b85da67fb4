"""Talking to the bot in a channel: mentions, replies, and who is not answered."""

import asyncio
from collections import Counter

import pytest

from bot.chat.listening import ASK_ME, NO_TEXT_THERE, ONLY_TEXT, PING_OFF, UNREADABLE
from playground.chat.model import Attachment
from playground.chat.permissions import Permission
from playground.llm.script import say
from tests.end_to_end.scene import town
from tests.end_to_end.talk import ask_and_hear, grant, hears, is_told, notices, say_and_hear, send, talk, to_bot


async def test_a_mention_begins_a_conversation_and_is_answered_with_a_reply_that_pings_nobody():
    async with talk() as play:
        said, answer = await say_and_hear(play, to_bot(play, "Why is the sky blue?"))
        assert play.prompt() == [("user", "Why is the sky blue?")]
        shown = play.now(answer)
        assert int(shown["message_reference"]["message_id"]) == said
        assert shown["mentions"] == []
        assert "Why is the sky blue?" not in shown["content"]
        await say_and_hear(play, f"And the sea? {to_bot(play)}")
        assert play.prompt() == [("user", "And the sea?")]


async def test_a_reply_goes_on_from_the_answer_to_a_mention_and_to_a_command_alike():
    async with talk() as play:
        for begin in (say_and_hear(play, to_bot(play, "Why?")), ask_and_hear(play, "Why?")):
            begun = await begin
            answer = begun[1] if isinstance(begun, tuple) else begun
            number = len(play.stage.asks) - 1
            _, answer = await say_and_hear(play, "And then?", reply_to=answer)
            await say_and_hear(play, "And after that?", reply_to=answer)
            assert play.prompt() == [
                ("user", "Why?"),
                ("assistant", f"Answer {number}."),
                ("user", "And then?"),
                ("assistant", f"Answer {number + 1}."),
                ("user", "And after that?"),
            ]


@pytest.mark.parametrize("page", [0, 1, -1])
async def test_a_reply_to_any_page_goes_on_from_the_whole_answer(page):
    async with talk(ollama_num_ctx=32768) as play:
        text = " ".join(f"word{number}" for number in range(600))
        play.stage.play(say(text))
        await play.ann.say(play.channel, to_bot(play, "Tell me all."))
        await play.ann.until(lambda message: "word599" in message["content"] and "tokens" in message["content"])
        await play.idle()
        pages = [message for message in play.ann.messages(play.channel) if play.is_answer(message)]
        assert len(pages) >= 3
        await say_and_hear(play, "Go on.", reply_to=int(pages[page]["id"]))
        assert play.prompt() == [("user", "Tell me all."), ("assistant", text), ("user", "Go on.")]


async def test_a_reply_to_an_old_answer_is_a_branch_that_knows_nothing_of_the_others():
    async with talk() as play:
        _, root = await say_and_hear(play, to_bot(play, "Name a colour."))
        _, first = await say_and_hear(play, "A darker one.", reply_to=root)
        await say_and_hear(play, "Darker still.", reply_to=first)
        _, second = await say_and_hear(play, "A lighter one.", reply_to=root)
        assert play.prompt() == [("user", "Name a colour."), ("assistant", "Answer 0."), ("user", "A lighter one.")]
        await say_and_hear(play, "Lighter still.", reply_to=second)
        assert play.prompt() == [
            ("user", "Name a colour."),
            ("assistant", "Answer 0."),
            ("user", "A lighter one."),
            ("assistant", "Answer 3."),
            ("user", "Lighter still."),
        ]
        await say_and_hear(play, "Again.", reply_to=first)
        assert play.prompt()[2:] == [("user", "A darker one."), ("assistant", "Answer 1."), ("user", "Again.")]


async def test_each_of_several_people_on_a_branch_is_named():
    async with talk() as play:
        _, answer = await say_and_hear(play, to_bot(play, "Why?"))
        await say_and_hear(play, "Really?", by=play.bob, reply_to=answer)
        assert play.prompt() == [("user", "ann: Why?"), ("assistant", "Answer 0."), ("user", "bob: Really?")]


async def test_a_reply_without_a_ping_is_answered_where_the_bot_reads_all_messages():
    async with talk(reads_all=True) as play:
        answer = await ask_and_hear(play, "Why?")
        await say_and_hear(play, "And then?", reply_to=answer, ping=False)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


async def test_a_reply_without_a_ping_gets_one_hint_a_channel_even_over_a_restart():
    async with town() as play:
        play.stage.director = lambda ask: [say(f"Answer {len(play.stage.asks) - 1}.")]
        side = play.ann.channel("side")
        async with play.at_work():
            here, there = await ask_and_hear(play, "Why?"), await ask_and_hear(play, "Why?", channel=side)
            await play.ann.say(play.channel, "And then?", reply_to=here, ping=False)
            await is_told(play, PING_OFF)
            await play.bob.say(play.channel, "Well?", reply_to=here, ping=False)
            await say_and_hear(play, "And then?", reply_to=here)
            assert len(notices(play, PING_OFF)) == 1
            await play.ann.say(side, "And then?", reply_to=there, ping=False)
            await play.ann.until(lambda message: message["content"] == PING_OFF and int(message["channel_id"]) == side)
        async with play.at_work():
            await play.ann.say(play.channel, "And then?", reply_to=here, ping=False)
            await say_and_hear(play, "And then?", reply_to=here)
            assert len(notices(play, PING_OFF)) == 2


async def test_a_mention_in_a_reply_to_somebody_has_that_as_context():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        _, answer = await say_and_hear(play, to_bot(play, "Is that so?"), by=play.bob, reply_to=int(said["id"]))
        assert play.prompt() == [("user", "ann: The moon is made of cheese."), ("user", "bob: Is that so?")]
        await say_and_hear(play, "Sure?", by=play.bob, reply_to=answer)
        assert play.prompt() == [
            ("user", "ann: The moon is made of cheese."),
            ("user", "bob: Is that so?"),
            ("assistant", "Answer 0."),
            ("user", "bob: Sure?"),
        ]


async def test_what_another_bot_said_is_context_as_well():
    async with talk(reads_all=True) as play:
        feed = play.chat.world.add_application("feed", play.chat.world.owner)
        play.chat.world.join(play.chat.world.playground, feed.user)
        news = send(play, feed.user, play.channel, "Build 12 failed.")
        await say_and_hear(play, to_bot(play, "Why?"), reply_to=news.id)
        assert play.prompt() == [("user", "feed: Build 12 failed."), ("user", "ann: Why?")]


async def test_a_mention_in_a_reply_to_what_it_may_not_read_gets_a_sentence_and_no_answer():
    async with talk() as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        for text in ("Is that so?", ""):
            await play.bob.say(play.channel, to_bot(play, text), reply_to=int(said["id"]))
        await play.ann.until(lambda _: len(notices(play, UNREADABLE)) == 2)
        assert play.stage.asks == []


async def test_a_bare_mention_asks_for_a_question():
    async with talk() as play:
        said = await play.ann.say(play.channel, to_bot(play))
        told = await is_told(play, ASK_ME)
        assert int(told["message_reference"]["message_id"]) == int(said["id"])
        await say_and_hear(play, "Why is the sky blue?", reply_to=int(told["id"]))
        assert play.prompt() == [("user", "Why is the sky blue?")]


async def test_a_bare_mention_in_a_reply_to_somebody_answers_that():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "Why is the sky blue?")
        mention, answer = await say_and_hear(play, to_bot(play), by=play.bob, reply_to=int(said["id"]))
        assert play.prompt() == [("user", "Why is the sky blue?")]
        assert int(play.now(answer)["message_reference"]["message_id"]) == mention
        await say_and_hear(play, "And the sea?", by=play.bob, reply_to=answer)
        expected = [("user", "ann: Why is the sky blue?"), ("assistant", "Answer 0."), ("user", "bob: And the sea?")]
        assert play.prompt() == expected


async def test_a_message_without_a_text_gets_a_sentence():
    async with talk(reads_all=True) as play:
        world, picture = play.chat.world, Attachment(1, "cat.png", "image/png", b"x", "http://127.0.0.1/cat.png")
        there = await play.ann.dm(world.bot.id)
        for number in range(1, 3):
            send(play, world.ann, there, "", [picture])
            await play.ann.until(lambda _, number=number: len(notices(play, ONLY_TEXT)) == number)
        shown = send(play, world.ann, play.channel, "", [picture])
        await play.bob.say(play.channel, to_bot(play, "What is this?"), reply_to=shown.id)
        await is_told(play, NO_TEXT_THERE)
        assert play.stage.asks == []


async def test_a_picture_in_a_thread_gets_that_sentence_once():
    async with talk(reads_all=True) as play:
        await ask_and_hear(play, "Why?", thread=True)
        thread = next(channel for channel in play.chat.world.channels.values() if channel.thread)
        for number in range(2):
            send(play, play.chat.world.bob, thread.id, "", [Attachment(number, "a.png", "image/png", b"x", "")])
        await say_and_hear(play, "And then?", channel=thread.id)
        assert len(notices(play, ONLY_TEXT)) == 1


async def test_what_is_not_for_the_bot_is_left_alone():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "Hello.")
        await play.bob.say(play.channel, "Hello, Ann.", reply_to=int(said["id"]))
        await play.ann.say(play.channel, "@everyone, look.")
        await say_and_hear(play, to_bot(play, "Who is there?"))
        assert len(play.stage.asks) == 1
        assert len(notices(play, "")) == 1


async def test_several_replies_at_once_share_the_channel_fairly_and_all_end():
    async with talk() as play:
        play.stage.director = lambda ask: [say(["word "] * 30, pace=0.02), say(f"Answer {len(play.stage.asks)}.")]
        await asyncio.gather(*(play.ann.say(play.channel, to_bot(play, f"question {n}")) for n in range(10)))
        async with asyncio.timeout(20):
            await play.stage.until(lambda: len(play.stage.asks) == 10 and play.stage.open == 0)
        await play.idle()
        ended = [message for message in play.ann.messages(play.channel) if "32 tokens" in message["content"]]
        assert len(ended) == 10
        assert len({message["message_reference"]["message_id"] for message in ended}) == 10
        edits = Counter(entry.params["message"] for entry in play.requests("PATCH", "/messages/{message}"))
        assert len(edits) == 10
        assert max(edits.values()) - min(edits.values()) <= 2
        assert play.chat.record.count(status=429) == 0


async def test_where_it_may_not_reply_it_answers_without_a_reference():
    async with talk() as play:
        world = play.chat.world
        world.overwrite(world.general, world.bot, deny=Permission.READ_MESSAGE_HISTORY)
        _, answer = await say_and_hear(play, to_bot(play, "Why?"))
        assert "message_reference" not in play.now(answer)
        await play.ann.say(play.channel, to_bot(play))
        await is_told(play, ASK_ME)


async def test_a_question_that_is_deleted_at_once_is_answered_all_the_same():
    async with talk() as play:
        gate = asyncio.Event()
        play.stage.play(lambda reply: gate.wait(), say("Answer 0."))
        said = await play.ann.say(play.channel, to_bot(play, "Why?"))
        await play.stage.asked()
        await play.ann.delete(play.channel, int(said["id"]))
        gate.set()
        await hears(play, 0)


async def test_a_message_too_long_for_the_model_is_refused_with_how_much():
    async with talk(ollama_num_ctx=256, answer_max_tokens=64) as play:
        await play.ann.say(play.channel, to_bot(play, "Why? " * 350))
        refused = await is_told(play, "characters too long")
        assert play.stage.asks == []
        assert "message_reference" in refused


async def test_the_intent_is_what_its_flag_says_at_each_start():
    async with town() as play:
        play.stage.director = lambda ask: [say(f"Answer {len(play.stage.asks) - 1}.")]
        async with play.at_work():
            answer = await ask_and_hear(play, "Why?")
        grant(play, reads_all=True)
        async with play.at_work():
            await say_and_hear(play, "And then?", reply_to=answer, ping=False)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]
