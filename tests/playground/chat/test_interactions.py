"""Interactions: lives, first responses, tokens, and messages for one person alone."""

import asyncio

import pytest

from playground.chat import ApiError, ChatServer, Limits, Member
from tests.playground.chat.callers import ASK, STOP, Caller


async def test_a_command_reaches_the_bot_with_its_options_and_its_person(world, bot, connect, ann):
    await bot("PUT", f"/applications/{world.application.id}/commands", [ASK])
    async with connect() as socket:
        await socket.identify(world.bot.token)
        await ann.command(world.general.id, "ask", prompt="hi", private=True)
        event = await socket.event("INTERACTION_CREATE")
    assert (event["type"], event["data"]["name"]) == (2, "ask")
    assert event["data"]["options"] == [
        {"name": "prompt", "type": 3, "value": "hi"},
        {"name": "private", "type": 5, "value": True},
    ]
    assert event["member"]["user"]["username"] == "ann"
    assert int(event["member"]["permissions"]) & 1 << 11
    assert event["channel"]["id"] == event["channel_id"] == str(world.general.id)
    assert (event["context"], event["authorizing_integration_owners"]) == (0, {"0": str(world.playground.id)})
    assert event["attachment_size_limit"] == 10 * 1024 * 1024


async def test_a_message_answers_it_and_is_edited_through_the_token(asked, respond, nobody, hook, ann):
    interaction = await asked()
    answer = await respond(interaction, query="?with_response=1", content="waiting", components=STOP, flags=4)
    assert answer.status == 200
    made = answer.body
    assert made["interaction"]["response_message_id"] == made["resource"]["message"]["id"]
    assert (made["resource"]["type"], made["resource"]["message"]["flags"]) == (4, 4)
    edited = await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "answer"})
    assert (edited.status, edited.body["type"], edited.body["webhook_id"]) == (200, 20, str(interaction.application.id))
    message = await ann.until(lambda m: m["content"] == "answer")
    assert (message["edited_timestamp"] is not None, len(message["components"])) == (True, 1)
    assert message["interaction_metadata"]["user"]["username"] == "ann"


async def test_without_with_response_the_answer_is_empty(asked, respond):
    assert (await respond(await asked(), content="x")).status == 204


async def test_only_one_response_is_taken(asked, respond):
    interaction = await asked()
    await respond(interaction, content="x")
    assert (await respond(interaction, content="y")).refusal == (400, 40060)


async def test_the_first_response_is_in_time_for_three_seconds(asked, respond, clock):
    in_time, late = await asked(), await asked()
    clock.advance(3.0)
    assert (await respond(in_time, content="x")).status == 204
    clock.advance(0.1)
    assert (await respond(late, content="x")).refusal == (404, 10062)


async def test_an_unknown_interaction_has_its_code(nobody, asked):
    interaction = await asked()
    body = {"type": 4, "data": {"content": "x"}}
    assert (await nobody("POST", f"/interactions/1/{interaction.token}/callback", body)).refusal == (404, 10062)
    assert (await nobody("POST", f"/interactions/{interaction.id}/x/callback", body)).refusal == (404, 10062)


async def test_a_token_is_good_for_fifteen_minutes(asked, respond, nobody, hook, clock, server):
    interaction = await asked()
    await respond(interaction, content="x")
    clock.advance(900)
    path = hook(interaction, "/messages/@original")
    assert (await nobody("PATCH", path, {"content": "y"})).status == 200
    clock.advance(0.1)
    assert (await nobody("PATCH", path, {"content": "z"})).refusal == (401, 50027)
    assert (await nobody("POST", hook(interaction), {"content": "z"})).refusal == (401, 50027)
    assert server.limits.invalid == 2


async def test_after_that_the_channels_route_still_edits_the_message(asked, respond, bot, general, clock):
    interaction = await asked()
    message = await respond(interaction, query="?with_response=true", content="x")
    clock.advance(901)
    path = f"{general}/messages/{message.body['interaction']['response_message_id']}"
    assert (await bot("PATCH", path, {"content": "y"})).body["content"] == "y"


async def test_bad_tokens_and_early_ones_are_refused(nobody, hook, asked, world):
    assert (await nobody("PATCH", f"/webhooks/{world.bot.id}/x/messages/@original", {})).refusal == (401, 50027)
    unanswered = await asked()
    assert (await nobody("POST", hook(unanswered), {"content": "x"})).refusal == (404, 10015)


async def test_a_deleted_answer_is_unknown(asked, respond, nobody, hook, world):
    interaction = await asked()
    await respond(interaction, content="x")
    path = hook(interaction, "/messages/@original")
    assert (await nobody("GET", path)).body["content"] == "x"
    assert (await nobody("DELETE", path)).status == 204
    assert (await nobody("PATCH", path, {"content": "y"})).refusal == (404, 10008)


async def test_a_token_of_a_deleted_channel_has_nowhere_to_write(asked, respond, nobody, hook, world):
    interaction = await asked()
    await respond(interaction, content="x")
    world.delete_channel(world.general)
    assert (await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "y"})).refusal == (404, 10003)


async def test_a_deferral_loads_until_its_first_edit(asked, respond, nobody, hook, ann):
    interaction = await asked()
    await respond(interaction, kind=5, content="ignored", flags=4)
    loading = await ann.until(lambda m: m["flags"] & 128)
    assert (loading["content"], loading["flags"]) == ("", 128)
    edited = await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "now"})
    assert (edited.body["flags"], edited.body["content"]) == (0, "now")


