"""Threads of the bot, and DMs: all that is said there is one conversation."""

import asyncio

import pytest

from bot.chat import mending, threads
from bot.chat.text.captions import IN_A_THREAD
from bot.chat.threads import ALL_FOR_ME, FIRST_LINE, MENTION_ME, PRIVATE
from playground.chat.faults import CALLBACK, delay, drop, server_error
from playground.chat.permissions import Permission
from playground.llm.script import end, hold, say
from tests.end_to_end.scene import buttons
from tests.end_to_end.talk import ask_and_hear, hears, say_and_hear, talk, to_bot

OPEN_THREAD = "/channels/{channel}/messages/{message}/threads"
THREAD = "thread"


def thread_of(play):
    """The newest thread."""
    return [channel for channel in play.chat.world.channels.values() if channel.thread][-1]


async def continue_in_thread(play, message_id, by=None):
    """Press the button; return what one is told."""
    by = by or play.ann
    shown = next(one for one in by.messages(play.channel) if int(one["id"]) == message_id)
    mine = {one["id"] for one in by.messages(play.channel)}
    await by.click(shown, THREAD)
    return await by.until(
        lambda one: one["id"] not in mine and one.get("flags", 0) & 64 and not one["flags"] & 128 and one["content"]
    )


async def open_by_command(play, **more):
    answer = await ask_and_hear(play, "Why?", thread=True)
    thread = thread_of(play)
    assert answer in thread.messages
    return thread


async def test_a_command_is_answered_in_a_thread_of_its_own():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why is the **sky** blue?", thread=True)
        thread = thread_of(play)
        assert thread.name == "Why is the **sky** blue?"
        assert thread.thread.owner is play.chat.world.bot
        starter = play.now(thread.id)
        assert IN_A_THREAD in starter["content"]
        assert "sky" in starter["content"]
        first = thread.messages[answer]
        assert first.content.startswith(f"{FIRST_LINE}\nAnswer 0.\n-# smol")
        assert play.prompt() == [("user", "Why is the **sky** blue?")]
        assert len(thread.messages) == 2, "Discord's own line, and the answer"
        assert THREAD not in [one["custom_id"] for one in first.components[0]["components"]]


async def test_without_the_intent_a_thread_goes_on_by_mentions_and_replies():
    async with talk() as play:
        thread = await open_by_command(play)
        await play.ann.say(thread.id, "And then?")
        _, answer = await say_and_hear(play, to_bot(play, "And after that?"), channel=thread.id)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And after that?")]
        await say_and_hear(play, "And then?", channel=thread.id, reply_to=answer)
        assert play.prompt()[3:] == [("assistant", "Answer 1."), ("user", "And then?")]
        assert len(play.stage.asks) == 3


async def test_with_the_intent_every_message_in_a_thread_is_answered_and_each_speaker_named():
    async with talk(reads_all=True) as play:
        thread = await open_by_command(play)
        assert FIRST_LINE not in next(iter(thread.messages.values())).content
        await say_and_hear(play, "And then?", channel=thread.id)
        said = await play.ann.say(thread.id, "Anything else?")
        await hears(play, 2)
        await say_and_hear(play, "I doubt it.", by=play.bob, channel=thread.id, reply_to=int(said["id"]))
        assert play.prompt() == [
            ("user", "ann: Why?"),
            ("assistant", "Answer 0."),
            ("user", "ann: And then?"),
            ("assistant", "Answer 1."),
            ("user", "ann: Anything else?"),
            ("assistant", "Answer 2."),
            ("user", "bob: I doubt it."),
        ]


async def test_a_command_in_a_thread_of_the_bot_carries_on_and_in_another_does_not():
    async with talk() as play:
        thread = await open_by_command(play)
        await ask_and_hear(play, "And then?", channel=thread.id)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]
        said = await play.ann.say(play.channel, "Let us talk.")
        theirs = await play.ann.start_thread(play.channel, int(said["id"]), "Ours")
        await ask_and_hear(play, "Who are you?", channel=theirs)
        await ask_and_hear(play, "Where are you?", channel=theirs)
        assert play.prompt() == [("user", "Where are you?")]


async def test_with_the_intent_a_thread_of_other_people_is_left_alone():
    async with talk(reads_all=True) as play:
        said = await play.ann.say(play.channel, "Let us talk.")
        theirs = await play.ann.start_thread(play.channel, int(said["id"]), "Ours")
        await play.ann.say(theirs, "What do you think?")
        await say_and_hear(play, to_bot(play, "And you?"), channel=theirs)
        assert len(play.stage.asks) == 1
        assert play.prompt() == [("user", "And you?")]


