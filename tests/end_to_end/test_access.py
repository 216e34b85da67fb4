"""Who may ask, where and which model, as people see it."""

import pytest

from playground.chat.permissions import Permission
from playground.llm.models import Model
from playground.llm.script import say
from tests.end_to_end.scene import scene, town
from tests.end_to_end.talk import is_told, notices, to_bot
from tests.end_to_end.test_settings_command import settings, with_owner

MODELS = Model("smol", loaded=True), Model("big"), Model("huge")


async def refused(play, by=None, channel=None, **options):
    """Use /ask in vain; give the sentence that one is told alone."""
    by, channel = by or play.ann, channel or play.channel
    seen = {message["id"] for message in by.messages(channel)}
    await by.command(channel, "ask", prompt="Why?", **options)
    told = await by.until(
        lambda one: int(one["channel_id"]) == channel and one["id"] not in seen and play.is_answer(one)
    )
    assert told["flags"] & 64
    assert not play.stage.asks or "Because." not in told["content"]
    return told["content"]


def role_of_ann(world):
    role = world.add_role(world.playground, "loud", Permission.SEND_MESSAGES)
    world.set_roles(world.playground, world.ann, role)
    return role


async def answered(play, by=None, channel=None, **options):
    play.stage.play(say("Because."))
    await play.shows(await play.ask(by=by, channel=channel, **options), "Because.", by=by)


async def test_only_the_default_model_may_be_used_unless_the_setting_names_others():
    async with scene(*MODELS, ollama_models=[]) as play:
        assert await refused(play, model="big") == "Only `smol` may be used here."
        await answered(play, model="smol:latest")
        choices = await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="")
        assert [choice["value"] for choice in choices] == ["smol:latest"]
    async with scene(*MODELS, ollama_models=["big"]) as play:
        assert await refused(play, model="huge") == "Only `smol` and `big` may be used here."
        assert await refused(play, model="huge", thread=True) == "Only `smol` and `big` may be used here."
        await answered(play, model="big")
        assert play.stage.asks[-1].body["model"] == "big"
        choices = await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="")
        assert [choice["value"] for choice in choices] == ["smol:latest", "big:latest"]
        assert not [channel for channel in play.chat.world.channels.values() if channel.thread]


async def test_a_server_chooses_among_the_models_that_the_bot_may_use():
    async with scene(*MODELS, ollama_models=["big"]) as play, with_owner(play) as owner:
        told = await settings(play, owner, models="huge")
        assert told == "This bot may not use huge. Whoever runs it can add it to OLLAMA_MODELS."
        told = await settings(play, owner, models="big", where="SERVER")
        assert "Models that may be used: **big**" in told
        assert await refused(play, model="smol") == "Only `big` may be used here."
        await answered(play)
        assert play.stage.asks[-1].body["model"] == "big"
        choices = await play.ann.autocomplete(play.channel, "ask", focused="model", prompt="x", model="")
        assert [choice["value"] for choice in choices] == ["big:latest"]
        assert "**all that this bot may use**" in await settings(play, owner, models="as the server", where="SERVER")
        await answered(play)
        assert play.stage.asks[-1].body["model"] == "smol"


async def test_retry_takes_the_default_where_the_former_model_may_no_longer_be_used():
    async with scene(*MODELS, ollama_models=["big"]) as play, with_owner(play) as owner:
        play.stage.play(say("Big words."))
        message_id = await play.ask(model="big")
        done = await play.shows(message_id, "Big words.", "tokens")
        await play.idle()
        await settings(play, owner, models="smol")
        play.stage.play(say("Small words."))
        await play.ann.click(done, f"retry:{play.chat.world.ann.id}")
        await play.shows(message_id, "Small words.", "tokens")
        assert play.stage.asks[-1].body["model"] == "smol"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (lambda world: {"blocked_channels": [world.general.id]}, "I do not answer in this channel."),
        (lambda world: {"allowed_channels": [world.side.id]}, "I do not answer in this channel."),
        (lambda world: {"blocked_guilds": [world.playground.id]}, "I am not in use on this server."),
        (lambda world: {"allowed_guilds": [1]}, "I am not in use on this server."),
        (lambda world: {"allowed_roles": [world.moderators.id]}, "You have none of the roles that may ask me here."),
        (lambda world: {"blocked_roles": [role_of_ann(world).id]}, "You may not ask me here."),
        (lambda world: {"blocked_users": [world.ann.id]}, "You may not ask me here."),
    ],
)
async def test_what_the_environment_forbids_is_told_to_the_asker_alone(rules, words):
    async with town() as play, play.at_work(**rules(play.chat.world)):
        assert await refused(play) == words
        await play.ann.say(play.channel, to_bot(play, "Why?"))
        told = await is_told(play, words, by=play.bob)
        assert told["message_reference"]
        await play.ann.say(play.channel, to_bot(play, "Why then?"))
        await play.ann.command(play.channel, "stop")
        await is_told(play, "Nothing is being written here")
        assert len(notices(play, words, by=play.bob)) == 1
        assert not play.stage.asks


