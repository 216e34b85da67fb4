"""`/settings`, as those who manage a server see it."""

from contextlib import asynccontextmanager

import pytest

from playground.chat import Member
from playground.chat.permissions import Permission
from tests.end_to_end.scene import town
from tests.end_to_end.talk import ask_and_hear, is_told, talk

HERE = "Auto-threads: every `/ask` opens a thread: **{}**"


@asynccontextmanager
async def with_owner(play):
    async with Member(play.chat.api_url, play.chat.gateway_url, play.chat.world.owner.token) as owner:
        yield owner


async def settings(play, owner, channel=None, **options):
    """Use the command; return what one is told."""
    channel = channel or play.channel
    seen = {message["id"] for message in owner.messages(channel)}
    await owner.command(channel, "settings", **options)
    told = await owner.until(
        lambda one: int(one["channel_id"]) == channel and one["id"] not in seen and one["flags"] & 64 and one["content"]
    )
    return told["content"]


async def test_it_shows_what_holds_here():
    async with talk() as play, with_owner(play) as owner:
        told = await settings(play, owner)
        heading, *lines = told.split("\n")
        assert heading == f"What is set for <#{play.channel}>:"
        assert f"- {HERE.format('off')}" in lines


async def test_what_is_set_for_a_channel_holds_there_alone_and_outlives_a_restart():
    async with town() as play, with_owner(play) as owner:
        side = owner.channel("side")
        async with play.at_work():
            told = await settings(play, owner, auto_threads="on")
            assert told.startswith(f"Changed for <#{play.channel}>.")
            assert f"{HERE.format('on')} (this channel's own; the server has off)" in told
            assert HERE.format("off") in await settings(play, owner, side)
        async with play.at_work():
            assert HERE.format("on") in await settings(play, owner)


async def test_what_is_set_for_the_server_holds_where_a_channel_has_nothing_of_its_own():
    async with talk() as play, with_owner(play) as owner:
        side = owner.channel("side")
        await settings(play, owner, side, auto_threads="off")
        told = await settings(play, owner, auto_threads="on", where="SERVER")
        assert told.startswith("Changed for this server.")
        assert told.endswith(HERE.format("on"))
        assert f"{HERE.format('off')} (this channel's own; the server has on)" in await settings(play, owner, side)
        answer = await ask_and_hear(play, "Why?")
        assert answer not in play.chat.world.general.messages
        assert await ask_and_hear(play, "Why?", channel=side) in play.chat.world.side.messages
        told = await settings(play, owner, side, auto_threads="as the server")
        assert told.endswith(HERE.format("on"))
        told = await settings(play, owner, auto_threads="as the server", where="SERVER")
        assert told.endswith(HERE.format("off"))


async def test_the_longest_settings_fit_a_message():
    async with talk() as play, with_owner(play) as owner:
        for where, first in (("SERVER", 1), ("CHANNEL", 2)):
            roles = "".join(f"<@&{first}23456789012345{number:04}>" for number in range(40))
            models = " ".join(f"{first}*_*_*_*_*_*_*_*_*_*:{number}b" for number in range(40))
            await settings(play, owner, where=where, allowed_roles=roles, blocked_roles=roles, models=models)
        assert (await settings(play, owner)).count("and 34 more") == 4


async def test_in_a_thread_it_is_about_the_channel_of_the_thread():
    async with talk() as play, with_owner(play) as owner:
        await ask_and_hear(play, "Why?", thread=True)
        thread = next(channel for channel in play.chat.world.channels.values() if channel.thread)
        told = await settings(play, owner, thread.id, auto_threads="on")
        assert told.startswith(f"Changed for <#{play.channel}>.")
        assert HERE.format("on") in await settings(play, owner)


async def test_only_those_who_manage_the_server_may_use_it_and_only_there():
    async with talk() as play:
        for who in (play.ann, play.bob):
            with pytest.raises(LookupError):
                await who.command(play.channel, "settings")
        with pytest.raises(LookupError):
            await play.ann.command(await play.ann.dm(play.chat.world.bot.id), "settings")
        world = play.chat.world
        world.set_roles(
            world.playground, world.ann, world.add_role(world.playground, "admins", Permission.MANAGE_GUILD)
        )
        await play.ann.command(play.channel, "settings")
        await is_told(play, "What is set for")


async def test_without_a_memory_it_says_so():
    async with talk(database_url="sqlite+aiosqlite:////dev/null/patter.db") as play, with_owner(play) as owner:
        assert "cannot look anything up" in await settings(play, owner)
        assert "cannot look anything up" in await settings(play, owner, auto_threads="on")
