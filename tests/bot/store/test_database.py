"""What holds for all operations: commits in groups, independence of each other, and silence in the log."""

import asyncio
import logging
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from bot.core.errors import StoreError
from bot.store.database import Database
from bot.store.store import open_store
from tests.bot.store.material import ANNA, NOW, entry, url_of


@pytest.fixture
def commits():
    """Counts commits."""
    seen = []
    event.listen(Engine, "commit", count := lambda _: seen.append(1))
    yield seen
    event.remove(Engine, "commit", count)


async def test_writes_that_wait_are_committed_together(store, commits):
    await asyncio.gather(*(store.journal.begin(entry(f"run {number}")) for number in range(200)))
    assert 1 <= len(commits) <= 5
    assert len(await store.journal.unfinished()) == 200


async def test_writes_keep_their_order(store):
    await asyncio.gather(
        store.journal.begin(entry()), store.journal.add_messages("run", [1]), store.journal.end("run"),
        store.journal.begin(entry(message_ids=(2,))),
    )  # fmt: skip
    assert await store.journal.unfinished() == [entry(message_ids=(2,))]


async def test_a_write_that_fails_takes_no_other_with_it(store, turns):
    await store.journal.begin(entry("twice"))
    too_large = replace(turns.ask(), tokens=2**70)
    half = turns.ask("half of what is asked for"), replace(turns.ask("unstorable"), tokens=2**70)
    good = turns.ask("good")
    results = await asyncio.gather(
        store.journal.begin(entry("before")),
        store.journal.begin(entry("twice")),
        store.conversations.add(*half),
        store.conversations.add(too_large),
        store.conversations.add(good),
        store.journal.begin(entry("after")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        type(None), StoreError, StoreError, StoreError, type(None), type(None),
    ]  # fmt: skip
    assert {found.run_id for found in await store.journal.unfinished()} == {"before", "twice", "after"}
    assert await store.conversations.turn(good.id) == good
    assert await store.conversations.turn(half[0].id) is None


async def test_half_a_surrogate_pair_is_kept_as_what_stands_for_no_character(store, turns):
    said = turns.ask("a \ud800 b")
    await store.conversations.add(said)
    assert await store.conversations.turn(said.id) == replace(said, text="a \ufffd b")


async def test_a_write_that_fails_is_no_outage(store, caplog):
    await store.journal.begin(entry())
    with pytest.raises(StoreError):
        await store.journal.begin(entry())
    await store.journal.end("run")
    assert not caplog.records


async def test_a_cancelled_caller_harms_nobody(store, turns):
    """Whatever the moment, the others' writes and reads succeed, and so does what was cancelled."""
    question = turns.ask()
    await store.conversations.add(question)
    for moment in range(12):
        cancelled = [
            asyncio.create_task(store.journal.begin(entry(f"cancelled {moment}"))),
            asyncio.create_task(store.conversations.path(question.id)),
        ]
        other = asyncio.create_task(store.journal.begin(entry(f"other {moment}")))
        for _ in range(moment):
            await asyncio.sleep(0)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)
        await other
    assert await store.conversations.path(question.id) == [question]
    await store.journal.end("cancelled 0")
    found = {found.run_id for found in await store.journal.unfinished()}
    assert found >= {f"other {moment}" for moment in range(12)}
    assert found >= {f"cancelled {moment}" for moment in range(1, 12)}


async def test_reads_and_writes_from_many_tasks_at_once(store, turns):
    root = turns.ask()
    await store.conversations.add(root, shown_by={root.id: [1]})
    answers = [turns.answer(str(number), root) for number in range(60)]

    async def talk(answer):
        await store.conversations.add(replace(answer, text=None))
        await store.conversations.finish(answer.id, answer.text)
        return await store.conversations.path(answer.id)

    assert await asyncio.gather(*map(talk, answers)) == [[root, answer] for answer in answers]


