"""Whatever the server answers on a route that Discord describes is something that Discord could answer."""

from dataclasses import replace

import pytest

from playground.chat.permissions import Permission
from playground.chat.rest import ROUTES
from tests.openapi import OF_PEOPLE, answer_problems, description, needs_description
from tests.playground.chat.callers import ASK, STOP

pytestmark = needs_description

STOP_SIGN = "%F0%9F%9B%91"
MENU = {"name": "Ask about this", "type": 3}
LONG = {"content": "x" * 2001}


@pytest.fixture
def commands(world):
    return f"/applications/{world.application.id}/commands"


@pytest.fixture
def guild_commands(world):
    return f"/applications/{world.application.id}/guilds/{world.playground.id}/commands"


@pytest.fixture
def may_do_all(world):
    world.overwrite(world.general, world.bot, allow=Permission.MANAGE_MESSAGES | Permission.CREATE_PRIVATE_THREADS)
    everything = world.add_role(world.playground, "all", Permission.MANAGE_THREADS)
    world.set_roles(world.playground, world.bot, everything)


@pytest.fixture
def patient(bot, clock):
    """The bot, which waits for the next window of every limit before each request."""

    async def call(*request):
        clock.advance(5)
        return await bot(*request)

    return call


async def who_and_where(bot, world, general):
    for path in (
        "/users/@me",
        "/users/@me/guilds",
        "/applications/@me",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
    ):
        await bot("GET", path)
    guild = f"/guilds/{world.playground.id}"
    for path in (f"/users/{world.ann.id}", f"{guild}/members/{world.ann.id}", f"{guild}/channels", general):
        await bot("GET", path)


async def registering(bot, path):
    ask, menu = (await bot("PUT", path, [ASK, MENU])).body
    await bot("POST", path, ASK | {"name": "more"})
    await bot("POST", path, ASK | {"name": "more", "description": "Again"})
    await bot("GET", f"{path}/{ask['id']}")
    await bot("DELETE", f"{path}/{menu['id']}")
    await bot("GET", path)


async def talking(bot, ann, world, general):
    question = await ann.say(world.general.id, f"<@{world.bot.id}> hello")
    reply = {"content": "hi", "message_reference": {"message_id": question["id"]}, "components": STOP, "nonce": "1"}
    path = f"{general}/messages/{(await bot('POST', f'{general}/messages', reply)).id}"
    await bot("PATCH", path, {"content": "edited", "embeds": [{"description": "x"}], "flags": 0})
    await bot("POST", f"{general}/typing")
    reactions = f"{path}/reactions"
    await bot("PUT", f"{reactions}/{STOP_SIGN}/@me")
    await ann.react(world.general.id, int(path.rpartition("/")[2]), "🐌")
    for seen in (path, f"{reactions}/{STOP_SIGN}", f"{general}/messages"):
        await bot("GET", seen)
    await ann.say(world.general.id, "and then?", reply_to=int(path.rpartition("/")[2]))
    await bot("GET", f"{general}/messages?limit=1")
    await bot("DELETE", f"{reactions}/{STOP_SIGN}/@me")
    await bot("DELETE", f"{reactions}/🐌/{world.ann.id}")
    await bot("DELETE", reactions)
    await bot("DELETE", path)


async def cleaning_up(bot, ann, world, general):
    ids = [(await ann.say(world.general.id, "x"))["id"] for _ in range(2)]
    await bot("POST", f"{general}/messages/bulk-delete", {"messages": ids})


async def threads(bot, ann, world, general):
    question = await ann.say(world.general.id, "long story")
    path = f"{general}/messages/{question['id']}"
    thread = f"/channels/{(await bot('POST', f'{path}/threads', {'name': 'talk'})).id}"
    await bot("GET", path)
    await bot("POST", f"{thread}/messages", {"content": "inside"})
    await bot("GET", f"{thread}/messages")
    secret = f"/channels/{(await bot('POST', f'{general}/threads', {'name': 'secret', 'type': 12})).id}"
    await bot("PUT", f"{secret}/thread-members/{world.ann.id}")
    await bot("DELETE", f"{secret}/thread-members/@me")
    await bot("PUT", f"{thread}/thread-members/@me")
    await bot("PATCH", thread, {"archived": True, "locked": True})
    await bot("GET", thread)
    await bot("DELETE", thread)


