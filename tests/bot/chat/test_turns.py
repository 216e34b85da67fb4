"""What the real discord.py reads back of a conversation that the memory does not know."""

import asyncio
import io

import aiohttp
import discord
import pytest

from bot.chat import turns
from bot.chat.text.pages import AnswerPages
from bot.chat.turns import CHAIN_TURNS, said_in
from bot.core.model import Ending, Outcome
from playground.chat.permissions import Permission

DONE = Outcome(Ending.DONE)
LONG = "".join(f"Sentence number {number} of a long answer.\n\n" for number in range(150))


def pages_of(text, question=None, **more):
    pages = AnswerPages(question, "smol", **more)
    return [*pages.feed(text), pages.open_page(DONE)]


class Talk:
    def __init__(self, server, bot, ann, bob):
        self.server, self.bot, self.ann, self.bob = server, bot, ann, bob
        self.general = bot.get_channel(server.world.general.id)
        self.mention = f"<@{bot.user.id}>"

    async def say(self, text, by=None, reply_to=None, channel=None):
        """Let a person say something; give the message as the bot heard it."""
        said = await (by or self.ann).say((channel or self.general).id, text, reply_to=reply_to and reply_to.id)
        while True:
            async with asyncio.timeout(5):
                heard = await self.bot.heard.get()
            if heard.id == int(said["id"]):
                return heard

    async def answer(self, message, text):
        """Answer a message, as a reply; give the messages of the answer."""
        first, *more = pages_of(text)
        sent = [await message.reply(first)]
        return [*sent, *[await message.channel.send(page) for page in more]]

    async def ask(self, prompt, text, by=None, channel=None):
        """Use the command, and answer it; give the messages of the answer."""
        await (by or self.ann).command((channel or self.general).id, "ask", prompt=prompt)
        async with asyncio.timeout(5):
            interaction = await self.bot.asked.get()
        first, *more = pages_of(text, prompt)
        await interaction.response.send_message(first)
        original = await interaction.original_response()
        return [original, *[await interaction.followup.send(page, wait=True) for page in more]]


@pytest.fixture
async def talk(server, talking, ann, bob):
    async with talking() as bot:
        yield Talk(server, bot, ann, bob)


async def read_replies(message):
    return (await turns.read_replies(message, {})).told


async def read_up_to(message):
    return (await turns.read_up_to(message, {})).told


async def read_channel(channel, **bounds):
    return (await turns.read_channel(channel, {}, **bounds)).told


def lines(told):
    return [f"{one.speaker.name if one.role == 'user' else 'bot'}: {one.text}" for one in told]


async def test_a_chain_of_replies_is_told_oldest_first(talk):
    first = await talk.say(f"{talk.mention} Why is the sky blue?")
    answer = await talk.answer(first, "Because.")
    second = await talk.say("And at night?", talk.bob, reply_to=answer[0])
    dark = await talk.answer(second, "It is dark.")
    third = await talk.say("Why?", reply_to=dark[0])
    told = await read_replies(third)
    assert lines(told) == ["ann: Why is the sky blue?", "bot: Because.", "bob: And at night?", "bot: It is dark."]
    assert [one.message_ids for one in told] == [(first.id,), (answer[0].id,), (second.id,), (dark[0].id,)]
    assert [one.speaker.name for one in told] == ["ann", "ann", "bob", "bob"], "an answer is for whom it answers"


async def test_a_command_gives_its_question_and_all_pages_of_its_answer(talk):
    answer = await talk.ask("What is *long*?", LONG)
    assert len(answer) > 3
    await talk.say("in between", talk.bob)
    for page in answer:
        told = await read_replies(await talk.say("Go on", reply_to=page))
        assert [one.role for one in told] == ["user", "assistant"]
        assert (told[0].text, told[0].speaker.name) == ("What is *long*?", "ann")
        assert told[1].text == LONG.strip()
        assert told[1].message_ids == tuple(one.id for one in answer)


async def test_pages_that_were_sent_through_the_channel_belong_to_the_answer_before(talk):
    question = await talk.say(f"{talk.mention} Tell me more")
    answer = await talk.answer(question, LONG)
    other = await talk.answer(await talk.say(f"{talk.mention} Else?"), "Nothing else.")
    for page in (answer[0], answer[1], answer[-1]):
        told = await read_up_to(await talk.general.fetch_message(page.id))
        assert lines(told) == ["ann: Tell me more", f"bot: {LONG.strip()}"]
    assert lines(await read_up_to(other[0])) == ["ann: Else?", "bot: Nothing else."]


async def test_what_was_too_long_for_messages_is_read_from_the_attachment(talk):
    text = LONG * 3
    pages = AnswerPages(None, "smol", max_pages=2)
    question = await talk.say(f"{talk.mention} All of it")
    finished = pages.feed(text)
    await question.reply(finished[0])
    file = discord.File(io.BytesIO(pages.attachment.encode()), "answer.md")
    last = await talk.general.send(pages.open_page(DONE), file=file)
    assert lines(await read_up_to(last)) == ["ann: All of it", f"bot: {text}"]


async def test_a_message_that_is_gone_ends_the_chain(talk):
    first = await talk.say(f"{talk.mention} Why?")
    answer = await talk.answer(first, "Because.")
    last = await talk.say("Go on", reply_to=answer[0])
    await talk.ann.delete(talk.general.id, first.id)
    assert lines(await read_replies(last)) == ["bot: Because."]
    await answer[0].delete()
    assert lines(await read_replies(await talk.general.fetch_message(last.id))) == []


