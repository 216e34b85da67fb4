"""A person's client."""

import asyncio

import pytest

from playground.chat import ApiError, ChatServer, Member


async def test_it_knows_itself_its_guilds_and_channels(ann, world):
    assert ann.id == world.ann.id
    assert [guild["name"] for guild in ann.guilds] == ["Playground"]
    assert (ann.channel("general"), ann.channel("side")) == (world.general.id, world.side.id)
    with pytest.raises(LookupError):
        ann.channel("nowhere")


async def test_it_sees_messages_in_their_newest_state(ann, bob, world):
    general = world.general.id
    first = await ann.say(general, "one")
    await bob.say(general, "two")
    await ann.edit(general, int(first["id"]), "one, edited")
    edited = await bob.until(lambda m: m["edited_timestamp"] is not None)
    assert [m["content"] for m in bob.messages(general)] == ["one, edited", "two"]
    assert edited["author"]["username"] == "ann"
    await ann.delete(general, int(first["id"]))
    await bob.say(general, "three")
    await ann.until(lambda m: m["content"] == "three")
    assert [m["content"] for m in ann.messages(general)] == ["two", "three"]


async def test_a_state_that_one_holds_never_changes(ann, world):
    said = await ann.say(world.general.id, "before")
    held = await ann.until(lambda m: m["content"] == "before")
    await ann.edit(world.general.id, int(said["id"]), "after")
    await ann.until(lambda m: m["content"] == "after")
    assert held["content"] == "before"


async def test_until_finds_what_is_there_and_gives_up_in_time(ann, world):
    await ann.say(world.general.id, "there")
    await ann.until(lambda m: m["content"] == "there")
    assert await ann.until(lambda m: m["content"] == "there")
    with pytest.raises(TimeoutError, match="there"):
        await ann.until(lambda _: False, timeout=0.01)
    with pytest.raises(KeyError):
        await ann.until(lambda m: m["nonsense"])


async def test_a_refusal_comes_up_with_status_and_code(ann, world):
    with pytest.raises(ApiError) as caught:
        await ann.say(world.general.id, " ")
    assert (caught.value.status, caught.value.code) == (400, 50006)
    with pytest.raises(LookupError):
        await ann.command(world.general.id, "unknown")


async def test_a_reply_pings_unless_told_otherwise(ann, bob, world):
    said = await bob.say(world.general.id, "question")
    loud = await ann.say(world.general.id, "answer", int(said["id"]))
    quiet = await ann.say(world.general.id, "answer", int(said["id"]), ping=False)
    assert ([m["username"] for m in loud["mentions"]], quiet["mentions"]) == (["bob"], [])


async def test_history_brings_what_was_said_before_it_came(server, ann, world):
    await ann.say(world.general.id, "early")
    async with Member(server.api_url, server.gateway_url, world.bob.token) as bob:
        assert bob.messages(world.general.id) == []
        await bob.history(world.general.id)
        assert [m["content"] for m in bob.messages(world.general.id)] == ["early"]


async def test_it_starts_threads_and_talks_in_them(ann, bob, world):
    said = await ann.say(world.general.id, "start")
    thread = await ann.start_thread(world.general.id, int(said["id"]), "talk")
    await ann.say(thread, "inside")
    await bob.until(lambda m: m["content"] == "inside")
    assert bob.channel("talk") == thread


async def test_events_are_live_and_end_with_the_client(server, world):
    async with Member(server.api_url, server.gateway_url, world.ann.token) as ann:
        events = ann.events()
        await ann.say(world.general.id, "x")
        name, data = await anext(events)
        assert (name, data["content"]) == ("MESSAGE_CREATE", "x")
    assert [name async for name, _ in events] == []


async def test_who_waits_hears_that_the_connection_is_gone(server, ann, world):
    waiting = asyncio.create_task(ann.until(lambda _: False))
    await ann.say(world.general.id, "x")
    server.gateway.close(4000, world.ann)
    with pytest.raises(ConnectionError, match="4000"):
        await waiting


async def test_a_wrong_token_does_not_connect(server):
    with pytest.raises(ConnectionError):
        async with Member(server.api_url, server.gateway_url, "wrong"):
            pass


async def test_a_client_that_outlives_its_server_closes_quietly():
    async with ChatServer() as server:
        ann = await Member(server.api_url, server.gateway_url, server.world.ann.token).__aenter__()
    await ann.__aexit__(None, None, None)
