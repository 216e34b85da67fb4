"""What is left half-written by a process that was ended is ended in words by the next one, once."""

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from playground.chat.faults import CALLBACK, hang, server_error
from playground.chat.permissions import Permission
from playground.llm.script import hold, say
from tests.end_to_end.scene import labels, stop_button, town

WORDS = [f"word{number} " for number in range(200)]


async def crash(play):
    """End the answers where they are, as a power cut would."""
    await play.bot.services.runs.close(0)


def rows(play, statement):
    with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database:
        return database.execute(statement).fetchall()


def edits(play, message_id):
    """The requests that have changed a message; its first one made it."""
    there = str(message_id)
    own = [one for one in play.chat.record if one.params.get("message") in {there, "@original"}]
    return [one for one in own if one.method == "PATCH" and there.encode() in one.answer]


async def half_written(play, prompt="Why?", **options):
    """Ask, and give the id of the message once words are there; the rest of the answer never comes."""
    play.stage.play(say("one two three"), hold())
    message_id = await play.ask(prompt, **options)
    await play.shows(message_id, "one two three")
    return message_id


async def test_a_half_written_answer_is_ended_in_words_once_with_its_text_and_retry():
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play)
            await crash(play)
        assert stop_button(play.now(message_id))
        before = len(edits(play, message_id))
        async with play.at_work():
            last = await play.shows(message_id, "> **Why?**\none two three\n-# interrupted by a restart · smol")
            assert labels(last) == ["Retry"]
        async with play.at_work():
            play.stage.play(say("Still here."))
            await play.shows(await play.ask(), "Still here.")
        assert len(edits(play, message_id)) == before + 1
        assert rows(play, "select count(*) from runs") == [(0,)]
        assert ("one two three",) in rows(play, "select text from turns where role = 'assistant'")


@pytest.mark.parametrize("noted", [True, False])
async def test_after_mending_retry_answers_in_the_same_message(noted):
    """Whether or not it was written down yet what the message shows."""
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play, "Why so?")
            await crash(play)
        if not noted:
            with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
                database.execute("delete from turn_messages where message_id = ?", (message_id,))
        async with play.at_work():
            last = await play.shows(message_id, "interrupted")
            play.stage.play(say("Because."))
            await play.ann.click(last, f"retry:{play.ann.id}")
            await play.shows(message_id, "> **Why so?**\nBecause.\n-# smol")
            assert play.prompt() == [("user", "Why so?")]


async def test_a_private_answer_is_mended_by_its_token():
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play, private=True)
            await crash(play)
        async with play.at_work():
            last = await play.shows(message_id, "one two three\n-# interrupted by a restart")
            assert labels(last) == ["Retry"]


async def test_a_private_answer_whose_id_was_lost_is_found_as_the_response():
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play, private=True)
            await crash(play)
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute("delete from run_messages")
        async with play.at_work():
            await play.shows(message_id, "one two three\n-# interrupted by a restart")


async def test_a_private_answer_whose_token_was_erased_is_dropped_quietly(caplog):
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play, private=True)
            await crash(play)
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute("update runs set begun_at = begun_at - 900")
        async with play.at_work():
            play.stage.play(say("Still here."))
            await play.shows(await play.ask(), "Still here.")
        assert stop_button(play.now(message_id))
        assert rows(play, "select count(*) from runs") == [(0,)]
        assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


async def test_where_the_bot_may_not_look_the_token_mends():
    async with town() as play:
        world = play.chat.world
        world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
        async with play.at_work():
            message_id = await half_written(play)
            await crash(play)
        async with play.at_work():
            await play.shows(message_id, "one two three\n-# interrupted by a restart")


async def test_a_token_is_erased_once_it_is_dead_whatever_else_fails():
    async with town() as play:
        async with play.at_work():
            await half_written(play)
            await crash(play)
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute("update runs set begun_at = begun_at - 901")
        assert rows(play, "select count(*) from runs where token != ''") == [(1,)]
        play.chat.faults.plan(server_error(503), "GET", "/channels/{channel}/messages/{message}", times=None)
        async with play.at_work():
            async with asyncio.timeout(5):
                while rows(play, "select token from runs") != [("",)]:  # noqa: ASYNC110 - nobody is told
                    await asyncio.sleep(0.02)


@pytest.mark.parametrize("fate", ["deleted", "forbidden"])
async def test_a_reply_that_is_gone_or_forbidden_is_dropped_quietly(fate, caplog):
    async with town() as play:
        async with play.at_work():
            play.stage.play(say("one two three"), hold())
            await play.ann.say(play.channel, f"<@{play.chat.world.bot.id}> Why?")
            answer = await play.ann.until(lambda message: "one two three" in message["content"])
            await crash(play)
        world = play.chat.world
        if fate == "deleted":
            await play.bob.delete(play.channel, int(answer["id"]))
        else:
            world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
        async with play.at_work():
            play.stage.play(say("Still here."))
            await play.shows(await play.ask(), "Still here.")
        assert rows(play, "select count(*) from runs") == [(0,)]
        assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


