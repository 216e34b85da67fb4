"""What is deleted can no longer be read from the files."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import Engine, event

from bot.core.memory import Speaker
from bot.store.store import open_store
from tests.bot.store.material import BERT, NOW, entry, url_of

LONG = "SECRET-WORDS " * 3000  # more than a page of the file


def traces(path, *words):
    files = b"".join(found.read_bytes() for found in path.parent.iterdir() if "-shm" not in found.name)
    return [word for word in words if word.encode() in files]


@pytest.fixture(autouse=True)
def _sqlite_as_it_is_by_default():
    """Some builds overwrite what is deleted without being asked to."""

    def leave_traces(connection, _record):
        connection.execute("PRAGMA secure_delete = OFF")

    event.listen(Engine, "connect", leave_traces)
    yield
    event.remove(Engine, "connect", leave_traces)


@pytest.fixture
async def told(store, turns):
    """A question and an answer of somebody, among others' turns."""
    carol = Speaker(30, "Carol-the-asker")
    question = turns.ask("SECRET-QUESTION", speaker=carol)
    answer = turns.answer(LONG, question, speaker=carol)
    other = turns.ask("kept", after=answer, speaker=BERT)
    for filler in range(40):
        await store.conversations.add(turns.ask(f"filler {filler}" * 20, speaker=BERT))
    await store.conversations.add(question, answer, other, shown_by={question.id: [11], answer.id: [12]})
    await store.journal.begin(entry(asker=carol, token="SECRET-TOKEN", begun_at=10.0))
    return question, answer


WORDS = ("SECRET-QUESTION", "SECRET-WORDS", "Carol-the-asker")


async def test_of_a_person_who_is_forgotten(store, told, path):
    assert traces(path, *WORDS) == list(WORDS)
    await store.conversations.forget(30, NOW)
    assert traces(path, *WORDS, "kept", "SECRET-TOKEN") == ["kept", "SECRET-TOKEN"]


async def test_of_what_has_expired(store, told, path):
    await store.conversations.expire(10.0**9)
    assert traces(path, "SECRET-QUESTION", "SECRET-WORDS", "kept") == []


async def test_of_a_deleted_message(store, told, path):
    await store.conversations.drop_messages([11])
    assert traces(path, "SECRET-QUESTION", "kept") == ["kept"]


async def test_of_a_dropped_turn(store, told, path):
    await store.conversations.drop(told[1].id)
    assert traces(path, "SECRET-WORDS", "kept") == ["kept"]


async def test_of_the_text_before_an_edit(store, told, path):
    assert await store.conversations.edit(11, "NEW-QUESTION")
    assert traces(path, "SECRET-QUESTION", "NEW-QUESTION") == ["NEW-QUESTION"]


async def test_of_an_old_token(store, told, path):
    await store.journal.erase_tokens(11.0)
    assert traces(path, "SECRET-TOKEN") == []


async def test_of_what_was_deleted_while_another_program_was_reading(path, turns):
    """The log cannot be emptied then, and nobody waits for that more than once; it is emptied at the end."""
    reader = sqlite3.connect(path, isolation_level=None)
    async with open_store(url_of(path)) as store:
        question = turns.ask("SECRET-QUESTION")
        await store.conversations.add(question)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM turns").fetchall()
        await store.conversations.drop(question.id)
        assert traces(path, "SECRET-QUESTION"), "the reader was in nobody's way"
        async with asyncio.timeout(4):
            for number in range(6):
                await store.places.first_time(number, "x")
        reader.close()
    assert traces(path, "SECRET-QUESTION") == []


async def test_of_what_was_deleted_before_a_crash(path, turns):
    """The next start empties the log that a killed process has left behind."""
    async with open_store(url_of(path)) as store:
        question = turns.ask("SECRET-QUESTION")
        await store.conversations.add(question)
    holder = sqlite3.connect(path, isolation_level=None)  # with it open, closing does not remove the log
    holder.execute("PRAGMA secure_delete = ON")
    holder.execute("DELETE FROM turns")
    async with open_store(url_of(path)) as store:
        await store.places.first_time(1, "x")
        assert traces(path, "SECRET-QUESTION") == []
    holder.close()
