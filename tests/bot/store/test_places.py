import asyncio

import pytest

from bot.core.memory import Place, PlaceSettings
from bot.store.store import open_store
from tests.bot.store.material import url_of

GUILD, CHANNEL, THREAD = 2, 1, 3


async def test_defaults_hold_where_nothing_is_set(store):
    assert await store.places.settings(Place(CHANNEL, GUILD)) == PlaceSettings()
    assert await store.places.settings(Place(CHANNEL)) == PlaceSettings()


@pytest.mark.parametrize(
    ("guild", "channel", "thread", "expected"),
    [
        (True, None, None, True),
        (True, False, None, False),
        (False, True, None, True),
        (False, False, True, True),
        (True, None, False, False),
    ],
)
async def test_the_nearest_setting_holds(store, guild, channel, thread, expected):
    for scope_id, value in ((GUILD, guild), (CHANNEL, channel), (THREAD, thread)):
        await store.places.change(scope_id, auto_threads=value)
    found = await store.places.settings(Place(THREAD, GUILD), parent_id=CHANNEL)
    assert found.auto_threads is expected


async def test_none_takes_a_setting_back(store):
    await store.places.change(GUILD, auto_threads=True)
    await store.places.change(CHANNEL, auto_threads=False)
    await store.places.change(CHANNEL, auto_threads=None)
    assert (await store.places.settings(Place(CHANNEL, GUILD))).auto_threads is True


async def test_another_guild_is_not_touched(store):
    await store.places.change(GUILD, auto_threads=True)
    assert await store.places.settings(Place(CHANNEL, guild_id=99)) == PlaceSettings()


async def test_lists_come_back_as_they_were_set(store):
    await store.places.change(GUILD, allowed_roles=(2**60, 3), models=("smol", "hf.co/a:b"), blocked_roles=())
    found = await store.places.settings(Place(CHANNEL, GUILD))
    assert found == PlaceSettings(allowed_roles=(2**60, 3), models=("smol", "hf.co/a:b"))


async def test_what_another_process_changes_holds_as_soon_as_what_was_kept_is_old(path):
    here = Place(CHANNEL, GUILD)
    async with open_store(url_of(path)) as store, open_store(url_of(path)) as other:
        assert (await store.places.settings(here)).auto_threads is False
        await other.places.change(GUILD, auto_threads=True)
        assert (await store.places.settings(here)).auto_threads is False
        store.places._kept_until = asyncio.get_running_loop().time()
        assert (await store.places.settings(here)).auto_threads is True


async def test_a_setting_that_is_read_while_it_is_changed_is_not_kept(store):
    here = Place(CHANNEL, GUILD)
    change = store.places.change(GUILD, auto_threads=True)
    await asyncio.gather(store.places.settings(here), change, store.places.settings(here))
    assert (await store.places.settings(here)).auto_threads is True


async def test_settings_outlive_a_restart(path):
    async with open_store(url_of(path)) as store:
        await store.places.change(GUILD, auto_threads=True)
        assert await store.places.first_time(CHANNEL, "hint")
    async with open_store(url_of(path)) as store:
        assert (await store.places.settings(Place(CHANNEL, GUILD))).auto_threads is True
        assert not await store.places.first_time(CHANNEL, "hint")


async def test_a_setting_that_there_is_not_is_refused(store):
    with pytest.raises(TypeError, match="no_such"):
        await store.places.change(GUILD, no_such=1)


async def test_of_many_who_ask_at_once_just_one_is_the_first(store):
    firsts = await asyncio.gather(*(store.places.first_time(CHANNEL, "hint") for _ in range(20)))
    assert sum(firsts) == 1
    assert await store.places.first_time(CHANNEL, "another hint")
    assert await store.places.first_time(THREAD, "hint")
