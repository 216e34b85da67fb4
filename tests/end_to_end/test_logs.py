"""What the bot's process writes to its log."""

import asyncio
import json
import signal
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from playground.chat import ChatServer, Member
from playground.llm.script import end, say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from playground.llm.wire import Counters
from tests.end_to_end.process import addresses, patter

COUNTERS = Counters(prompt_eval_count=12, eval_count=3, eval_duration=60_000_000)


@asynccontextmanager
async def at_work(folder, *arguments, **environment):
    """A bot process whose model says three tokens; `leave` ends it and gives its log."""
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(ChatServer())
        stage = Stage(director=lambda _: [say(["One ", "two ", "three."]), end(counters=COUNTERS)])
        llm = await stack.enter_async_context(LlmServer(stage.respond))
        ann = await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, chat.world.ann.token))
        process = await stack.enter_async_context(
            patter(*arguments, folder=folder, **addresses(chat, llm), **environment)
        )
        await chat.record.until_identified()

        async def ask():
            await ann.command(ann.channel("general"), "ask", prompt="Why?")
            await ann.until(lambda message: "three." in message["content"] and "tokens" in message["content"])

        async def leave():
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(15):
                _, said = await process.communicate()
            return said.decode().splitlines()

        yield ask, leave


async def test_in_json_every_line_is_an_object_and_each_answer_is_one(tmp_path):
    async with at_work(tmp_path, LOG_FORMAT="json") as (ask, leave):
        await ask()
        lines = [json.loads(line) for line in await leave()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    (answer,) = [line for line in lines if "answer" in line]
    assert (answer["ending"], answer["model"], answer["tokens"], answer["prompt_tokens"]) == ("done", "smol", 3, 12)
    assert answer["tokens_per_s"] == 50.0
    assert 0 < answer["first_token_s"] <= answer["total_s"] < 10
    assert answer["edits"] >= 1


async def test_by_default_the_lines_are_for_people(tmp_path):
    async with at_work(tmp_path) as (ask, leave):
        await ask()
        lines = await leave()
    (answer,) = [line for line in lines if "patter: answer " in line]
    assert ": done, model 'smol', 3 tokens, 50.0 tokens/s, first token 0." in answer
    assert not any("DEBUG" in line for line in lines)


@pytest.mark.parametrize(("arguments", "theirs"), [(["-v"], False), (["run", "-v"], False), (["-vv"], True)])
async def test_more_is_said_for_whoever_asks(tmp_path, arguments, theirs):
    async with at_work(tmp_path, *arguments, LOG_FORMAT="json", LOG_LEVEL="ERROR") as (_, leave):
        lines = [json.loads(line) for line in await leave()]
    assert any(line["logger"] == "patter" and line["level"] == "INFO" for line in lines)
    assert any(line["logger"].startswith("discord") and line["level"] == "INFO" for line in lines)
    assert any(line["logger"].startswith("discord") and line["level"] == "DEBUG" for line in lines) == theirs
