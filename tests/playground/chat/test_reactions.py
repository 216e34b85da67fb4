"""Reactions: counted, permitted, told."""

from urllib.parse import quote

import pytest

from playground.chat.permissions import Permission

STOP = quote("🛑")


@pytest.fixture
async def path(bot, general):
    return f"{general}/messages/{(await bot('POST', f'{general}/messages', {'content': 'x'})).id}"


async def test_reactions_are_counted_and_one_sees_ones_own(bot, as_user, world, path):
    ann, bob = as_user(world.ann), as_user(world.bob)
    for caller in (ann, ann, bob):
        assert (await caller("PUT", f"{path}/reactions/{STOP}/@me")).status == 204
    (mine,) = (await ann("GET", path)).body["reactions"]
    assert (mine["emoji"]["name"], mine["count"], mine["me"]) == ("🛑", 2, True)
    users = (await bot("GET", f"{path}/reactions/{STOP}")).body
    assert [one["username"] for one in users] == ["ann", "bob"]
    await ann("DELETE", f"{path}/reactions/{STOP}/@me")
    await bob("DELETE", f"{path}/reactions/{STOP}/@me")
    assert "reactions" not in (await ann("GET", path)).body


async def test_only_moderators_remove_those_of_others(as_user, world, path):
    ann, bob = as_user(world.ann), as_user(world.bob)
    await bob("PUT", f"{path}/reactions/{STOP}/@me")
    assert (await ann("DELETE", f"{path}/reactions/{STOP}/{world.bob.id}")).refusal == (403, 50013)
    await ann("PUT", f"{path}/reactions/{STOP}/@me")
    assert (await bob("DELETE", f"{path}/reactions/{STOP}/{world.ann.id}")).status == 204
    assert (await bob("DELETE", f"{path}/reactions")).status == 204


async def test_the_first_of_an_emoji_needs_more_than_reading_history(bot, as_user, world, path, clock):
    world.overwrite(world.general, world.bot, deny=Permission.ADD_REACTIONS)
    own = f"{path}/reactions/{STOP}/@me"
    assert (await bot("PUT", own)).refusal == (403, 50013)
    await as_user(world.ann)("PUT", own)
    clock.advance(1)
    assert (await bot("PUT", own)).status == 204
    world.overwrite(world.general, world.bot, deny=Permission.READ_MESSAGE_HISTORY)
    clock.advance(1)
    assert (await bot("PUT", own)).refusal == (403, 50013)


async def test_what_is_no_emoji_is_refused(as_user, world, path):
    assert (await as_user(world.ann)("PUT", f"{path}/reactions/stop/@me")).refusal == (400, 10014)
    assert (await as_user(world.ann)("PUT", f"{path}/reactions/stop:123/@me")).status == 204


async def test_the_gateway_tells_who_reacted(world, ann, bob, path):
    message_id = int(path.rpartition("/")[2])
    events = ann.events()
    await bob.react(world.general.id, message_id, "🛑")
    await bob.unreact(world.general.id, message_id, "🛑")
    seen = [await anext(events), await anext(events)]
    assert [name for name, _ in seen] == ["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"]
    added = seen[0][1]
    assert (added["user_id"], added["message_id"]) == (str(world.bob.id), str(message_id))
    assert (added["member"]["user"]["username"], added["message_author_id"]) == ("bob", str(world.bot.id))
