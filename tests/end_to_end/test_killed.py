"""The bot's process is killed as by a power cut, at any moment, and started again."""

import asyncio
import os
import re
import signal
import sqlite3
import stat
from collections import Counter
from contextlib import asynccontextmanager, closing

import pytest

from bot.chat.text.captions import IN_A_THREAD
from bot.chat.threads import FIRST_LINE
from playground.chat.faults import CALLBACK, CHANNEL_MESSAGES, FOLLOWUPS, TOKEN_MESSAGE, hang
from playground.llm.script import hold, say
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import labels, stop_button, town

ENDLESS = [f"word{number} " for number in range(100_000)]
PAGE = [f"word{number} " for number in range(200)]
MENDED = "interrupted by a restart"
OPEN_THREAD = "/channels/{channel}/messages/{message}/threads"


@asynccontextmanager
async def started(play):
    """A bot process on the gateway; what it says goes to its pipes."""
    seen = len(play.chat.record.identifies)
    async with patter(folder=play.folder, EDIT_INTERVAL_S="0.2", **addresses(play.chat, play.llm)) as process:
        await play.chat.record.until_identified(seen + 1, 20)
        yield process


async def kill(process):
    process.send_signal(signal.SIGKILL)
    async with asyncio.timeout(5):
        await process.wait()


def rows(play, statement):
    with closing(sqlite3.connect(f"{play.folder}/data/patter.db")) as database:
        return database.execute(statement).fetchall()


def edited(play):
    """How often each message was edited, by its id."""
    answers = [entry.answer for entry in play.chat.record if entry.method == "PATCH" and entry.status == 200]
    return Counter(int(found[1]) for answer in answers if (found := re.match(rb'\{"id":"(\d+)"', answer)))


def answers(play, channels):
    return [one for channel in channels for one in play.ann.messages(channel) if play.is_answer(one)]


async def answered(play, channel, words="Still here."):
    """Ask something else; what a start does first it has done once that is answered."""
    play.stage.director = None
    play.stage.play(say(words))
    await play.shows(await play.ask(channel=channel), words, "tokens", within_s=10)


async def test_twenty_streams_are_ended_in_words_exactly_once():
    async with town() as play:
        world = play.chat.world
        rooms = [world.add_channel(world.playground, f"room{number}").id for number in range(4)]
        play.stage.director = lambda ask: [say(ENDLESS, pace=0.02)]
        async with started(play) as process:
            mention = f"<@{world.bot.id}>"
            for number in range(20):
                room = rooms[number % 4]
                if number % 5 == 4:
                    await play.ann.say(room, f"{mention} question {number}")
                else:
                    await play.ann.command(room, "ask", prompt=f"question {number}", private=number % 5 == 3)
            async with asyncio.timeout(20):
                await play.stage.until(lambda: play.stage.open == 20)
            for message in answers(play, rooms):
                await play.shows(int(message["id"]), "word", within_s=10)
            await kill(process)
        async with asyncio.timeout(5):
            await play.stage.until(lambda: play.stage.open == 0)
        left = answers(play, rooms)
        assert len(left) == 20
        assert all(map(stop_button, left))
        before = edited(play)
        async with started(play) as process:
            for message in left:
                last = await play.shows(int(message["id"]), MENDED, within_s=20)
                assert labels(last) == ["Retry"]
                assert words(last) == words(message)
            await answered(play, play.channel)
            process.terminate()
            await process.wait()
        assert len(answers(play, rooms)) == 20
        assert {id_: edited(play)[id_] - before[id_] for id_ in map(id_of, left)} == dict.fromkeys(map(id_of, left), 1)
        assert rows(play, "select count(*) from runs") == [(0,)]
        kept = [text.split() for (text,) in rows(play, "select text from turns where text like 'word0%'")]
        assert sorted(kept) == sorted(map(words, left))
        after = edited(play)
        async with started(play):
            await answered(play, play.channel)
        assert {id_: edited(play)[id_] for id_ in map(id_of, left)} == {id_: after[id_] for id_ in map(id_of, left)}
        assert play.chat.record.count(status=429) == 0


def id_of(message):
    return int(message["id"])


def words(message):
    return re.findall(r"word\d+", message["content"])