async def test_in_a_thread_a_reply_to_an_old_answer_is_a_branch():
    async with talk() as play:
        thread = await open_by_command(play)
        first = list(thread.messages)[-1]
        await say_and_hear(play, to_bot(play, "And then?"), channel=thread.id)
        await say_and_hear(play, "Or else?", channel=thread.id, reply_to=first)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "Or else?")]
        await say_and_hear(play, to_bot(play, "Well?"), channel=thread.id)
        assert play.prompt()[2:] == [("user", "Or else?"), ("assistant", "Answer 2."), ("user", "Well?")]


async def test_an_archived_thread_goes_on():
    async with talk(reads_all=True) as play:
        thread = await open_by_command(play)
        play.chat.world.update_thread(thread, archived=True)
        await say_and_hear(play, "And then?", channel=thread.id)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


async def test_the_channels_setting_wins_over_the_servers_and_the_option_over_both():
    async with talk() as play:
        world, side = play.chat.world, play.ann.channel("side")
        places = play.bot.services.places
        await places.change(world.playground.id, auto_threads=True)
        assert await ask_and_hear(play, "Why?") in thread_of(play).messages
        assert await ask_and_hear(play, "Why?", thread=False) in world.general.messages
        await places.change(side, auto_threads=False)
        assert await ask_and_hear(play, "Why?", channel=side) in world.side.messages
        assert await ask_and_hear(play, "Why?", channel=side, thread=True) in thread_of(play).messages


async def test_a_private_answer_gets_no_thread_and_says_so_if_one_was_wished_for():
    async with talk() as play:
        await play.bot.services.places.change(play.channel, auto_threads=True)
        answer = await ask_and_hear(play, "Why?", private=True)
        assert PRIVATE not in play.now(answer)["content"]
        assert not [one for one in buttons(play.now(answer)) if one["custom_id"] == THREAD]
        answer = await ask_and_hear(play, "Why?", private=True, thread=True)
        assert PRIVATE in play.now(answer)["content"]


@pytest.mark.parametrize("denied", [Permission.CREATE_PUBLIC_THREADS, Permission.SEND_MESSAGES_IN_THREADS])
async def test_where_no_thread_may_be_opened_the_answer_comes_without_one_and_says_why(denied):
    async with talk() as play:
        world = play.chat.world
        world.overwrite(world.general, world.bot, deny=denied)
        answer = await ask_and_hear(play, "Why?", thread=True)
        assert play.now(answer)["content"].startswith(f"{threads.NO_RIGHT}\n> **Why?**\nAnswer 0.")
        world.overwrite(world.general, world.bot)
        world.overwrite(world.general, world.ann, deny=denied)
        answer = await ask_and_hear(play, "Why?", thread=True)
        assert play.now(answer)["content"].startswith(threads.NOT_FOR_YOU)
        assert not play.requests("POST", OPEN_THREAD)


async def test_where_opening_a_thread_fails_the_answer_takes_the_place_of_the_line_that_announced_it():
    async with talk() as play:
        fault = play.chat.faults.plan(server_error(503), "POST", OPEN_THREAD, times=None)
        answer = await ask_and_hear(play, "Why?", thread=True)
        assert play.now(answer)["content"].startswith(f"{threads.FAILED}\n> **Why?**\nAnswer 0.")
        assert len(fault.hits) == threads.TRIES
        assert sum(play.is_answer(message) for message in play.ann.messages(play.channel)) == 1
        await say_and_hear(play, "And then?", reply_to=answer)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


async def test_an_answer_that_takes_the_announcements_place_can_be_stopped():
    async with talk() as play:
        play.chat.faults.plan(server_error(403), "POST", OPEN_THREAD)
        play.stage.play(say("Well, "), hold())
        answer = await play.ask("Why?", thread=True)
        shown = await play.shows(answer, "Well,")
        await play.ann.click(shown, next(one["custom_id"] for one in buttons(shown)))
        assert not [one for one in buttons(await play.shows(answer, "stopped by ann")) if one["label"] == "Stop"]


@pytest.mark.parametrize("fault", [server_error(503), server_error(503, applied=True)])
async def test_one_fault_on_opening_a_thread_is_overcome(fault):
    async with talk() as play:
        play.chat.faults.plan(fault, "POST", OPEN_THREAD)
        answer = await ask_and_hear(play, "Why?", thread=True)
        assert answer in thread_of(play).messages


