"""The place of an answer is lost while it is being written: its message, channel, thread, guild, or the right to it."""

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager, closing

import pytest

from playground.chat.model import AppFlag
from playground.chat.permissions import EVERYONE, Permission
from playground.llm.script import say
from tests.end_to_end.scene import stop_button, town
from tests.end_to_end.talk import to_bot

ENDLESS = [f"word{number} " for number in range(100_000)]


async def by_command(play, channel):
    return await play.ask(channel=channel)


async def by_private_command(play, channel):
    return await play.ask(channel=channel, private=True)


async def by_reply(play, channel):
    said = await play.ann.say(channel, to_bot(play, "Why?"))
    answer = await play.ann.until(
        lambda message: (message.get("message_reference") or {}).get("message_id") == said["id"]
    )
    return int(answer["id"])


WAYS = [by_command, by_reply]


def message_deleted(play, channel, message_id):
    return play.bob.delete(channel, message_id)


async def channel_deleted(play, channel, _):
    play.chat.world.delete_channel(play.chat.world.channel(channel))


async def may_not_send(play, channel, _):
    world = play.chat.world
    world.overwrite(world.channel(channel), world.bot, deny=Permission.SEND_MESSAGES)


async def may_not_send_by_role(play, channel, _):
    world = play.chat.world
    world.set_permissions(world.playground, None, EVERYONE & ~Permission.SEND_MESSAGES)


async def kicked(play, channel, _):
    play.chat.world.leave(play.chat.world.playground, play.chat.world.bot)


FATES = [message_deleted, channel_deleted, may_not_send, may_not_send_by_role, kicked]


@asynccontextmanager
async def lost(way, *fate, channel=None):
    """
    An answer in mid-stream whose place is lost; what is left of it is looked at by the caller, then the journal.

    The next edit would be ten seconds away, so it is not a failed one that ends the answer.
    """
    async with town() as play, play.at_work(edit_interval_s=10):
        channel = channel(play) if channel else play.channel
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await way(play, channel)
        await play.shows(message_id, "word")
        call = await play.stage.asked()
        written = len(posted(play))
        before = time.monotonic()
        for step in fate:
            await step(play, channel, message_id)
        async with asyncio.timeout(5):
            assert await call.left() - before < 1
        await play.idle()
        assert len(posted(play)) == written
        yield play, message_id
        with closing(sqlite3.connect(f"{play.folder}/patter.db")) as database:
            assert database.execute("select count(*) from runs").fetchall() == [(0,)]


def posted(play):
    return [entry for entry in play.requests("POST") if entry.by in (None, play.chat.world.bot.id)]


def failed_edits(play):
    return [entry for entry in play.requests("PATCH") if entry.status and entry.status >= 400]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fate", FATES)
async def test_an_answer_that_has_lost_its_place_ends_at_once(way, fate):
    async with lost(way, fate) as (play, _):
        assert len(failed_edits(play)) <= 2


@pytest.mark.parametrize("fate", [may_not_send, may_not_send_by_role, kicked])
async def test_where_a_command_can_still_be_answered_the_end_says_why(fate):
    async with lost(by_command, fate) as (play, message_id):
        words = "removed from this server" if fate is kicked else "may not write here"
        last = await play.shows(message_id, "word", "failed", words)
        assert stop_button(last) is None


async def test_a_deleted_page_of_several_is_followed_by_none():
    async def way(play, channel):
        first = await play.ask(channel=channel)
        last = await play.ann.until(lambda message: play.is_answer(message) and int(message["id"]) != first)
        return int(last["id"])

    async def delete_first(play, channel, message_id):
        pages = [int(one["id"]) for one in play.ann.messages(channel) if play.is_answer(one)]
        await play.bob.delete(channel, min(pages))

    async with town() as play, play.at_work():
        play.stage.play(say(ENDLESS, pace=0.002))
        newest = await way(play, play.channel)
        call = await play.stage.asked()
        await delete_first(play, play.channel, newest)
        async with asyncio.timeout(5):
            assert await call.left()
        await play.idle()
        left = [one for one in play.ann.messages(play.channel) if play.is_answer(one)]
        assert not any(map(stop_button, left))
        assert len(left) == 1


def thread(play):
    world = play.chat.world
    world.application.flags = AppFlag.MESSAGE_CONTENT_LIMITED
    return world.start_thread(world.general, "talk", world.ann).id


async def archived(play, channel, _):
    play.chat.world.update_thread(play.chat.world.channel(channel), archived=True)


async def locked(play, channel, _):
    play.chat.world.update_thread(play.chat.world.channel(channel), locked=True)


async def may_not_send_in_threads(play, channel, _):
    world = play.chat.world
    world.overwrite(world.channel(channel).parent, world.bot, deny=Permission.SEND_MESSAGES_IN_THREADS)


async def parent_deleted(play, channel, _):
    play.chat.world.delete_channel(play.chat.world.channel(channel).parent)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fate", [archived, locked, channel_deleted, parent_deleted, may_not_send_in_threads])
async def test_an_answer_in_a_thread_that_is_closed_ends_at_once(way, fate):
    async with lost(way, fate, channel=thread) as (play, message_id):
        if fate is archived:
            assert all(one.thread.archived for one in play.chat.world.channels.values() if one.thread)
        if fate is locked:
            await play.shows(message_id, "word", "failed", "thread was closed")


async def test_a_private_answer_whose_channel_is_deleted_ends_at_once():
    async with lost(by_private_command, channel_deleted):
        pass


async def test_what_happens_elsewhere_ends_nothing():
    async with town() as play, play.at_work():
        world = play.chat.world
        other = world.add_channel(world.playground, "other")
        side = world.start_thread(world.general, "side talk", world.ann)
        play.stage.play(say(ENDLESS, pace=0.01))
        message_id = await play.ask()
        await play.shows(message_id, "word9")
        world.overwrite(other, world.bot, deny=Permission.SEND_MESSAGES)
        world.overwrite(world.general, world.bot, deny=Permission.ATTACH_FILES)
        world.update_thread(side, archived=True)
        world.delete_channel(other)
        await play.shows(message_id, "word60")
        assert play.stage.open == 1
        await play.ann.command(play.channel, "stop")
        await play.shows(message_id, "stopped by ann")