async def test_what_sigterm_could_not_end_in_its_time_the_next_start_does_and_nothing_twice():
    async with town() as play:
        play.stage.director = lambda ask: [say(ENDLESS, pace=0.02)]
        async with started(play) as process:
            stuck, *others = [await play.ask(f"question {number}") for number in range(4)]
            for message_id in (stuck, *others):
                await play.shows(message_id, "word")
            plan = play.chat.faults.plan(
                hang(), "PATCH", TOKEN_MESSAGE, where=lambda entry: "question 0" in entry.body["content"]
            )
            async with asyncio.timeout(10):
                await plan.met.wait()
            process.terminate()
            async with asyncio.timeout(14):
                await process.wait()
        assert stop_button(play.now(stuck))
        for message_id in others:
            await play.shows(message_id, MENDED)
        before = edited(play)
        async with started(play):
            await play.shows(stuck, "word", MENDED)
            await answered(play, play.channel)
        assert edited(play)[stuck] == before[stuck] + 1
        assert [edited(play)[one] for one in others] == [before[one] for one in others]


POINTS = {
    # name: which request hangs, whether Discord has applied it, and what is on screen after the next start
    "nothing shown": (CALLBACK, False, None),
    "first message unanswered": (CALLBACK, True, f"-# {MENDED}"),
    "mid-stream": (None, False, f"word199\n-# {MENDED}"),
    "page unposted": (FOLLOWUPS, False, MENDED),
    "page unanswered": (FOLLOWUPS, True, MENDED),
    "page full and unanswered": (FOLLOWUPS, True, MENDED),
    "end unwritten": (TOKEN_MESSAGE, False, MENDED),
    "end unanswered": (TOKEN_MESSAGE, True, "tokens"),
}
SCREENS = {**dict.fromkeys(POINTS, 1), "nothing shown": 0, "page unanswered": 2, "page full and unanswered": 2}
EDITS = {**dict.fromkeys(POINTS, 1), "nothing shown": 0, "end unanswered": 0}


async def test_whatever_was_on_its_way_the_next_start_leaves_something_true():
    """One answer a channel, each stopped at another point; all are killed at once."""
    async with town() as play:
        world = play.chat.world
        rooms = {name: world.add_channel(world.playground, f"room{n}").id for n, name in enumerate(POINTS)}
        async with started(play) as process:
            play.stage.director = speak
            await asyncio.gather(*(bring_to(play, name, room) for name, room in rooms.items()))
            await kill(process)
        play.chat.faults.clear()
        journalled = rows(play, "select channel_id from runs where token != ''")
        assert sorted(channel for (channel,) in journalled) == sorted(rooms.values())
        shown = {name: answers(play, [room]) for name, room in rooms.items()}
        assert {name: len(messages) for name, messages in shown.items()} == SCREENS
        before = edited(play)
        async with started(play) as process:
            for name, (*_, words) in POINTS.items():
                if words is not None:
                    await play.shows(id_of(shown[name][-1]), words, within_s=10)
            await answered(play, play.channel)
            process.terminate()
            await process.wait()
        mended = edited(play) - before
        assert {name: sum(mended[id_of(one)] for one in shown[name]) for name in rooms} == EDITS
        assert {name: len(answers(play, [room])) for name, room in rooms.items()} == SCREENS
        assert not [one for one in answers(play, rooms.values()) if stop_button(one)]
        assert rows(play, "select count(*) from runs") == [(0,)]
        kept = [text for (text,) in rows(play, "select text from turns where role = 'assistant'")]
        assert kept.count("end unwritten: all of it") == kept.count("end unanswered: all of it") == 1


def speak(ask):
    """Say what brings an answer to its point, with the point's name in what is written there."""
    name = ask.messages[-1]["content"]
    if name.startswith("end"):
        return [say(f"{name}: all of it")]
    if name.startswith("page"):
        return [say([f"{name} {number} " for number in range(1000)], 0.0 if "full" in name else 0.01)]
    return [say(PAGE, pace=0.0005), hold()]