async def test_direct_messages_can_be_turned_off():
    async with scene(answer_dms=False) as play:
        dm = await play.ann.dm(play.chat.world.bot.id)
        assert await refused(play, channel=dm) == "I do not answer in direct messages. Ask me on a server."
        await play.ann.say(dm, "Why?")
        await is_told(play, "I do not answer in direct messages.")
        await answered(play)


async def test_a_blocked_channel_blocks_its_threads():
    async with scene() as play, with_owner(play) as owner:
        play.stage.play(say("Because."))
        await play.ann.command(play.channel, "ask", prompt="Why?", thread=True)
        await play.ann.until(lambda message: "Because." in message["content"])
        thread = next(channel for channel in play.chat.world.channels.values() if channel.thread)
        await settings(play, owner, answers="off")
        await play.ann.say(thread.id, to_bot(play, "And now?"))
        await is_told(play, "I do not answer in this channel.")


async def test_a_channel_can_be_closed_or_all_the_others():
    async with scene() as play, with_owner(play) as owner:
        side = play.ann.channel("side")
        told = await settings(play, owner, answers="off")
        assert "Answers: I answer here: **off** (this channel's own; the server has on)" in told
        assert await refused(play) == "I do not answer in this channel."
        await answered(play, channel=side)
        await settings(play, owner, answers="off", where="SERVER")
        await settings(play, owner, answers="on")
        assert await refused(play, channel=side) == "I do not answer in this channel."
        await answered(play)


async def test_roles_can_be_allowed_and_blocked_per_server():
    async with scene() as play, with_owner(play) as owner:
        world = play.chat.world
        friends = world.add_role(world.playground, "friends", Permission.SEND_MESSAGES)
        told = await settings(play, owner, allowed_roles=f"<@&{friends.id}> <@&{world.moderators.id}>", where="SERVER")
        assert f"Roles that may ask: **<@&{friends.id}> <@&{world.moderators.id}>**" in told
        assert await refused(play) == "You have none of the roles that may ask me here."
        await answered(play, by=play.bob)
        world.set_roles(world.playground, world.ann, friends)
        await answered(play)
        await settings(play, owner, allowed_roles="none", blocked_roles=f"<@&{friends.id}>", where="SERVER")
        assert await refused(play) == "You may not ask me here."
        await settings(play, owner, blocked_roles="none", where="SERVER")
        await answered(play)
        told = await settings(play, owner, allowed_roles="the friends, please")
        assert told == "Mention the roles, one after the other: @members @friends. `none` stands for no list of roles."


async def test_what_a_server_sets_cannot_open_what_the_environment_closes():
    async with town() as play, with_owner(play) as owner:
        world = play.chat.world
        closed = {"blocked_channels": [world.general.id], "allowed_roles": [world.moderators.id]}
        friends = world.add_role(world.playground, "friends", Permission.SEND_MESSAGES)
        world.set_roles(world.playground, world.ann, friends)
        async with play.at_work(**closed):
            await settings(play, owner, answers="on", allowed_roles=f"<@&{friends.id}>", where="SERVER")
            assert await refused(play) == "I do not answer in this channel."
            assert await refused(play, channel=world.side.id) == "You have none of the roles that may ask me here."


async def test_buttons_are_no_way_around():
    async with scene() as play, with_owner(play) as owner:
        play.stage.play(say("Because."))
        message_id = await play.ask()
        done = await play.shows(message_id, "Because.", "tokens")
        await play.idle()
        await settings(play, owner, answers="off")
        await play.ann.click(done, f"retry:{play.chat.world.ann.id}")
        told = await is_told(play, "I do not answer in this channel.")
        assert told["flags"] & 64
        assert "Because." in play.now(message_id)["content"]