async def test_an_announcement_whose_thread_is_just_being_opened_is_not_mended(monkeypatch):
    monkeypatch.setattr(mending, "EVERY_S", 0.02)
    async with talk() as play:
        play.chat.faults.plan(delay(0.3), "POST", OPEN_THREAD)
        answer = await ask_and_hear(play, "Why?", thread=True)
        assert answer in thread_of(play).messages
        assert play.now(thread_of(play).id)["content"].endswith(IN_A_THREAD)
        assert await play.bot.services.memory.journal.unfinished() == []


async def test_the_button_opens_a_thread_that_goes_on_from_the_answer():
    async with talk(reads_all=True) as play:
        _, first = await say_and_hear(play, to_bot(play, "Why is the sky blue?"))
        _, second = await say_and_hear(play, "And the sea?", reply_to=first)
        await say_and_hear(play, "And grass?", reply_to=second)
        told = await continue_in_thread(play, second, by=play.bob)
        thread = thread_of(play)
        assert told["content"] == f"Go on in <#{thread.id}>."
        assert (thread.id, thread.name) == (second, "And the sea?")
        assert [one.content for one in thread.messages.values() if one.kind == 0] == [ALL_FOR_ME]
        await say_and_hear(play, "And snow?", by=play.bob, channel=thread.id)
        assert play.prompt() == [
            ("user", "ann: Why is the sky blue?"),
            ("assistant", "Answer 0."),
            ("user", "ann: And the sea?"),
            ("assistant", "Answer 1."),
            ("user", "bob: And snow?"),
        ]


async def test_the_button_pressed_twice_leads_to_the_same_thread():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        first, second = await asyncio.gather(
            continue_in_thread(play, answer), continue_in_thread(play, answer, by=play.bob)
        )
        third = await continue_in_thread(play, answer)
        assert first["content"] == second["content"] == third["content"] == f"Go on in <#{answer}>."
        assert [one.content for one in thread_of(play).messages.values() if one.kind == 0] == [MENTION_ME]
        await say_and_hear(play, to_bot(play, "And then?"), channel=answer)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


async def test_the_button_is_for_those_who_may_open_threads():
    async with talk() as play:
        world, answer = play.chat.world, await ask_and_hear(play, "Why?")
        world.overwrite(world.general, world.ann, deny=Permission.CREATE_PUBLIC_THREADS)
        assert (await continue_in_thread(play, answer))["content"] == threads.YOUR_RIGHTS
        world.overwrite(world.general, world.bot, deny=Permission.CREATE_PUBLIC_THREADS)
        assert (await continue_in_thread(play, answer, by=play.bob))["content"] == threads.MY_RIGHTS


async def test_a_thread_that_the_button_cannot_open_is_told():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        play.chat.faults.plan(server_error(503), "POST", OPEN_THREAD, times=None)
        assert (await continue_in_thread(play, answer))["content"] == threads.NOT_NOW


async def test_a_click_on_the_button_that_cannot_be_answered_raises_nowhere(caplog):
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        clicked = play.chat.faults.plan(drop(), "POST", CALLBACK, times=None)
        shown = next(one for one in play.ann.messages(play.channel) if int(one["id"]) == answer)
        await play.ann.click(shown, THREAD)
        await asyncio.wait_for(clicked.met.wait(), 5)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_thread_from_an_answer_that_went_on_bears_the_question_that_somebody_asked():
    async with talk() as play:
        play.stage.play(say("Answer 0."), end("length"))
        first = play.now(await ask_and_hear(play, "Why is the sky blue?"))
        go_on = next(one["custom_id"] for one in buttons(first) if one["custom_id"].startswith("continue:"))
        await play.ann.click(first, go_on)
        await continue_in_thread(play, await hears(play, 1))
        assert thread_of(play).name == "Why is the sky blue?"


async def test_the_button_goes_on_over_a_restart_and_without_a_memory_of_the_answer():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        await play.bot.services.memory.conversations.expire(2**32)
        told = await continue_in_thread(play, answer)
        assert told["content"] == f"Go on in <#{answer}>."
        assert thread_of(play).name == "Why?"
        await say_and_hear(play, to_bot(play, "And then?"), channel=answer)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("x" * 300, "x" * 79 + "…"),
        ("one\n\ntwo\u202e three", "one two three"),
        ("<@1> @everyone", None),
        ("\u200b \u2060", "Thread"),
        ("<b>" * 30, None),
    ],
)
async def test_a_title_is_one_clean_line(question, title):
    async with talk() as play:
        await ask_and_hear(play, question, thread=True)
        name = thread_of(play).name
        assert title is None or name == title
        assert 1 <= len(name) <= 100
        assert "@everyone" not in name


