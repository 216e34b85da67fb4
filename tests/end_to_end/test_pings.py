"""
Nothing that the bot writes pings anybody, whatever stands in it.

That every create and every edit carries an empty `allowed_mentions.parse` is asserted at the end of each scene, so of
every scene in this folder; here all kinds of writes come together, with mentions in all that others can choose.
"""

import discord
import pytest

from playground.chat.faults import CHANNEL_MESSAGE, CHANNEL_MESSAGES, FOLLOWUPS, TOKEN_MESSAGE, Fault, drop
from playground.chat.model import Attachment
from playground.chat.permissions import Permission
from playground.llm.script import end, error, hold, say, status
from tests.end_to_end.pings import pinging, written
from tests.end_to_end.scene import stop_button, town
from tests.end_to_end.talk import grant, send, to_bot
from tests.end_to_end.test_settings_command import with_owner
from tests.openapi import problems

LONG = 60 * "Many words that fill a page. "


def everyone_in(play):
    """Give a text that mentions all that one can."""
    world = play.chat.world
    role = world.add_role(world.playground, "@everyone", Permission.VIEW_CHANNEL)
    return f"@everyone @here <@{world.ann.id}> <@!{world.bob.id}> <@&{role.id}> <@&{world.playground.id}>"


async def shown(play, part, *, by=None, within_s=6.0):
    """Wait for a message of the bot that is new since the last one of these."""
    seen = play.__dict__.setdefault("seen", set())
    message = await (by or play.ann).until(
        lambda one: play.is_answer(one) and part in one["content"] and (one["id"], part) not in seen, within_s
    )
    seen.add((message["id"], part))
    return message


async def answers(play, all_of_them):
    """Let the model answer in all the ways in which it can, by command, privately, in a thread, to a mention."""
    long = [all_of_them, LONG, all_of_them, LONG]
    for steps, sign, options in (
        ([say(long, pace=0.01)], "tokens", {}),
        ([say(all_of_them), end("length")], "length limit", {"private": True}),
        ([say(all_of_them)], "tokens", {"thread": True}),
        ([status(404, f'{{"error": "model {all_of_them} not found"}}')], "ollama pull", {}),
        ([say(all_of_them), error(all_of_them)], "cut off", {}),
    ):
        play.stage.director = lambda _, steps=steps: steps
        await play.ann.command(play.channel, "ask", prompt=all_of_them, **options)
        await shown(play, sign)
    play.stage.director = lambda _: [say(long, pace=0.01)]
    await play.ann.say(play.channel, to_bot(play, all_of_them))
    await shown(play, "tokens")
    await play.idle()


async def buttons_and_menus(play, all_of_them):
    play.stage.director = lambda _: [say(all_of_them), end("length")]
    await play.ann.command(play.channel, "ask", prompt=all_of_them)
    answer = await shown(play, "length limit")
    await play.idle()
    await play.ann.click(answer, "thread")
    await shown(play, "Go on in")
    await play.ann.click(answer, f"continue:{play.ann.id}")
    await play.chat.record.until(lambda entry: entry.method == "PATCH" and "components" in (entry.body or {}))
    await play.idle()
    await play.ann.click(answer, f"retry:{play.ann.id}")
    await play.idle()
    said = await play.ann.say(play.channel, all_of_them)
    events = play.ann.events()
    await play.ann.context(play.channel, "Ask about this", int(said["id"]))
    async for name, data in events:
        if name == "INTERACTION_MODAL_CREATE":
            await play.ann.submit(data, question=all_of_them)
            break
    await shown(play, "about [this message]")
    await play.ann.context(play.channel, "Summarise from here", int(said["id"]))
    await shown(play, "summary [from here on]")
    await play.idle()


