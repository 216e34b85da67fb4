import pytest

from bot.core.errors import StoreError
from bot.core.memory import Place
from bot.store.store import open_store
from tests.bot.store.material import entry, url_of


async def test_an_entry_comes_back_as_it_was_given(store):
    full = entry(place=Place(5, None), private=True, answer_id=2**62, application_id=7, token="abc", message_ids=(3, 9))
    await store.journal.begin(full)
    assert await store.journal.unfinished() == [full]


async def test_what_has_ended_is_not_unfinished(store):
    await store.journal.begin(entry("one", message_ids=(1,)))
    await store.journal.begin(entry("two"))
    await store.journal.end("one")
    await store.journal.end("one")
    assert [entry.run_id for entry in await store.journal.unfinished()] == ["two"]


async def test_the_oldest_comes_first(store):
    for run_id, begun_at in (("b", 3.25), ("a", 9.0), ("c", 1.0)):
        await store.journal.begin(entry(run_id, begun_at=begun_at))
    assert [entry.run_id for entry in await store.journal.unfinished()] == ["c", "b", "a"]


async def test_messages_are_added_once_each_and_come_oldest_first(store):
    await store.journal.begin(entry(message_ids=(20,)))
    await store.journal.add_messages("run", [30, 10, 30])
    await store.journal.add_messages("run", [10, 40])
    [found] = await store.journal.unfinished()
    assert found.message_ids == (10, 20, 30, 40)


async def test_messages_of_an_answer_that_was_never_begun_are_ignored(store):
    await store.journal.add_messages("unknown", [1])
    assert await store.journal.unfinished() == []


async def test_only_old_tokens_are_erased(store):
    await store.journal.begin(entry("old", begun_at=100.0, token="t1"))
    await store.journal.begin(entry("new", begun_at=200.0, token="t2"))
    await store.journal.erase_tokens(200.0)
    assert [entry.token for entry in await store.journal.unfinished()] == ["", "t2"]


async def test_what_was_begun_is_there_after_a_restart(path):
    async with open_store(url_of(path)) as store:
        await store.journal.begin(entry(message_ids=(4,)))
    async with open_store(url_of(path)) as store:
        assert await store.journal.unfinished() == [entry(message_ids=(4,))]


async def test_the_same_answer_cannot_begin_twice(store):
    await store.journal.begin(entry())
    with pytest.raises(StoreError, match="CONSTRAINT"):
        await store.journal.begin(entry())
    assert await store.journal.unfinished() == [entry()]
