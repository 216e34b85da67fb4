"""What the bot asks of Discord to talk, in threads, by menus and over restarts, is as Discord describes it."""

from contextlib import asynccontextmanager

from playground.chat.faults import CALLBACK, CHANNEL_MESSAGE, CHANNEL_MESSAGES, FOLLOWUPS, TOKEN_MESSAGE, drop
from playground.llm.script import end, hold, say
from tests.end_to_end.scene import town
from tests.end_to_end.talk import ask_and_hear, hears, say_and_hear, talk, to_bot
from tests.openapi import answer_problems, needs_description, request_problems

pytestmark = needs_description

OPEN_THREAD = "/channels/{channel}/messages/{message}/threads"
LONG = [f"word{number} " for number in range(400)]


@asynccontextmanager
async def described(**at_work):
    async with talk(**at_work) as play:
        yield play
    assert_as_described(play)


def assert_as_described(play):
    assert request_problems(play.chat.record, play.chat.world.bot) == []
    assert answer_problems(play.chat.record) == []


async def test_replies_and_what_is_read_of_the_history():
    async with described(reads_all=True) as play:
        await play.ann.say(play.channel, "The moon is made of cheese.")
        said, answer = await say_and_hear(play, to_bot(play, "Is that so?"))
        await play.ann.edit(play.channel, said, to_bot(play, "Is it?"))
        await play.shows(answer, "the question has changed")
        assert play.requests("POST", CHANNEL_MESSAGES)
        assert play.requests("PATCH", CHANNEL_MESSAGE)


async def test_threads_by_command_and_by_button():
    async with described() as play:
        await ask_and_hear(play, "Why?", thread=True)
        answer = await ask_and_hear(play, "Why not?")
        await play.ann.click(play.now(answer), "thread")
        await play.ann.until(lambda one: "Go on in" in one["content"])
        assert len(play.requests("POST", OPEN_THREAD)) == 2


async def test_the_menus_of_a_message():
    async with described(reads_all=True) as play:
        said = await play.ann.say(play.channel, "The moon is made of cheese.")
        events = play.ann.events()
        await play.ann.context(play.channel, "Ask about this", int(said["id"]))
        async for name, data in events:
            if name == "INTERACTION_MODAL_CREATE":
                await play.ann.submit(data, question="Is that so?")
                break
        await hears(play, 0)
        await play.ann.context(play.channel, "Summarise from here", int(said["id"]))
        await hears(play, 1)
        assert play.requests("GET", CHANNEL_MESSAGES)


async def test_the_commands_about_memory_and_settings():
    async with described() as play:
        await ask_and_hear(play, "Why?")
        for who, command, words in (
            (play.ann, "new", "begins a new conversation anyway"),
            (play.ann, "privacy", "What I keep"),
            (play.ann, "forget", "Forgotten: "),
        ):
            await who.command(play.channel, command)
            await who.until(lambda one, words=words: words in one["content"])


async def test_retry_of_several_pages_and_continue():
    async with described() as play:
        play.stage.play(say(LONG, pace=0.001))
        await play.ask()
        last = await play.ann.until(lambda one: "400 tokens" in one["content"])
        await play.idle()
        play.stage.play(say("short"), end("length"))
        await play.ann.click(last, f"retry:{play.ann.id}")
        shown = await play.ann.until(lambda one: "hit the length limit" in one["content"])
        play.stage.play(say("Gone on."))
        await play.ann.click(shown, f"continue:{play.ann.id}")
        await play.ann.until(lambda one: "Gone on." in one["content"] and "tokens" in one["content"])
        await play.chat.record.until(lambda entry: entry.method == "DELETE")
        assert play.requests("POST", CALLBACK)


async def test_the_search_for_a_lost_page():
    async with described() as play:
        play.bot.echoes.hear = deaf
        play.chat.faults.plan(drop(applied=True), "POST", FOLLOWUPS)
        play.stage.play(say(LONG, pace=0.001))
        await play.ask()
        await play.ann.until(lambda one: "400 tokens" in one["content"], 10)
        assert play.requests("GET", CHANNEL_MESSAGES)


async def deaf(_):
    """Hear nothing of what the gateway shows."""


async def test_mending_by_token_and_in_the_channel():
    async with town() as play:
        async with play.at_work():
            play.stage.director = lambda _: [say("one two three"), hold()]
            by_token = await play.ask()
            await play.ann.say(play.channel, to_bot(play, "And?"))
            reply = await play.ann.until(lambda one: play.is_answer(one) and int(one["id"]) != by_token)
            for message_id in (by_token, int(reply["id"])):
                await play.shows(message_id, "one two three")
            await play.bot.services.runs.close(0)
        async with play.at_work():
            for message_id in (by_token, int(reply["id"])):
                await play.shows(message_id, "interrupted")
        assert play.requests("GET", TOKEN_MESSAGE)
        assert play.requests("GET", CHANNEL_MESSAGE)
    assert_as_described(play)