async def a_dm(bot, world):
    made = await bot("POST", "/users/@me/channels", {"recipient_id": str(world.ann.id)})
    sent = await bot("POST", f"/channels/{made.id}/messages", {"content": "psst"})
    await bot("GET", f"/channels/{made.id}")
    await bot("GET", f"/channels/{made.id}/messages/{sent.id}")


async def interactions(asked, respond, nobody, hook, ann, world):
    responses = ((4, {"content": "x", "components": STOP}), (4, {"content": "x", "flags": 64}), (5, {}))
    for kind, data in responses:
        interaction = await asked()
        await respond(interaction, kind, "?with_response=1", **data)
        original = hook(interaction, "/messages/@original")
        await nobody("GET", original)
        await nobody("PATCH", original, {"content": "y"})
        more = hook(interaction, f"/messages/{(await nobody('POST', hook(interaction), {'content': 'more'})).id}")
        await nobody("GET", more)
        await nobody("PATCH", more, {"content": "y", "components": STOP})
        await nobody("DELETE", more)
    await respond(await asked(), 4, content="press", components=STOP)
    for kind, data in ((6, {}), (7, {"content": "press"})):
        await ann.click(await ann.until(lambda m: m["content"] == "press" and m["components"]), "stop")
        await respond(list(world.interactions.values())[-1], kind, "?with_response=1", **data)


async def test_every_route_answers_as_described(
    may_do_all, server, world, patient, ann, general, commands, guild_commands, asked, respond, nobody, hook
):
    await who_and_where(patient, world, general)
    await registering(patient, guild_commands)
    await registering(patient, commands)
    for part in (talking, cleaning_up, threads):
        await part(patient, ann, world, general)
    await a_dm(patient, world)
    await interactions(asked, respond, nobody, hook, ann, world)
    answered = {(entry.method, entry.route) for entry in server.record if entry.status < 300}
    assert {(route.method, route.path) for route in ROUTES} - answered == set()
    assert [entry for entry in server.record if entry.status >= 400] == []
    assert answer_problems(server.record) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("POST", "{general}/messages", LONG, (400, 50035)),
        ("POST", "{general}/messages", {"content": " "}, (400, 50006)),
        ("POST", "{general}/messages", {"content": "x", "components": [{"type": 1, "components": []}]}, (400, 50035)),
        ("POST", "{general}/messages", {"content": "x", "message_reference": {"message_id": "1"}}, (400, 50035)),
        ("PATCH", "{general}/messages/1", {"content": "x"}, (404, 10008)),
        ("DELETE", "{general}/messages/1", None, (404, 10008)),
        ("GET", "/channels/1", None, (404, 10003)),
        ("GET", "/guilds/1/channels", None, (404, 10004)),
        ("PUT", "{general}/messages/1/reactions/x/@me", None, (404, 10008)),
        ("PUT", "{commands}", [ASK | {"name": "Not So"}], (400, 50035)),
        ("GET", "{commands}/1", None, (404, 10063)),
        ("POST", "/interactions/1/none/callback", {"type": 4, "data": {"content": "x"}}, (404, 10062)),
        ("POST", "/webhooks/1/none", {"content": "x"}, (401, 50027)),
        ("PATCH", "/webhooks/1/none/messages/@original", {"content": "x"}, (401, 50027)),
    ],
)
async def test_refusals_are_as_described(server, bot, general, commands, method, path, body, refusal):
    assert (await bot(method, path.format(general=general, commands=commands), body)).refusal == refusal
    assert answer_problems(server.record) == []