async def sentences(play, all_of_them, owner):
    """Let it say all that is no answer: refusals, places in line, commands' words."""
    await play.ann.say(play.channel, to_bot(play))
    await shown(play, "Ask me something")
    send(play, play.chat.world.ann, await play.ann.dm(play.chat.world.bot.id), "",
         [Attachment(1, f"{all_of_them}.png", "image/png", b"x", "http://127.0.0.1/x.png")])  # fmt: skip
    await shown(play, "text alone")
    await play.ann.command(play.channel, "ask", prompt="Why?", model="@everyone")
    await shown(play, "@\u200beveryone")
    for command, options, sign in (
        ("new", {}, "new conversation"),
        ("privacy", {}, "What I keep"),
        ("settings", {"where": "SERVER", "models": "@everyone"}, "everyone"),
        ("settings", {"where": "SERVER", "models": "smol"}, "smol"),
        ("doctor", {}, "Discord"),
        ("forget", {}, "Forgotten"),
    ):
        who = owner if command in {"settings", "doctor"} else play.ann
        await who.command(play.channel, command, **options)
        await shown(play, sign, by=who)
    play.stage.director = lambda _: [say(all_of_them), hold()]
    first, second = await play.ask(all_of_them), await play.ask(all_of_them, by=play.bob)
    await shown(play, "1st in line", by=play.bob)
    await play.ann.click(play.now(second), stop_button(play.now(second)))
    await shown(play, "Only the one who asked")
    await play.ann.command(play.channel, "stop")
    await play.shows(first, "stopped by")
    await play.bob.command(play.channel, "stop")
    await play.idle()


async def faults_and_changes(play, all_of_them):
    plan = play.chat.faults.plan
    dead = Fault("answer", status=401, body={"message": "Invalid Webhook Token", "code": 50027})
    plan(drop(applied=True), "POST", FOLLOWUPS)
    plan(dead, "PATCH", TOKEN_MESSAGE, skip=3)
    play.stage.director = lambda _: [say([all_of_them, LONG, LONG, "."] * 2, pace=0.1)]
    await play.ann.command(play.channel, "ask", prompt=all_of_them)
    await shown(play, "tokens")
    await play.idle()
    play.stage.director = lambda _: [say(f"{all_of_them} and no more")]
    said = await play.ann.say(play.channel, to_bot(play, all_of_them))
    await shown(play, "and no more\n-# smol")
    await play.idle()
    await play.ann.edit(play.channel, int(said["id"]), to_bot(play, f"{all_of_them} again"))
    await shown(play, "the question has changed")


async def test_no_request_of_a_whole_life_leaves_it_to_discord_whom_it_pings():
    async with town() as play, with_owner(play) as owner:
        all_of_them = everyone_in(play)
        world = play.chat.world
        world.ann.name = world.general.name = world.playground.name = "@everyone"
        world.bob.name = "<@&1> @here"
        grant(play, reads_all=True)
        async with play.at_work(max_running=1):
            await answers(play, all_of_them)
            await buttons_and_menus(play, all_of_them)
            await sentences(play, all_of_them, owner)
            await faults_and_changes(play, all_of_them)
            play.stage.director = lambda _: [say(all_of_them), hold()]
            left = await play.ask(all_of_them)
            await play.shows(left, "@here")
            await play.bot.services.runs.close(0)
        async with play.at_work():
            await play.shows(left, "interrupted")
        writes = list(written(play.chat.record, world.bot))
        assert {(entry.method, entry.route) for entry, _ in writes} >= {
            ("POST", CHANNEL_MESSAGES), ("PATCH", CHANNEL_MESSAGE), ("POST", FOLLOWUPS), ("PATCH", TOKEN_MESSAGE),
        }  # fmt: skip
        assert sum("@everyone" in message.get("content", "") for _, message in writes) > 15
        assert pinging(play.chat.record, world.bot) == []
        posted = [one for channel in world.channels.values() for one in channel.messages.values()]
        ours = [one for one in posted if one.author is world.bot]
        assert len(ours) > 15
        assert [one.content for one in ours if one.mentions or one.mention_roles or one.mention_everyone] == []
        threads = [channel.name for channel in world.channels.values() if channel.thread]
        assert threads
        assert not any("@everyone" in name or "<@" in name for name in threads)
        assert problems(play.chat.record, world.bot) == []


async def an_edit_without_a_word_of_mentions():
    async with town() as play, play.at_work():
        play.stage.play(say("Hello."))
        answer = await play.ask()
        await play.shows(answer, "tokens")
        route = discord.http.Route("PATCH", CHANNEL_MESSAGE, channel=play.channel, message=answer)
        await play.bot.http.request(route, json={"content": f"<@{play.ann.id}>"})
        assert play.chat.world.general.messages[answer].mentions, (
            "the playground reads an edit for mentions, as Discord does"
        )


async def test_what_is_asserted_of_each_scene_can_fail():
    with pytest.raises(AssertionError, match="nothing may ping"):
        await an_edit_without_a_word_of_mentions()
