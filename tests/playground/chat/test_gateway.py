"""The gateway: handshake, resuming, who is told what, and closing."""

import pytest

from playground.chat import ChatServer, Limits, Rate
from playground.chat.permissions import Permission
from tests.playground.chat.callers import Socket

GUILDS, MEMBERS, MESSAGES, REACTIONS, CONTENT = 1 << 0, 1 << 1, 1 << 9, 1 << 10, 1 << 15
PATTERS = 13825


@pytest.fixture
async def socket(connect, world):
    """The bot's connection, past READY and GUILD_CREATE."""
    async with connect() as socket:
        socket.ready = await socket.identify(world.bot.token, PATTERS)
        socket.guild = await socket.event("GUILD_CREATE")
        yield socket


async def test_ready_then_the_guilds(socket, world, server):
    ready, guild = socket.ready, socket.guild
    assert (ready["user"]["id"], ready["application"]["id"]) == (str(world.bot.id),) * 2
    assert ready["guilds"] == [{"id": str(world.playground.id), "unavailable": True}]
    assert ready["resume_gateway_url"] == server.gateway_url
    assert [one["name"] for one in guild["channels"]] == ["general", "side"]
    assert str(world.bot.id) in [one["user"]["id"] for one in guild["members"]]
    assert (server.record.identify_count, server.record.identifies[0].user) == (1, world.bot.id)


async def test_heartbeats_are_answered(socket):
    await socket.send(1, None)
    assert (await socket.receive())["op"] == 11


async def test_gateway_bot_counts_identifies(socket, bot):
    limit = (await bot("GET", "/gateway/bot")).body["session_start_limit"]
    assert (limit["total"], limit["remaining"]) == (1000, 999)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"op": 2, "d": {"token": "wrong", "intents": 0}}', 4004),
        ('{"op": 3, "d": {}}', 4003),
        ("{", 4002),
        ('{"d": 1}', 4002),
    ],
)
async def test_a_bad_beginning_closes_with_its_code(connect, frame, code):
    async with connect() as socket:
        await socket.raw(frame)
        assert await socket.until_closed() == code


async def test_what_is_wrong_later_closes_with_its_code(connect, world):
    for op, code in ((2, 4005), (99, 4001)):
        async with connect() as socket:
            await socket.identify(world.bot.token)
            await socket.send(op, {"token": world.bot.token, "intents": 0})
            assert await socket.until_closed() == code


async def test_privileged_intents_need_the_applications_flags(connect, world):
    for flags, intents in ((0, CONTENT), (0, MEMBERS), (1 << 18, MEMBERS)):
        world.application.flags = flags
        async with connect() as socket:
            await socket.send(2, {"token": world.bot.token, "intents": intents})
            assert await socket.until_closed() == 4014
    world.application.flags = 1 << 19 | 1 << 14
    async with connect() as socket:
        assert (await socket.identify(world.bot.token, CONTENT | MEMBERS))["application"]["flags"]


async def test_a_bot_has_to_name_its_intents(connect, world):
    async with connect() as socket:
        await socket.send(2, {"token": world.bot.token})
        assert await socket.until_closed() == 4013


async def test_too_many_sends_close_the_connection(http):
    async with (
        ChatServer(Limits(gateway_sends=Rate(3, 60.0))) as server,
        http.ws_connect(server.gateway_url) as ws,
    ):
        socket = Socket(ws)
        for _ in range(4):
            await socket.send(1, None)
        assert await socket.until_closed() == 4008