async def test_refusals_of_callers_and_of_dead_tokens_are_as_described(
    server, world, bot, nobody, general, asked, respond, hook, clock
):
    assert (await nobody("GET", "/users/@me")).status == 401
    world.overwrite(world.general, world.bot, deny=Permission.SEND_MESSAGES)
    assert (await bot("POST", f"{general}/messages", {"content": "x"})).refusal == (403, 50013)
    interaction = await asked()
    await respond(interaction, content="x")
    assert (await respond(interaction, content="y")).refusal == (400, 40060)
    clock.advance(901)
    dead = await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "y"})
    assert dead.refusal == (401, 50027)
    assert answer_problems(server.record) == []


async def test_rate_limits_are_as_described(server, bot, general):
    answers = [await bot("POST", f"{general}/messages", {"content": "x"}) for _ in range(6)]
    assert answers[-1].status == 429
    answers = [await bot("GET", "/users/@me") for _ in range(45)]
    assert answers[-1].body["global"]
    assert answer_problems(server.record) == []


async def test_of_the_routes_only_those_for_people_are_not_described(server):
    """So the list of those can neither grow unseen nor keep what is described by now."""
    undescribed = {
        (route.method, route.path) for route in ROUTES if not description().describes(route.method, route.path)
    }
    assert undescribed == set(OF_PEOPLE)


@pytest.fixture
async def edit(server, bot, general):
    """An edit of a message, as it was recorded: nothing is wrong with it."""
    message = await bot("POST", f"{general}/messages", {"content": "x"})
    await bot("PATCH", f"{general}/messages/{message.id}", {"content": "y"})
    *_, entry = server.record
    assert description().request_problems(entry) == description().answer_problems(entry) == []
    return entry


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"body": {"content": 5}}, "$.content 5 is not of type"),
        ({"body": {"contents": "x"}}, "'contents' was unexpected"),
        ({"body": {"components": [{"type": 2, "style": 1, "custom_id": "x"}]}}, "$.components[0]"),
        ({"body": {"components": [{"type": 1, "components": [{"type": 2, "style": 9}]}]}}, ".components[0].style"),
        ({"body": {"content": "x" * 4001}}, "is too long"),
        ({"path": "/api/v10/channels/none/messages/1"}, "channel_id: $ 'none' does not match"),
        ({"path": f"/api/v10/channels/{1 << 64}/messages/1"}, "is not a 'snowflake'"),
        ({"path": "/api/v10/channels/1/message/1"}, "no such request"),
        ({"method": "PUT"}, "no such request"),
        ({"method": "DELETE"}, "a body where none is taken"),
    ],
)
async def test_a_wrong_request_is_told(edit, change, told):
    (problem,) = description().request_problems(replace(edit, **change))
    assert told in problem


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": 201}, "no such status"),
        ({"status": 500}, "no such status"),
        ({"status": 404}, "'message' is a required property"),
        ({"answer": b""}, "not JSON"),
        ({"answer": b"<html></html>"}, "not JSON"),
        ({"method": "DELETE", "status": 204}, "a body where none is given"),
        ({"answer": (b'"id":"', b'"id":"x')}, "does not match"),
        ({"answer": (b'"tts":false', b'"tts":0')}, "$.tts 0 is not of type 'boolean'"),
        ({"answer": (b'"tts":false', b'"tts":false,"ours":1')}, "'ours' was unexpected"),
        ({"answer": (b'"pinned":false,', b"")}, "'pinned' is a required property"),
        ({"answer": (b"+00:00", b"")}, "is not a 'date-time'"),
    ],
)
async def test_a_wrong_answer_is_told(edit, change, told):
    if isinstance(change.get("answer"), tuple):
        change = {"answer": edit.answer.replace(*change["answer"])}
        assert change["answer"] != edit.answer
    problems = description().answer_problems(replace(edit, **change))
    assert any(told in problem for problem in problems), problems
