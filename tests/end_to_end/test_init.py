"""`patter init`, at a real pseudo-terminal and without one, against the playground."""

import asyncio
import signal
import stat
import sys
from contextlib import asynccontextmanager

import pytest
from dotenv import dotenv_values

from playground.chat import ChatServer
from playground.chat.faults import server_error
from playground.chat.model import AppFlag
from playground.llm.models import Model
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.conversation import at_a_terminal
from tests.end_to_end.process import patter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

TOKEN, MODEL, WRITE, START = "Token (it is not shown)", "Which one answers [", "that is there?", "Start Patter now?"
EMBEDDER = Model("embedder", capabilities=("embedding",))


@asynccontextmanager
async def world(*models):
    async with ChatServer() as chat, LlmServer(Stage(*models).respond) as llm:
        yield chat, llm


def environment(chat, llm):
    return {"DISCORD_API_URL": chat.api_url, "DISCORD_GATEWAY_URL": chat.gateway_url, "OLLAMA_URL": llm.url}


async def test_from_nothing_to_a_bot_on_discord(tmp_path):
    async with world(EMBEDDER, Model("big"), Model("smol", loaded=True)) as (chat, llm):
        async with at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
            await person.types(chat.world.bot.token, after=TOKEN)
            told = await person.reads(MODEL)
            person.presses(b"2\n")
            await person.types("", after=START)
            await chat.record.until_identified()
            person.process.send_signal(signal.SIGTERM)
            assert await person.ends() == 0
        assert "This is patter, in Playground." in told
        assert f"client_id={chat.world.application.id}&scope=bot+applications.commands&permissions=" in told
        assert "Read Message History      to know what a reply replies to" in told
        assert "Message Content is not granted" in told
        assert "big" in told
        assert "embedder" not in told, "it cannot answer"
        assert chat.world.bot.token not in person.screen
        written = dotenv_values(tmp_path / ".env")
        assert written == {"DISCORD_TOKEN": chat.world.bot.token, "OLLAMA_MODEL": "smol"}
        assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
        assert "# The longest answer" in (tmp_path / ".env").read_text(), "what else there is to set stands beside it"


async def test_without_a_terminal_it_says_what_to_set_and_exits_78(tmp_path):
    async with patter("init", folder=tmp_path) as process, asyncio.timeout(20):
        _, said = await process.communicate()
    assert process.returncode == 78
    for part in (b"DISCORD_TOKEN", b"OLLAMA_URL", b"OLLAMA_MODEL", b"scripts/patter doctor"):
        assert part in said
    assert b"Traceback" not in said
    assert not (tmp_path / ".env").exists()


async def test_what_is_pasted_by_mistake_is_told_and_asked_for_again(tmp_path):
    async with world() as (chat, llm), at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
        mistakes = {
            "1574201142089351169": "That is an id.",
            "0" * 64: "That is the public key.",
            "abcdefghijklmnopqrstuvwxyz_-0123": "That looks like the client secret",
            "": "Nothing came.",
            "two words": "That holds characters that no token has.",
            "hunter2.hunter2.hunter2": "Discord does not know this token.",
        }
        for pasted, told in mistakes.items():
            await person.types(pasted, after=TOKEN)
            await person.reads(told)
        await person.types(f'DISCORD_TOKEN="{chat.world.bot.token}"', after=TOKEN)
        await person.reads("This is patter")
        assert "hunter2" not in person.screen
        assert chat.record.count(status=401) == 2, "what cannot be a token was never sent"


async def test_leaving_in_the_middle_writes_nothing(tmp_path):
    async with world() as (chat, llm), at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
        await person.types(chat.world.bot.token, after=TOKEN)
        await person.reads(MODEL)
        await person.interrupts()
        await person.reads("Nothing was written.")
        assert await person.ends() == 1
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []


async def test_an_env_that_is_there_is_kept_but_for_what_was_asked(tmp_path):
    async with world(Model("smol"), Model("big")) as (chat, llm):
        mine = f"# mine\nDISCORD_TOKEN={chat.world.bot.token}\nOLLAMA_MODEL=smol # for now\nLOG_LEVEL=DEBUG\n"
        (tmp_path / ".env").write_text(mine)
        (tmp_path / ".env").chmod(0o644)
        async with at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
            await person.types("y", after="There is a token already. Keep it?")
            await person.types("2", after=MODEL)
            asked = await person.reads(WRITE)
            assert asked.endswith(f"Write OLLAMA_MODEL to the .env {WRITE}")
            person.presses(b"\n")
            await person.types("n", after=START)
            assert await person.ends() == 0
        assert (tmp_path / ".env").read_text() == mine.replace("smol # for now", "big")
        assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_an_env_that_is_there_is_left_alone_on_no(tmp_path):
    async with world(Model("smol")) as (chat, llm):
        mine = f"DISCORD_TOKEN={chat.world.bot.token}\nOLLAMA_MODEL=gone\n"
        (tmp_path / ".env").write_text(mine)
        async with at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
            await person.types("", after="Keep it?")
            await person.types("", after=MODEL)
            await person.types("n", after=WRITE)
            await person.reads("Nothing was written.")
            assert await person.ends() == 1
        assert (tmp_path / ".env").read_text() == mine


async def test_discord_that_fails_is_a_sentence_and_another_try(tmp_path):
    async with world() as (chat, llm), at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
        chat.faults.plan(server_error(503), "GET", "/users/@me")
        await person.types(chat.world.bot.token, after=TOKEN)
        await person.types("y", after="Discord answered with status 503.")
        await person.types(chat.world.bot.token, after=TOKEN)
        await person.reads("This is patter")


async def test_without_ollama_it_can_be_said_where_it_is(tmp_path):
    async with world(Model("smol")) as (chat, llm):
        away = {**environment(chat, llm), "OLLAMA_URL": "http://127.0.0.1:9"}
        async with at_a_terminal("init", folder=tmp_path, **away) as person:
            await person.types(chat.world.bot.token, after=TOKEN)
            await person.types("y", after="Look again?")
            await person.types(llm.url.removeprefix("http://"), after="Where is it")
            await person.types("", after=MODEL)
            await person.reads("The environment sets OLLAMA_URL too, and wins")
            assert await person.ends() == 0
        assert dotenv_values(tmp_path / ".env")["OLLAMA_URL"] == llm.url


async def test_without_a_model_it_says_how_to_get_one(tmp_path):
    async with (
        world(EMBEDDER) as (chat, llm),
        at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person,
    ):
        await person.types(chat.world.bot.token, after=TOKEN)
        await person.types("", after="ollama pull llama3.2")
        await person.types("n", after=START)
        assert await person.ends() == 0
        assert "`scripts/patter` starts it" in person.screen


async def test_message_content_that_is_granted_is_told(tmp_path):
    async with world() as (chat, llm), at_a_terminal("init", folder=tmp_path, **environment(chat, llm)) as person:
        chat.world.application.flags = AppFlag.MESSAGE_CONTENT_LIMITED
        await person.types(chat.world.bot.token, after=TOKEN)
        await person.reads("Message Content is granted")