async def test_a_chain_is_read_no_further_than_its_bound(talk):
    message = await talk.say("message 0")
    for number in range(1, CHAIN_TURNS + 5):
        message = await talk.say(f"message {number}", reply_to=message)
    before = len(reads(talk))
    told = await read_replies(message)
    assert len(told) == CHAIN_TURNS
    assert told[-1].text == f"message {CHAIN_TURNS + 3}"
    assert len(reads(talk)) - before <= 2, "neighbours are read together"


def reads(talk):
    return [entry for entry in talk.server.record if entry.method == "GET" and "/messages" in entry.route]


async def test_where_history_may_not_be_read_there_is_what_came_with_the_reply(talk):
    first = await talk.say(f"{talk.mention} Why?")
    answer = await talk.answer(first, "Because.")
    last = await talk.say("Go on", reply_to=answer[0])
    talk.server.world.overwrite(talk.server.world.general, talk.server.world.bot, deny=Permission.READ_MESSAGE_HISTORY)
    assert lines(await read_replies(last)) == ["bot: Because."]


async def test_a_thread_is_told_with_what_it_was_opened_from(talk):
    answer = await talk.ask("What is *long*?", LONG)
    thread = await answer[0].create_thread(name="more")
    await thread.send("Go on here: every message in this thread is for me.")
    second = await talk.say("And then?", talk.bob, channel=thread)
    await talk.answer(second, "Then it ends.")
    last = await talk.say("Thanks", channel=thread)
    told = await read_channel(thread, before=last.id)
    assert lines(told) == ["ann: What is *long*?", f"bot: {LONG.strip()}", "bob: And then?", "bot: Then it ends."]


async def test_a_thread_that_was_opened_for_a_question_begins_with_it(talk):
    await talk.ann.command(talk.general.id, "ask", prompt="Why?")
    interaction = await talk.bot.asked.get()
    await interaction.response.send_message("> **Why?**\n-# answered in the thread")
    above = await interaction.original_response()
    thread = await (await talk.general.fetch_message(above.id)).create_thread(name="Why?")
    for page in pages_of(LONG, preface="-# mention me to go on in this thread"):
        await thread.send(page)
    last = await talk.say("Go on", channel=thread)
    told = await read_channel(thread, before=last.id)
    assert lines(told) == ["ann: Why?", f"bot: {LONG.strip()}"]


async def test_a_fresh_start_hides_what_came_before(talk):
    thread = await (await talk.say("start")).create_thread(name="talk")
    earlier = await talk.say("earlier", channel=thread)
    await talk.say("later", channel=thread)
    last = await talk.say("now", channel=thread)
    assert lines(await read_channel(thread, before=last.id)) == ["ann: start", "ann: earlier", "ann: later"]
    assert lines(await read_channel(thread, before=last.id, after=earlier.id)) == ["ann: later"]


async def test_a_page_that_comes_after_a_fresh_start_belongs_before_it(talk):
    thread = await (await talk.say("start")).create_thread(name="talk")
    first, *more = pages_of(LONG)
    question = await talk.say("Tell me more", channel=thread)
    await question.reply(first)
    fresh = await talk.say("/new", channel=thread)
    for page in more:
        await thread.send(page)
    await talk.answer(await talk.say("Else?", channel=thread), "Nothing else.")
    last = await talk.say("now", channel=thread)
    assert lines(await read_channel(thread, before=last.id, after=fresh.id)) == ["ann: Else?", "bot: Nothing else."]


async def test_a_dm_is_one_conversation(talk):
    dm = await talk.ann.dm(talk.bot.user.id)
    await talk.ann.say(dm, "Why?")
    first = await talk.bot.heard.get()
    await talk.answer(first, "Because.")
    await talk.ann.say(dm, "Really?")
    last = await talk.bot.heard.get()
    assert lines(await read_channel(last.channel, before=last.id)) == ["ann: Why?", "bot: Because."]
    channel = talk.bot.get_partial_messageable(dm)
    assert lines(await read_channel(channel, before=last.id)) == ["ann: Why?", "bot: Because."]


async def test_other_bots_notices_and_empty_answers_are_left_out(talk, server):
    other = server.world.add_application("other", server.world.owner).user
    server.world.join(server.world.playground, other)
    thread = await (await talk.say("start")).create_thread(name="talk")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {other.token}"}) as http:
        path = f"{server.api_url}/channels/{thread.id}/messages"
        assert (await http.post(path, json={"content": "beep"})).status == 200
    question = await talk.say("Why?", channel=thread)
    await talk.answer(question, "")
    await thread.edit(name="renamed")
    last = await talk.say("now", channel=thread)
    assert lines(await read_channel(thread, before=last.id)) == ["ann: start", "ann: Why?"]


async def test_without_the_intent_what_others_said_is_left_out(server, talking, ann, bob):
    async with talking(reads_all=False) as bot:
        talk = Talk(server, bot, ann, bob)
        question = await talk.say(f"Hey {talk.mention}, why?")
        thread = await question.create_thread(name="talk")
        await talk.say("not for you", talk.bob, channel=thread)
        await talk.answer(await talk.say(f"{talk.mention} and?", channel=thread), "Because.")
        last = await talk.say(f"{talk.mention} go on", channel=thread)
        told = await read_channel(thread, before=last.id)
    assert lines(told) == ["ann: Hey , why?", "ann: and?", "bot: Because."]


async def test_mentions_and_emoji_are_told_by_name(talk):
    message = await talk.say(f"{talk.mention} ask <@{talk.bob.id}> about <:smile:123> and <a:wave:4> <#5>")
    assert said_in(message) == "ask @bob about :smile: and :wave: <#5>"