async def test_what_was_asked_for_is_carried_out_before_the_store_closes(path):
    async with open_store(url_of(path)) as store:
        begun = [asyncio.create_task(store.journal.begin(entry(f"{number}"))) for number in range(30)]
        await asyncio.sleep(0)
    await asyncio.gather(*begun)
    with pytest.raises(StoreError):
        await store.journal.end("1")
    with pytest.raises(StoreError):
        await store.journal.unfinished()
    async with open_store(url_of(path)) as store:
        assert len(await store.journal.unfinished()) == 30


async def test_a_commit_outlives_a_power_cut_whatever_sqlite_was_built_with(path):
    def be_careless(connection, _record):
        for pragma in ("synchronous = OFF", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")

    async def pragmas(connection):
        names = ("synchronous", "foreign_keys", "journal_mode")
        return [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in names]

    event.listen(Engine, "connect", be_careless)
    database = Database(url_of(path), retry_s=0)
    await database.open()
    try:
        assert await database.read(pragmas) == await database.write(pragmas) == [2, 1, "wal"]  # 2 is FULL
    finally:
        event.remove(Engine, "connect", be_careless)
        await database.aclose()


async def test_two_processes_may_share_a_file(path):
    """The old one is still ending its answers when the new one starts."""
    async with open_store(url_of(path)) as old, open_store(url_of(path)) as new:
        await asyncio.gather(*(one.places.first_time(number, "x") for number in range(20) for one in (old, new)))
        await old.journal.begin(entry())
        assert await new.journal.unfinished() == [entry()]


async def test_nothing_that_was_said_is_logged(path, turns, caplog):
    caplog.set_level(logging.DEBUG)
    async with open_store(url_of(path)) as store:
        question = turns.ask("the prompt")
        await store.conversations.add(question)
        await store.conversations.path(question.id)
        await store.journal.begin(entry(token="the token"))
        with pytest.raises(StoreError) as caught:
            await store.conversations.add(question)
        await store.conversations.forget(ANNA.id, NOW)
    chain = [caught.value]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    told = caplog.text + "".join(map(repr, chain)) + "".join(map(str, chain))
    assert len(chain) > 1
    assert "the prompt" not in told
    assert "the token" not in told


@pytest.fixture
def statements():
    """Note each statement that a database is given; one with many rows counts once."""
    given = []

    def note(_connection, _cursor, statement, *_):
        given.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield given
    event.remove(Engine, "before_cursor_execute", note)


async def test_alike_writes_that_wait_are_one_statement_with_many_rows(store, turns, statements):
    questions = [turns.ask(f"q{number}") for number in range(40)]
    await store.conversations.add(*questions)
    await asyncio.gather(*(store.journal.begin(entry(f"run{number}")) for number in range(40)))
    statements.clear()
    await asyncio.gather(
        *(store.journal.add_messages(f"run{number}", [number + 1]) for number in range(40)),
        *(store.conversations.link(question.id, [number + 1]) for number, question in enumerate(questions)),
        *(store.journal.end(f"run{number}") for number in range(20)),
    )
    assert len([statement for statement in statements if statement[:6] in {"INSERT", "DELETE"}]) <= 3 + 3
    assert {one.run_id: one.message_ids for one in await store.journal.unfinished()} == {
        f"run{number}": (number + 1,) for number in range(20, 40)
    }
    assert [await store.conversations.messages_of(one.id) for one in questions] == [[n + 1] for n in range(40)]


async def test_alike_writes_find_what_they_refer_to_though_others_of_their_kind_came_before_it(store):
    await store.journal.begin(entry("earlier"))
    await asyncio.gather(
        store.journal.add_messages("earlier", [1]), store.journal.begin(entry()), store.journal.add_messages("run", [2])
    )
    assert {one.run_id: one.message_ids for one in await store.journal.unfinished()} == {"earlier": (1,), "run": (2,)}


async def test_of_alike_writes_only_the_one_at_fault_fails(store):
    await store.journal.begin(entry("run7"))
    begun = [store.journal.begin(entry(f"run{number}")) for number in range(20)]
    ended = await asyncio.gather(*begun, return_exceptions=True)
    assert [number for number, result in enumerate(ended) if isinstance(result, StoreError)] == [7]
    assert len(await store.journal.unfinished()) == 20
