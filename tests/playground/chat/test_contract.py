"""Every answer on a route that Discord describes is one that Discord could give."""

import pytest

from tests.playground.chat.callers import ASK, STOP
from tests.playground.chat.contract import contract

OURS = {"/interactions", "/channels/{channel}/application-command-index"}  # what only Discord's own app calls


@pytest.fixture
def described():
    if contract() is None:
        pytest.skip("Discord's description is not at hand")
    return contract()


async def test_answers_are_discords(described, server, world, bot, ann, asked, respond, nobody, hook, general, clock):
    world.overwrite(world.general, world.bot, allow=1 << 13 | 1 << 36)
    for path in ("/users/@me", "/oauth2/applications/@me", "/gateway/bot", "/gateway", f"/users/{world.ann.id}"):
        await bot("GET", path)
    commands = f"/applications/{world.application.id}/commands"
    await bot("PUT", commands, [ASK, {"name": "Ask about this", "type": 3}])
    await bot("GET", commands)
    await bot("PUT", f"/applications/{world.application.id}/guilds/{world.playground.id}/commands", [ASK])
    said = await ann.say(world.general.id, f"<@{world.bot.id}> hello")
    reply = {"content": "hi", "message_reference": {"message_id": said["id"]}, "components": STOP}
    message = await bot("POST", f"{general}/messages", reply)
    path = f"{general}/messages/{message.id}"
    await bot("PATCH", path, {"content": "edited", "embeds": [{"description": "x"}]})
    await bot("PUT", f"{path}/reactions/%F0%9F%9B%91/@me")
    await bot("GET", path)
    await bot("GET", f"{path}/reactions/%F0%9F%9B%91")
    await bot("GET", f"{general}/messages")
    thread = await bot("POST", f"{path}/threads", {"name": "talk"})
    await bot("POST", f"/channels/{thread.id}/messages", {"content": "inside"})
    await bot("GET", f"/channels/{thread.id}/messages")
    await bot("GET", f"/channels/{thread.id}")
    await bot("GET", general)
    await bot("GET", f"/guilds/{world.playground.id}/members/{world.ann.id}")
    await bot("GET", f"/guilds/{world.playground.id}/channels")
    await bot("POST", "/users/@me/channels", {"recipient_id": str(world.ann.id)})
    clock.advance(10)
    for kind, query in ((4, "?with_response=1"), (5, "?with_response=1"), (4, "")):
        interaction = await asked()
        data = {"content": "x", "components": STOP, "flags": 64} if kind == 4 else {"flags": 64}
        await respond(interaction, kind, query, **data)
        await nobody("GET", hook(interaction, "/messages/@original"))
        await nobody("PATCH", hook(interaction, "/messages/@original"), {"content": "y"})
        more = await nobody("POST", hook(interaction), {"content": "more"})
        await nobody("PATCH", hook(interaction, f"/messages/{more.id}"), {"content": "y"})
        await nobody("DELETE", hook(interaction, f"/messages/{more.id}"))
    await bot("DELETE", path)
    await bot("PATCH", path, {"content": "x"})
    problems = [text for entry in server.record if entry.route not in OURS for text in described.problems(entry)]
    assert problems == []


async def test_the_contract_can_fail(described, server, bot, general):
    await bot("POST", f"{general}/messages", {"content": 5, "nonsense": 1})
    (entry,) = server.record
    entry.answer, entry.status = b'{"id": "1"}', 200
    assert len(described.problems(entry)) > 2