async def test_a_dm_is_one_conversation_of_messages_and_commands_alike():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        await say_and_hear(play, "My name is Ann.", channel=there)
        await ask_and_hear(play, "What is my name?", channel=there)
        await say_and_hear(play, "Spell it.", channel=there)
        assert play.prompt() == [
            ("user", "My name is Ann."),
            ("assistant", "Answer 0."),
            ("user", "What is my name?"),
            ("assistant", "Answer 1."),
            ("user", "Spell it."),
        ]
        assert not [
            one for message in play.ann.messages(there) for one in buttons(message) if one["custom_id"] == THREAD
        ]


async def test_in_a_dm_a_reply_to_an_old_answer_is_a_branch_and_what_follows_goes_on_there():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        _, first = await say_and_hear(play, "One.", channel=there)
        await say_and_hear(play, "Two.", channel=there)
        await say_and_hear(play, "Another two.", channel=there, reply_to=first)
        assert play.prompt() == [("user", "One."), ("assistant", "Answer 0."), ("user", "Another two.")]
        await say_and_hear(play, "Three.", channel=there)
        assert play.prompt()[2:] == [("user", "Another two."), ("assistant", "Answer 2."), ("user", "Three.")]


async def test_a_reply_to_a_notice_in_a_thread_goes_on_with_the_thread():
    async with talk() as play:
        answer = await ask_and_hear(play, "Why?")
        await continue_in_thread(play, answer)
        notice = next(one.id for one in thread_of(play).messages.values() if one.content == MENTION_ME)
        await say_and_hear(play, "And then?", channel=answer, reply_to=notice)
        assert play.prompt() == [("user", "Why?"), ("assistant", "Answer 0."), ("user", "And then?")]


@pytest.mark.parametrize("first_ends", [True, False])
async def test_two_questions_at_once_are_both_on_the_branch_of_what_comes_next(first_ends):
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        gates = [asyncio.Event(), asyncio.Event()]
        for gate, text in zip(gates, ("Answer 0.", "Answer 1."), strict=True):
            play.stage.play(lambda reply, gate=gate: gate.wait(), say(text))
        await play.ann.say(there, "One.")
        await play.stage.asked(0)
        await play.ann.say(there, "Two.")
        await play.stage.asked(1)
        assert play.prompt() == [("user", "One."), ("user", "Two.")]
        for gate in gates if first_ends else gates[::-1]:
            gate.set()
            number = gates.index(gate)
            await play.ann.until(lambda one, number=number: f"Answer {number}." in one["content"])
        await play.idle()
        await say_and_hear(play, "Three.", channel=there)
        assert play.prompt() == [
            ("user", "One."),
            ("assistant", "Answer 0."),
            ("user", "Two."),
            ("assistant", "Answer 1."),
            ("user", "Three."),
        ]


async def test_an_answer_of_more_pages_than_a_later_one_does_not_take_the_conversation_back():
    async with talk(ollama_num_ctx=32768) as play:
        there, gate = await play.ann.dm(play.chat.world.bot.id), asyncio.Event()
        play.stage.play(say("Begun. "), lambda reply: gate.wait(), say("word " * 500 + "Answer 0."))
        await play.ann.say(there, "One.")
        await play.ann.until(lambda one: "Begun." in one["content"])
        await play.ann.say(there, "Two.")
        await play.ann.until(lambda one: "Answer 1." in one["content"] and "tokens" in one["content"])
        gate.set()
        await hears(play, 0)
        await say_and_hear(play, "Three.", channel=there)
        assert [text for role, text in play.prompt() if role == "user"] == ["One.", "Two.", "Three."]


async def test_a_command_whose_answer_shows_late_is_on_the_branch_of_the_next():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        late = play.chat.faults.plan(delay(0.5), "POST", CALLBACK)
        await play.ann.command(there, "ask", prompt="One.")
        await late.met.wait()
        await play.stage.asked(0)
        await play.ann.command(there, "ask", prompt="Two.")
        await hears(play, 1)
        assert [text for role, text in play.prompt() if role == "user"] == ["One.", "Two."]
        await say_and_hear(play, "Three.", channel=there)
        assert [text for _, text in play.prompt()] == ["One.", "Answer 0.", "Two.", "Answer 1.", "Three."]


async def test_a_question_asked_before_the_last_answer_shows_is_on_its_branch():
    async with talk() as play:
        there = await play.ann.dm(play.chat.world.bot.id)
        gate = asyncio.Event()
        for number in range(3):
            play.stage.play(lambda reply: gate.wait(), say(f"Answer {number}."))
        for number, text in enumerate(("One.", "Two.", "Three.")):
            await play.ann.say(there, text)
            await play.stage.asked(number)
        assert play.prompt() == [("user", "One."), ("user", "Two."), ("user", "Three.")]
        gate.set()
        await play.idle()