async def test_a_resumed_session_gets_what_it_missed_and_nothing_twice(socket, connect, world, ann, server):
    await ann.say(world.general.id, f"<@{world.bot.id}> one")
    await socket.event("MESSAGE_CREATE")
    seq = socket.seq
    await socket.close(4000)
    await ann.say(world.general.id, f"<@{world.bot.id}> two")
    async with connect() as again:
        session = {"token": world.bot.token, "session_id": socket.ready["session_id"], "seq": seq}
        await again.send(6, session)
        assert (await again.event("MESSAGE_CREATE"))["content"].endswith("two")
        resumed = await again.receive()
        assert (resumed["t"], resumed["d"]) == ("RESUMED", {})
        await ann.say(world.general.id, f"<@{world.bot.id}> three")
        assert (await again.event("MESSAGE_CREATE"))["content"].endswith("three")
    assert (server.record.identify_count, [one.resumed for one in server.record.identifies][-1]) == (1, True)


@pytest.mark.parametrize("lost", ["left", "wrong id", "wrong token", "from the future", "too old"])
async def test_a_session_that_cannot_be_resumed_is_invalid(socket, connect, world, lost, clock):
    session = {"token": world.bot.token, "session_id": socket.ready["session_id"], "seq": socket.seq}
    await socket.close(1000 if lost == "left" else 4000)
    session |= {"wrong id": {"session_id": "x"}, "wrong token": {"token": "x"}}.get(lost, {})
    session |= {"from the future": {"seq": 99}}.get(lost, {})
    async with connect() as again:
        await again.receive()
        clock.advance(121 if lost == "too old" else 0)
        world.set_permissions(world.playground, None, 0)
        await again.send(6, session)
        frame = await again.receive()
        assert (frame["op"], frame["d"]) == (9, False)
        await again.send(2, {"token": world.bot.token, "intents": 0})
        await again.event("READY")


async def test_a_test_may_close_break_ask_and_invalidate(server, connect, world):
    async with connect() as socket:
        ready = await socket.identify(world.bot.token)
        server.gateway.ask_to_reconnect()
        assert (await socket.receive())["op"] == 7
        server.gateway.invalidate(resumable=True)
        frame = await socket.receive()
        assert (frame["op"], frame["d"], ready["session_id"] in server.gateway.sessions) == (9, True, True)
        server.gateway.invalidate()
        assert (await socket.receive())["d"] is False
        assert server.gateway.sessions == {}
        server.gateway.close(4009)
        assert await socket.until_closed() == 4009
    async with connect() as socket:
        await socket.identify(world.bot.token)
        server.gateway.drop()
        assert await socket.until_closed() == 1006


async def test_closing_the_bots_leaves_people_connected(server, socket, ann, world):
    server.gateway.close(4000)
    assert await socket.until_closed() == 4000
    await ann.say(world.general.id, "still here")
    await ann.until(lambda m: m["content"] == "still here")


async def test_a_bot_gets_the_events_of_its_intents_alone(connect, world, ann):
    async with connect() as socket:
        await socket.identify(world.bot.token, REACTIONS)
        message = await ann.say(world.general.id, "x")
        await ann.react(world.general.id, int(message["id"]), "🛑")
        assert (await socket.receive())["t"] == "MESSAGE_REACTION_ADD"


async def test_without_message_content_texts_are_empty_but_for_four_kinds(socket, bot, general, world, ann, as_user):
    dm = await ann.dm(world.bot.id)
    own = await bot("POST", f"{general}/messages", {"content": "own"})
    await ann.say(world.general.id, "unheard")
    await ann.say(world.general.id, f"<@{world.bot.id}> mention")
    await ann.say(world.general.id, "reply with ping", own.id)
    await ann.say(world.general.id, "reply without", own.id, ping=False)
    await ann.say(dm, "private")
    unheard = next(one for one in world.general.messages.values() if one.content == "unheard")
    await ann.say(world.general.id, f"<@{world.bot.id}> what of this?", unheard.id)
    seen = [await socket.event("MESSAGE_CREATE") for _ in range(7)]
    assert [one["content"] for one in seen] == [
        "own",
        "",
        f"<@{world.bot.id}> mention",
        "reply with ping",
        "",
        "private",
        f"<@{world.bot.id}> what of this?",
    ]
    assert seen[6]["referenced_message"]["content"] == "", "a mention lets it read the reply, not what it replies to"
    assert seen[4]["referenced_message"]["content"] == "own", "what is its own stays readable"