async def bring_to(play, name, room):
    """Have an answer written until the point; what comes then hangs."""
    route, applied, _ = POINTS[name]

    def is_it(entry):
        content = entry.body.get("data", entry.body).get("content", "")
        return name in content and (route != TOKEN_MESSAGE or "tokens" in content)

    plan = play.chat.faults.plan(hang(applied=applied), None, route, where=is_it, times=None) if route else None
    await play.ann.command(room, "ask", prompt=name)
    if plan is None:
        await play.ann.until(lambda one: int(one["channel_id"]) == room and "word199" in one["content"])
        return
    async with asyncio.timeout(10):
        await plan.met.wait()
    if applied:
        await play.ann.until(lambda one: int(one["channel_id"]) == room and play.is_answer(one))


ON_THE_WAY = {
    # name: which request hangs, whether Discord has applied it
    "answer begun": (None, False),
    "announced, and nobody told": (CALLBACK, True),
    "thread not opened": (OPEN_THREAD, False),
    "thread opened, and nobody told": (OPEN_THREAD, True),
    "thread still empty": (CHANNEL_MESSAGES, False),
    "answer begun, and nobody told": (CHANNEL_MESSAGES, True),
}


@pytest.mark.parametrize("token", ["alive", "erased"])
async def test_an_answer_that_was_to_come_in_a_thread_is_not_announced_for_ever(token):
    async with town() as play:
        world = play.chat.world
        rooms = {name: world.add_channel(world.playground, f"room{n}").id for n, name in enumerate(ON_THE_WAY)}
        async with started(play) as process:
            play.stage.director = lambda _: [say("one two"), hold()]
            for name, room in rooms.items():
                await announce(play, name, room)
            await kill(process)
        play.chat.faults.clear()
        if token == "erased":
            change(play, "update runs set token = ''")
        before = edited(play)
        async with started(play) as process:
            for name, room in rooms.items():
                (line,) = answers(play, [room])
                if not name.startswith("answer begun"):
                    line = await play.shows(id_of(line), f"> **{name}**\n-# {MENDED} · smol", within_s=10)
                    assert labels(line) == ["Retry"]
            begun = [
                await play.ann.until(lambda one, text=text: f"{text}-# {MENDED}" in one["content"], 10)
                for text in ("one two\n", f"{FIRST_LINE}\n")
            ]
            await answered(play, play.channel)
            mended = edited(play) - before
            play.stage.play(say("After all."))
            (line,) = answers(play, [rooms["thread still empty"]])
            await play.ann.click(line, f"retry:{play.ann.id}")
            await play.shows(id_of(line), "> **thread still empty**\nAfter all.\n-# smol", within_s=10)
            assert play.prompt() == [("user", "thread still empty")]
            process.terminate()
            await process.wait()
        true, *lines, true_as_well = answers(play, rooms.values())
        assert true["content"] == f"> **answer begun**\n{IN_A_THREAD}"
        assert true_as_well["content"] == f"> **answer begun, and nobody told**\n{IN_A_THREAD}"
        assert [mended[id_of(one)] for one in (*begun, *lines)] == [1] * 6
        assert [mended[id_of(one)] for one in (true, true_as_well)] == [0, 0]
        assert rows(play, "select count(*) from runs") == [(0,)]


async def announce(play, name, room):
    """Have a thread opened for an answer until the point; what comes then hangs."""
    route, applied = ON_THE_WAY[name]

    def is_it(entry):
        if route == CALLBACK:
            return name in entry.body["data"]["content"]
        return route == CHANNEL_MESSAGES or entry.body["name"] == name

    plan = play.chat.faults.plan(hang(applied=applied), "POST", route, where=is_it) if route else None
    await play.ann.command(room, "ask", prompt=name, thread=True)
    if plan is None:
        await play.ann.until(lambda one: "one two" in one["content"])
        return
    async with asyncio.timeout(10):
        await plan.met.wait()
    await play.ann.until(lambda one: int(one["channel_id"]) == room and play.is_answer(one))


def change(play, statement):
    with closing(sqlite3.connect(f"{play.folder}/data/patter.db")) as database, database:
        database.execute(statement)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no modes")
async def test_the_memory_is_readable_by_its_owner_alone():
    async with town() as play, started(play):
        await answered(play, play.channel)
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(f"{play.folder}/data")}
        assert modes["patter.db"] == 0o600
        assert set(modes.values()) == {0o600}
