"""The bot as a process of its own: how it starts, what it says when it cannot, and how it ends."""

import asyncio
import re
import signal
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from playground.chat import ChatServer, Limits, Member
from playground.llm.script import say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.process import addresses, patter

ENDLESS = [f"word{number} " for number in range(100_000)]


async def outcome(*arguments, folder, **environment):
    async with patter(*arguments, folder=folder, **environment) as process, asyncio.timeout(20):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def test_without_settings_it_says_what_to_write_and_exits_78(tmp_path):
    status, _, said = await outcome(folder=tmp_path, OLLAMA_URL="nonsense")
    assert status == 78
    assert "DISCORD_TOKEN is missing" in said
    assert "OLLAMA_URL is wrong" in said
    assert "Traceback" not in said


async def test_a_token_that_discord_refuses_is_a_sentence_and_78(tmp_path):
    async with ChatServer() as chat:
        status, _, said = await outcome(
            folder=tmp_path,
            DISCORD_TOKEN="hunter2", DISCORD_API_URL=chat.api_url, DISCORD_GATEWAY_URL=chat.gateway_url,
        )  # fmt: skip
    assert status == 78
    assert "Reset Token" in said
    assert "Traceback" not in said
    assert "hunter2" not in said


async def test_no_discord_at_all_is_a_sentence_and_1(tmp_path):
    status, _, said = await outcome(folder=tmp_path, DISCORD_TOKEN="x", DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    assert status == 1
    assert "Discord cannot be reached" in said
    assert "Traceback" not in said


async def test_generate_streams_to_stdout(tmp_path):
    stage = Stage()
    stage.play(say("Once upon a time"))
    async with LlmServer(stage.respond) as llm:
        told = await outcome("generate", "Tell.", folder=tmp_path, OLLAMA_URL=llm.url, OLLAMA_MODEL="smol")
    assert told == (0, "Once upon a time\n", "")
    assert stage.asks[0].path == "/api/generate"
    assert stage.asks[0].body["prompt"] == "Tell."


async def test_generate_with_a_missing_model_is_a_sentence_and_1(tmp_path):
    async with LlmServer(Stage().respond) as llm:
        status, out, said = await outcome("generate", "Hi", folder=tmp_path, OLLAMA_URL=llm.url, OLLAMA_MODEL="nope")
    assert (status, out) == (1, "")
    assert "ollama pull nope" in said
    assert "Traceback" not in said


@asynccontextmanager
async def at_work(folder, answers, channels):
    """A bot process that writes `answers` answers in `channels` channels under Discord's real limits."""
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(ChatServer(Limits()))
        stage = Stage(director=lambda ask: [say(ENDLESS, pace=0.02)])
        llm = await stack.enter_async_context(LlmServer(stage.respond))
        rooms = [chat.world.add_channel(chat.world.playground, f"room{number}").id for number in range(channels)]
        ann = await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, chat.world.ann.token))
        process = await stack.enter_async_context(patter(folder=folder, **addresses(chat, llm)))
        async with asyncio.timeout(15):
            await chat.record.until_identified()
            await asyncio.gather(
                *(ann.command(rooms[n % channels], "ask", prompt=f"question {n}") for n in range(answers))
            )
            await stage.until(lambda: stage.open == answers)
        for room in rooms:
            await ann.until(
                lambda message, room=room: int(message["channel_id"]) == room and "word" in message["content"]
            )
        yield chat, stage, ann, process, rooms


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
@pytest.mark.parametrize("channels", [1, 20])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_twenty_answers_in_words_once_each(tmp_path, number, channels):
    async with at_work(tmp_path, answers=20, channels=channels) as (chat, stage, ann, process, rooms):
        asked_at = time.monotonic()
        process.send_signal(number)
        async with asyncio.timeout(12):
            _, said = await process.communicate()
        assert time.monotonic() - asked_at < 10
        assert process.returncode == 0
        assert b"Traceback" not in said
        async with asyncio.timeout(2):
            await stage.until(lambda: stage.open == 0)
        shown = [message["content"] for room in rooms for message in ann.messages(room)]
        assert len(shown) == 20
        assert all("interrupted by a restart" in content for content in shown)
        endings = [entry for entry in chat.record if "interrupted" in str(entry.body)]
        assert len(endings) == 20
        assert chat.record.count(status=429) == 0
        assert all(re.search(r"word\d", content) for content in shown)