async def test_the_first_follow_up_after_a_deferral_takes_its_place(asked, respond, nobody, hook):
    interaction = await asked()
    await respond(interaction, kind=5)
    first = await nobody("POST", hook(interaction), {"content": "one"})
    second = await nobody("POST", hook(interaction), {"content": "two"})
    original = await nobody("GET", hook(interaction, "/messages/@original"))
    assert (original.id, original.body["content"]) == (first.id, "one")
    assert second.id != first.id


async def test_an_ephemeral_answer_is_seen_by_its_person_alone(asked, respond, nobody, hook, bot, general, ann, bob):
    interaction = await asked()
    made = await respond(interaction, query="?with_response=1", content="secret", flags=64)
    assert made.body["interaction"]["response_message_ephemeral"] is True
    message = await ann.until(lambda m: m["content"] == "secret")
    assert (message["flags"], "guild_id" in message) == (64, False)
    await nobody("POST", hook(interaction), {"content": "more", "flags": 64})
    await nobody("POST", hook(interaction), {"content": "for all"})
    await bob.until(lambda m: m["content"] == "for all")
    assert [m["content"] for m in bob.messages(int(message["channel_id"]))] == ["for all"]
    path = f"{general}/messages/{message['id']}"
    assert (await bot("GET", path)).refusal == (404, 10008)
    assert (await bot("PATCH", path, {"content": "y"})).refusal == (404, 10008)
    assert (await bot("DELETE", path)).refusal == (404, 10008)
    assert [m["content"] for m in (await bot("GET", f"{general}/messages")).body] == ["for all"]
    edited = await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "still secret", "flags": 0})
    assert edited.body["flags"] == 64
    await ann.until(lambda m: m["content"] == "still secret")
    with pytest.raises(ApiError, match="10008"):
        await bob.click(message, "stop")


async def test_the_bot_hears_of_its_own_ephemeral_messages_as_of_dms(asked, respond, connect, world):
    async with connect() as socket:
        await socket.identify(world.bot.token, 1 << 12)
        await respond(await asked(), content="secret", flags=64)
        event = await socket.event("MESSAGE_CREATE")
    assert (event["content"], "guild_id" in event) == ("secret", False)


async def test_a_click_may_update_the_message_or_defer_and_edit(asked, respond, nobody, hook, ann, world):
    interaction = await asked()
    await respond(interaction, content="x", components=STOP)
    message = await ann.until(lambda m: m["content"] == "x")
    await ann.click(message, "stop")
    clicked = list(world.interactions.values())[-1]
    assert clicked.data == {"custom_id": "stop", "component_type": 2, "id": 2}
    assert (await respond(clicked, kind=7, content="stopped", components=[])).status == 204
    assert (await ann.until(lambda m: m["content"] == "stopped"))["id"] == message["id"]
    with pytest.raises(ApiError, match="50035"):
        await ann.click(message, "stop")
    edited = await nobody("PATCH", hook(clicked, "/messages/@original"), {"content": "really"})
    assert edited.body["id"] == message["id"]


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 99])
async def test_a_command_takes_no_response_that_does_not_fit(asked, respond, kind):
    assert (await respond(await asked(), kind=kind, content="x")).refusal == (400, 50035)


async def test_a_refused_response_leaves_the_interaction_open(asked, respond):
    interaction = await asked()
    assert (await respond(interaction, content=" ")).refusal == (400, 50006)
    assert (await respond(interaction, content="x" * 2001)).refusal == (400, 50035)
    assert (await respond(interaction, content="x")).status == 204


async def test_a_modal_is_shown_and_submitted(asked, respond, ann, world):
    events = ann.events()
    interaction = await asked()
    field = {"type": 4, "custom_id": "text", "style": 1, "label": "Text"}
    form = {"title": "Again", "custom_id": "again", "components": [{"type": 1, "components": [field]}]}
    assert (await respond(interaction, kind=9, **form)).status == 204
    modal = await anext(data async for name, data in events if name == "INTERACTION_MODAL_CREATE")
    await ann.submit(modal, text="typed")
    submitted = list(world.interactions.values())[-1]
    assert submitted.data["components"][0]["components"][0]["value"] == "typed"
    assert (await respond(submitted, content="thanks")).status == 204
    assert (await respond(await asked(), kind=9, **form | {"title": "x" * 46})).refusal == (400, 50035)


async def test_who_waits_is_told_that_the_application_did_not_respond(http):
    async with ChatServer(Limits(first_response_s=0.01)) as server:
        world = server.world
        bot = Caller(http, server.api_url, f"Bot {world.bot.token}")
        await bot("PUT", f"/applications/{world.application.id}/commands", [ASK])
        async with Member(server.api_url, server.gateway_url, world.ann.token) as ann, asyncio.timeout(5):
            events = ann.events()
            await ann.command(world.general.id, "ask", prompt="hi")
            async for name, _ in events:
                if name == "INTERACTION_FAILURE":
                    break


async def test_an_application_that_only_the_person_installed_has_five_follow_ups(
    world, bot, ann, respond, nobody, hook, clock
):
    world.application.installed_by.add(world.ann.id)
    command = ASK | {"integration_types": [0, 1], "contexts": [0, 1, 2]}
    await bot("PUT", f"/applications/{world.application.id}/commands", [command])
    world.leave(world.playground, world.bot)
    await ann.command(world.general.id, "ask", prompt="hi")
    interaction = list(world.interactions.values())[-1]
    await respond(interaction, content="x")
    answers = []
    for _ in range(6):
        clock.advance(2)
        answers.append(await nobody("POST", hook(interaction), {"content": "more"}))
    assert [answer.status for answer in answers] == [200] * 5 + [400]
    assert answers[-1].refusal == (400, 40094)
    clock.advance(2)
    assert (await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "y"})).status == 200
