"""Threads: made from messages, archived, locked."""

import pytest

from playground.chat.permissions import Permission


@pytest.fixture
async def message(bot, general):
    return (await bot("POST", f"{general}/messages", {"content": "start"})).id


@pytest.fixture
async def thread(bot, general, message):
    return (await bot("POST", f"{general}/messages/{message}/threads", {"name": "talk"})).body


async def test_a_thread_takes_the_id_of_its_message(bot, general, message, thread, world):
    assert thread["id"] == str(message)
    assert (thread["type"], thread["parent_id"], thread["name"]) == (11, str(world.general.id), "talk")
    assert thread["thread_metadata"]["archived"] is False
    shown = (await bot("GET", f"{general}/messages/{message}")).body
    assert (shown["thread"]["id"], shown["flags"] & 32) == (str(message), 32)
    again = await bot("POST", f"{general}/messages/{message}/threads", {"name": "talk"})
    assert again.refusal == (400, 160004)


async def test_threads_do_not_nest_and_dms_have_none(bot, thread, world, ann):
    inside = await bot("POST", f"/channels/{thread['id']}/messages", {"content": "x"})
    path = f"/channels/{thread['id']}/messages/{inside.id}/threads"
    assert (await bot("POST", path, {"name": "deeper"})).refusal == (400, 50024)
    dm = await ann.dm(world.bot.id)
    said = await bot("POST", f"/channels/{dm}/messages", {"content": "x"})
    assert (await bot("POST", f"/channels/{dm}/messages/{said.id}/threads", {"name": "x"})).refusal == (400, 50024)


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x" * 101}, {"name": "x", "auto_archive_duration": 61}])
async def test_names_and_periods_out_of_bounds_are_refused(bot, general, message, body):
    assert (await bot("POST", f"{general}/messages/{message}/threads", body)).refusal == (400, 50035)


async def test_the_thread_is_told_before_its_first_message(bot, general, message, ann):
    events = ann.events()
    await bot("POST", f"{general}/messages/{message}/threads", {"name": "talk"})
    names = [(await anext(events))[0] for _ in range(3)]
    assert names == ["THREAD_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"]
    assert ann.channel("talk") == message


async def test_an_archived_thread_takes_no_edit_and_a_message_wakes_it(bot, world, thread, ann):
    channel = world.channels[int(thread["id"])]
    path = f"/channels/{channel.id}/messages"
    message = await bot("POST", path, {"content": "x"})
    world.update_thread(channel, archived=True)
    assert (await bot("PATCH", f"{path}/{message.id}", {"content": "y"})).refusal == (400, 50083)
    assert (await bot("PUT", f"{path}/{message.id}/reactions/%F0%9F%9B%91/@me")).refusal == (400, 50083)
    events = ann.events()
    assert (await bot("POST", path, {"content": "awake"})).status == 200
    name, data = await anext(events)
    assert (name, data["thread_metadata"]["archived"]) == ("THREAD_UPDATE", False)
    assert (await bot("PATCH", f"{path}/{message.id}", {"content": "y"})).status == 200


async def test_a_locked_thread_is_for_those_who_manage_threads(as_user, bot, world, thread):
    path = f"/channels/{thread['id']}"
    ann, bob = as_user(world.ann), as_user(world.bob)
    assert (await ann("PATCH", path, {"locked": True})).refusal == (403, 50013)
    assert (await bob("PATCH", path, {"locked": True, "archived": True})).status == 200
    assert (await bot("POST", f"{path}/messages", {"content": "x"})).refusal == (400, 160005)
    assert (await ann("PATCH", path, {"archived": False})).refusal == (403, 50013)
    assert (await bob("POST", f"{path}/messages", {"content": "x"})).status == 200


async def test_threads_have_a_permission_of_their_own(bot, world, thread, general):
    world.overwrite(world.general, world.bot, deny=Permission.SEND_MESSAGES_IN_THREADS)
    assert (await bot("POST", f"/channels/{thread['id']}/messages", {"content": "x"})).refusal == (403, 50013)
    assert (await bot("POST", f"{general}/messages", {"content": "x"})).status == 200


async def test_a_private_thread_is_seen_by_those_in_it(as_user, bot, world, general):
    world.overwrite(world.general, world.bot, allow=Permission.CREATE_PRIVATE_THREADS)
    thread = await bot("POST", f"{general}/threads", {"name": "secret", "type": 12})
    ann, bob = as_user(world.ann), as_user(world.bob)
    assert (await ann("GET", f"/channels/{thread.id}")).refusal == (403, 50001)
    assert (await bob("GET", f"/channels/{thread.id}")).status == 200, "he manages threads"
    assert (await bot("PUT", f"/channels/{thread.id}/thread-members/{world.ann.id}")).status == 204
    assert (await ann("GET", f"/channels/{thread.id}")).status == 200


async def test_a_deleted_channel_takes_its_threads_along(bot, world, thread, ann):
    events = ann.events()
    world.delete_channel(world.general)
    assert [(await anext(events))[0] for _ in range(2)] == ["THREAD_DELETE", "CHANNEL_DELETE"]
    assert (await bot("GET", f"/channels/{thread['id']}")).refusal == (404, 10003)