async def test_a_reply_whose_id_was_lost_is_found_by_its_stop_button():
    async with town() as play:
        async with play.at_work():
            play.stage.play(say("one two three"), hold())
            await play.ann.say(play.channel, f"<@{play.chat.world.bot.id}> Why?")
            answer = await play.ann.until(lambda message: "one two three" in message["content"])
            await crash(play)
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute("delete from run_messages")
        for number in range(3):
            await play.bob.say(play.channel, f"something else {number}")
        async with play.at_work():
            last = await play.shows(int(answer["id"]), "one two three\n-# interrupted by a restart")
            assert labels(last) == ["Retry"]


async def test_what_nobody_can_mend_is_in_the_way_of_nothing_else(caplog):
    async with town() as play:
        async with play.at_work():
            message_id = await half_written(play)
            await crash(play)
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute(
                "insert into runs"
                " select 'x', channel_id, guild_id, asker_id, '', 0, 'smol', 1e18, null, 0, '' from runs"
            )
            database.execute("update runs set token = '' where run_id != 'x'")
            database.execute("delete from run_messages")
        async with play.at_work():
            await play.shows(message_id, "one two three\n-# interrupted by a restart")
    assert "answer x: mending failed" in caplog.text
    caplog.clear()


async def test_an_answer_that_had_just_ended_is_kept_and_not_written_again():
    async with town() as play:
        async with play.at_work():
            play.stage.play(say("All of it."))
            message_id = await play.ask()
            await play.shows(message_id, "tokens")
            await play.idle()
        asked = rows(play, "select channel_id, guild_id, speaker_id from turns where role = 'assistant'")[0]
        with closing(sqlite3.connect(Path(play.folder) / "patter.db")) as database, database:
            database.execute("update turns set text = null where role = 'assistant'")
            database.execute(
                "insert into runs select 'x', ?, ?, ?, '', 0, 'smol', strftime('%s'), id, 0, '' from turns"
                " where role = 'assistant'",
                asked,
            )
            database.execute("insert into run_messages values ('x', ?)", (message_id,))
        before = len(edits(play, message_id))
        async with play.at_work():
            play.stage.play(say("Still here."))
            await play.shows(await play.ask(), "Still here.")
        assert len(edits(play, message_id)) == before
        assert rows(play, "select count(*) from runs") == [(0,)]
        assert ("All of it.",) in rows(play, "select text from turns")


async def test_a_retry_that_never_began_leaves_the_old_answer_alone():
    async with town() as play:
        async with play.at_work():
            play.stage.play(say("The old one."))
            message_id = await play.ask()
            last = await play.shows(message_id, "tokens")
            await play.idle()
            play.chat.faults.plan(hang(), "POST", CALLBACK)
            play.stage.play(hold())
            await play.ann.click(last, f"retry:{play.ann.id}")
            await play.stage.asked(1)
            await crash(play)
        async with play.at_work():
            play.stage.play(say("Still here."))
            await play.shows(await play.ask(), "Still here.")
        assert play.now(message_id)["content"] == last["content"]
        assert rows(play, "select count(*) from runs") == [(0,)]
        assert rows(play, "select count(*) from turns where text = 'The old one.'") == [(1,)]


async def test_new_answers_do_not_wait_for_the_mending_of_many():
    async with town() as play:
        async with play.at_work():
            play.stage.director = lambda ask: [say("one two three"), hold()]
            mention = f"<@{play.chat.world.bot.id}>"
            await asyncio.gather(*(play.ann.say(play.channel, f"{mention} {number}") for number in range(12)))
            async with asyncio.timeout(20):
                await play.stage.until(lambda: play.stage.open == 12)
            await crash(play)
        left = [message for message in play.ann.messages(play.channel) if stop_button(message)]
        play.stage.director = None
        async with play.at_work():
            play.stage.play(say("At once."))
            answer = await play.ask()
            await play.shows(answer, "At once.", "tokens", within_s=2)
            for message in left:
                await play.shows(int(message["id"]), "interrupted", within_s=10)
        assert play.chat.record.count(status=429) == 0


async def test_what_is_on_disk_is_readable_by_its_owner_alone():
    async with town() as play, play.at_work():
        await half_written(play)
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(play.folder)}
        assert modes["patter.db"] == 0o600
        assert set(modes.values()) == {0o600}
        await crash(play)
