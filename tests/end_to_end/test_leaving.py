"""What was said where nobody can be any more is forgotten: deleted channels and threads, servers that were left."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.chat import leaving
from playground.chat.permissions import Permission
from playground.llm.script import hold, say
from tests.end_to_end.scene import town
from tests.end_to_end.talk import ask_and_hear, say_and_hear, to_bot


@pytest.fixture(autouse=True)
def asks_quickly(monkeypatch):
    monkeypatch.setattr(leaving, "ASK_EVERY_S", 0.01)


@asynccontextmanager
async def a_talk_everywhere():
    """Something was said in two channels, in a thread, in a DM, and on another server; a bot is at work."""
    async with town() as play:
        play.stage.director = lambda _: [say(f"Answer {len(play.stage.asks) - 1}.")]
        world = play.chat.world
        play.elsewhere = world.add_guild("Elsewhere", world.owner)
        for user in (world.bot, world.ann):
            world.join(play.elsewhere, user)
        there = world.add_channel(play.elsewhere, "there")
        async with play.at_work():
            await ask_and_hear(play, "in general")
            answer = await ask_and_hear(play, "in side", channel=world.side.id)
            await say_and_hear(play, to_bot(play, "from side"), reply_to=answer, channel=world.side.id)
            await ask_and_hear(play, "in a thread", thread=True)
            await ask_and_hear(play, "in a dm", channel=await play.ann.dm(world.bot.id))
            await ask_and_hear(play, "elsewhere", channel=there.id)
            play.thread = next(one for one in world.channels.values() if one.thread)
            yield play


def questions(play):
    with closing(sqlite3.connect(Path(play.folder, "patter.db"))) as connection:
        found = connection.execute("select text from turns where role = 'user' order by id").fetchall()
    return [text for (text,) in found]


async def come_to(play, *expected):
    """Wait until just these questions are kept."""
    async with asyncio.timeout(5):
        while questions(play) != [*expected]:  # noqa: ASYNC110 - nobody is told when it is done
            await asyncio.sleep(0.02)


SIDE = ("in side", "from side")


async def test_of_a_deleted_channel_and_of_a_deleted_thread_nothing_is_kept():
    async with a_talk_everywhere() as play:
        world = play.chat.world
        world.delete_channel(world.side)
        await come_to(play, "in general", "in a thread", "in a dm", "elsewhere")
        world.delete_channel(play.thread)
        await come_to(play, "in general", "in a dm", "elsewhere")


@pytest.mark.parametrize("archived", [False, True])
async def test_with_a_channel_go_its_threads(archived):
    async with a_talk_everywhere() as play:
        play.chat.world.update_thread(play.thread, archived=archived)
        play.chat.world.delete_channel(play.chat.world.general)
        await come_to(play, *SIDE, "in a dm", "elsewhere")


@pytest.mark.parametrize("fate", ["kicked", "deleted"])
async def test_of_a_server_that_was_left_nothing_is_kept(fate):
    async with a_talk_everywhere() as play:
        world = play.chat.world
        if fate == "kicked":
            world.leave(world.playground, world.bot)
        else:
            world.delete_guild(world.playground)
        await come_to(play, "in a dm", "elsewhere")


async def test_an_answer_under_way_there_is_not_kept_either():
    async with a_talk_everywhere() as play:
        world, gate = play.chat.world, asyncio.Event()
        play.stage.play(say("one two"), hold(gate))
        await play.shows(await play.ask("under way", channel=world.side.id), "one two")
        world.delete_channel(world.side)
        await play.idle()
        await come_to(play, "in general", "in a thread", "in a dm", "elsewhere")


async def test_what_happened_while_the_bot_was_away_is_found_at_its_start():
    async with a_talk_everywhere() as play:
        world = play.chat.world
        await play.bot.close()
        world.leave(play.elsewhere, world.bot)
        world.delete_channel(world.side)
        async with play.at_work():
            await come_to(play, "in general", "in a thread", "in a dm")


async def test_a_bot_that_was_never_on_a_server_has_not_left_it():
    async with a_talk_everywhere() as play:
        world, kept = play.chat.world, questions(play)
        await play.bot.close()
        with closing(sqlite3.connect(Path(play.folder, "patter.db"))) as database, database:
            database.execute("update told set what = 'bot 1' where what = ?", (f"bot {world.application.id}",))
        world.leave(play.elsewhere, world.bot)
        world.delete_channel(world.side)
        async with play.at_work():
            await come_to(play, *(one for one in kept if one not in SIDE))


async def test_a_server_joined_while_the_bot_is_up_can_be_left_while_it_is_away():
    async with town() as play:
        world = play.chat.world
        async with play.at_work():
            guild = world.add_guild("New", world.owner)
            room = world.add_channel(guild, "room")
            world.join(guild, world.ann)
            world.join(guild, world.bot)
            play.stage.director = lambda _: [say("Answer 0.")]
            await ask_and_hear(play, "in a new place", channel=room.id)
        world.leave(guild, world.bot)
        async with play.at_work():
            await come_to(play)


@pytest.mark.parametrize("hidden", [False, True])
async def test_an_outage_costs_nothing_nor_does_an_archived_thread_even_a_hidden_one(hidden):
    async with a_talk_everywhere() as play:
        world, kept = play.chat.world, questions(play)
        world.lose(play.elsewhere)
        await play.bot.close()
        world.update_thread(play.thread, archived=True)
        if hidden:
            world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
        async with play.at_work():
            async with asyncio.timeout(5):
                while not looks(play):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.02)
            await ask_and_hear(play, "after that", channel=world.side.id)
            assert questions(play) == [*kept, "after that"]
            assert [entry.status for entry in looks(play)] == [403 if hidden else 200]


def looks(play):
    return [entry for entry in play.requests("GET") if entry.route == "/channels/{channel}"]
