"""Commands are made known to Discord when they have changed, and only then."""

from contextlib import asynccontextmanager

import pytest

from playground.chat import ChatServer
from playground.chat.faults import server_error
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.scene import bot_running, settings_for


@asynccontextmanager
async def servers():
    async with ChatServer() as chat, LlmServer(Stage().respond) as llm:
        yield chat, llm


def registrations(chat):
    return [entry.route for entry in chat.record if entry.method == "PUT" and "commands" in entry.route]


@pytest.mark.parametrize("in_guild", [False, True])
async def test_a_second_start_registers_nothing(in_guild):
    async with servers() as (chat, llm):
        more = {"dev_guild": chat.world.playground.id} if in_guild else {}
        for _ in range(2):
            async with bot_running(settings_for(chat, llm, **more)) as bot:
                assert {command.name for command in bot.tree.get_commands()} >= {"ask", "stop"}
        (route,) = registrations(chat)
        assert ("guilds" in route) is in_guild


async def test_commands_that_differ_are_registered_again():
    async with servers() as (chat, llm):
        async with bot_running(settings_for(chat, llm)) as bot:
            other = [{"type": 1, "name": "stop", "description": "Something else"}]
            await bot.http.bulk_upsert_global_commands(bot.application_id, other)
        for _ in range(2):
            async with bot_running(settings_for(chat, llm)) as bot:
                ours = {command.name for command in bot.tree.get_commands()}
                assert {command.name for command in await bot.tree.fetch_commands()} == ours
        assert len(registrations(chat)) == 3


async def test_a_discord_that_refuses_the_commands_does_not_keep_the_bot_away(caplog):
    async with servers() as (chat, llm):
        chat.faults.plan(server_error(403), "PUT", "/applications/{application}/commands")
        async with bot_running(settings_for(chat, llm)) as bot:
            assert bot.is_ready()
    assert "could not be registered" in caplog.text
