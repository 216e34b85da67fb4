"""Registering commands, and which of them a person may use with which options."""

import asyncio

import pytest

from playground.chat import ApiError
from tests.playground.chat.callers import ASK

MENU = {"name": "Ask about this", "type": 3}


@pytest.fixture
def commands(world):
    return f"/applications/{world.application.id}/commands"


@pytest.fixture
def refuses(ann, world):
    """Give the code with which a use of a command in #general is refused."""

    async def refuses(name, **options):
        with pytest.raises(ApiError) as caught:
            await ann.command(world.general.id, name, **options)
        return caught.value.code

    return refuses


async def test_an_overwrite_echoes_and_keeps_the_ids_of_what_stays(bot, commands):
    first = await bot("PUT", commands, [ASK, MENU])
    ask, menu = first.body
    assert (ask["name"], ask["type"], ask["options"]) == ("ask", 1, ASK["options"])
    assert (menu["type"], menu["description"]) == (3, "")
    assert {"id", "application_id", "version"} <= menu.keys()
    second = (await bot("PUT", commands, [ASK | {"description": "New"}])).body
    assert (second[0]["id"], second[0]["description"]) == (ask["id"], "New")
    assert (await bot("GET", commands)).body == second
    assert (await bot("GET", f"{commands}/{menu['id']}")).refusal == (404, 10063)


async def test_a_guild_has_commands_of_its_own(bot, commands, world, ann):
    other = world.add_guild("Other", world.ann)
    path = f"/applications/{world.application.id}/guilds/{{}}/commands"
    made = await bot("PUT", path.format(world.playground.id), [ASK])
    assert made.body[0]["guild_id"] == str(world.playground.id)
    assert (await bot("GET", commands)).body == []
    assert (await bot("PUT", path.format(other.id), [ASK])).refusal == (403, 50001)
    await ann.command(world.general.id, "ask", prompt="hi")


async def test_one_command_is_added_and_deleted(bot, commands):
    made = await bot("POST", commands, ASK)
    assert made.status == 201
    assert (await bot("POST", commands, ASK)).status == 200
    assert (await bot("DELETE", f"{commands}/{made.id}")).status == 204
    assert (await bot("GET", commands)).body == []


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "Ask"},
        {"name": "x" * 33},
        {"name": "ask me"},
        {"description": ""},
        {"description": "x" * 101},
        {"options": [{"name": "a", "description": "a", "type": 3}, ASK["options"][0]]},
        {"options": [{"name": f"o{n}", "description": "x", "type": 3} for n in range(26)]},
    ],
)
async def test_what_may_not_be_registered_is_refused(bot, commands, bad):
    assert (await bot("PUT", commands, [ASK | bad])).refusal == (400, 50035)
    assert (await bot("GET", commands)).body == []


async def test_commands_are_the_applications_own(bot, world, commands):
    assert (await bot("PUT", "/applications/1/commands", [])).refusal == (404, 10002)
    assert (await bot("PUT", commands, [ASK, ASK])).refusal == (400, 50035)


async def test_options_are_checked_against_the_command(bot, commands, refuses, ann, world):
    limited = ASK["options"] + [
        {"name": "count", "description": "x", "type": 4, "min_value": 1, "max_value": 3},
        {"name": "size", "description": "x", "type": 3, "choices": [{"name": "Big", "value": "big"}]},
        {"name": "who", "description": "x", "type": 6},
    ]
    await bot("PUT", commands, [ASK | {"options": limited}])
    assert await refuses("ask") == 50035, "the prompt is required"
    for wrong in (
        {"prompt": 1},
        {"prompt": "x" * 51},
        {"private": "yes"},
        {"count": 4},
        {"count": True},
        {"size": "small"},
        {"who": "1"},
        {"other": "x"},
    ):
        assert await refuses("ask", **{"prompt": "hi", **wrong}) == 50035, wrong
    await ann.command(world.general.id, "ask", prompt="hi", count=3, size="big", who=str(world.bob.id))
    data = list(world.interactions.values())[-1].data
    assert data["resolved"]["users"][str(world.bob.id)]["username"] == "bob"


async def test_subcommands_nest(bot, commands, ann, world, refuses):
    sub = {"name": "set", "description": "x", "type": 1, "options": [ASK["options"][0]]}
    await bot("PUT", commands, [{"name": "model", "description": "x", "options": [sub]}])
    await ann.command(world.general.id, "model set", prompt="hi")
    (option,) = list(world.interactions.values())[-1].data["options"]
    assert (option["name"], option["options"][0]["value"]) == ("set", "hi")
    assert await refuses("model") == 50035
    assert await refuses("model set") == 50035


async def test_context_menus_carry_their_target_with_its_text(bot, commands, ann, world):
    world.application.flags = 0
    await bot("PUT", commands, [MENU, {"name": "Who", "type": 2}])
    message = await ann.say(world.general.id, "a question")
    await ann.context(world.general.id, "Ask about this", int(message["id"]))
    data = list(world.interactions.values())[-1].data
    assert data["resolved"]["messages"][data["target_id"]]["content"] == "a question"
    await ann.context(world.general.id, "Who", world.bob.id)
    assert list(world.interactions.values())[-1].data["resolved"]["members"][str(world.bob.id)]["roles"]


async def test_autocomplete_brings_the_bots_choices(bot, commands, ann, world, connect, nobody):
    await bot("PUT", commands, [ASK])
    async with connect() as socket:
        await socket.identify(world.bot.token)

        async def answer():
            event = await socket.event("INTERACTION_CREATE")
            choices = [{"name": "Small", "value": "small:1b"}]
            path = f"/interactions/{event['id']}/{event['token']}/callback"
            await nobody("POST", path, {"type": 8, "data": {"choices": choices}})
            return event

        answering = asyncio.create_task(answer())
        choices = await ann.autocomplete(world.general.id, "ask", focused="model", model="sm", prompt="")
        event = await answering
    assert choices == [{"name": "Small", "value": "small:1b"}]
    assert event["type"] == 4
    assert event["data"]["options"][0] == {"name": "model", "type": 3, "value": "sm", "focused": True}


async def test_commands_show_where_and_to_whom_they_are_meant(bot, commands, ann, bob, world):
    async def shown(member, channel=world.general.id):
        try:
            await member.command(channel, "ask", prompt="hi")
        except LookupError:
            return False
        return True

    await bot("PUT", commands, [ASK | {"contexts": [0], "default_member_permissions": str(1 << 13)}])
    dm = await ann.dm(world.bot.id)
    assert (await shown(ann), await shown(bob), await shown(ann, dm)) == (False, True, False)
    await bot("PUT", commands, [ASK])
    assert (await shown(ann), await shown(ann, dm)) == (True, True)
    world.overwrite(world.general, world.ann, deny=1 << 31)
    assert not await shown(ann)
    world.leave(world.playground, world.bot)
    assert not await shown(bob)