async def test_with_message_content_it_reads_everything(connect, world, ann):
    world.application.flags = 1 << 19
    async with connect() as socket:
        await socket.identify(world.bot.token, MESSAGES | CONTENT)
        await ann.say(world.general.id, "heard")
        event = await socket.event("MESSAGE_CREATE")
        assert (event["content"], event["member"]["roles"]) == ("heard", [])


async def test_a_hidden_channel_is_silent(socket, world, bob):
    world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
    await bob.say(world.general.id, "behind its back")
    side = await bob.say(world.side.id, "in the open")
    assert (await socket.event("MESSAGE_CREATE"))["id"] == side["id"]


async def test_deletions_are_told(socket, world, bob, as_user):
    ids = [int((await bob.say(world.general.id, "x"))["id"]) for _ in range(3)]
    await bob.delete(world.general.id, ids[0])
    assert (await socket.event("MESSAGE_DELETE"))["id"] == str(ids[0])
    world.delete_channel(world.general)
    assert (await socket.event("CHANNEL_DELETE"))["name"] == "general"
    world.leave(world.playground, world.bot)
    assert (await socket.event("GUILD_DELETE"))["id"] == str(world.playground.id)


async def test_bulk_deletions_are_told_as_one(socket, world, bot, general, ann):
    world.overwrite(world.general, world.bot, allow=Permission.MANAGE_MESSAGES)
    ids = [(await ann.say(world.general.id, "x"))["id"] for _ in range(2)]
    await bot("POST", f"{general}/messages/bulk-delete", {"messages": ids})
    assert (await socket.event("MESSAGE_DELETE_BULK"))["ids"] == ids


async def test_a_bot_hears_of_its_own_membership_without_the_intent(socket, world):
    world.set_roles(world.playground, world.ann, world.moderators)
    world.set_roles(world.playground, world.bot, world.moderators)
    assert (await socket.event("GUILD_MEMBER_UPDATE"))["user"]["id"] == str(world.bot.id)


async def test_a_new_guild_comes_when_the_bot_joins_it(socket, world):
    guild = world.add_guild("Other", world.ann)
    world.join(guild, world.bot)
    assert (await socket.event("GUILD_CREATE"))["name"] == "Other"


async def test_members_are_sent_on_request(socket, world):
    await socket.send(8, {"guild_id": str(world.playground.id), "query": "", "limit": 0, "nonce": "n"})
    chunk = await socket.event("GUILD_MEMBERS_CHUNK")
    assert (len(chunk["members"]), chunk["nonce"], chunk["chunk_count"]) == (4, "n", 1)


async def test_a_shard_serves_its_guilds_and_the_first_one_dms(connect, world, ann):
    mine = (world.playground.id >> 22) % 2
    dm = world.dm(world.ann, world.bot).id
    async with connect() as with_guild, connect() as other:
        ready = await with_guild.identify(world.bot.token, PATTERS, shard=[mine, 2])
        assert (len(ready["guilds"]), ready["shard"]) == (1, [mine, 2])
        assert (await other.identify(world.bot.token, PATTERS, shard=[1 - mine, 2]))["guilds"] == []
        await ann.say(dm, "hi")
        first = with_guild if mine == 0 else other
        assert (await first.event("MESSAGE_CREATE"))["content"] == "hi"


async def test_closing_the_server_closes_the_gateway(http):
    async with ChatServer() as server, http.ws_connect(server.gateway_url) as ws:
        socket = Socket(ws)
        await socket.identify(server.world.bot.token)
        await server.aclose()
        assert await socket.until_closed() == 1001
        await server.aclose()


async def test_the_gateways_address_is_told(server, nobody):
    assert (await nobody("GET", "/gateway")).body == {"url": server.gateway_url}
