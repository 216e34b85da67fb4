import asyncio
import contextlib
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from playground.chat import ChatServer, Member
from playground.llm.script import say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.process import addresses

ENDLESS = [f"word{number} " for number in range(100_000)]


@dataclass
class World:
    """A chat server, a model that talks on and on, somebody who asks, and what a bot needs to know of them."""

    chat: Any
    stage: Any
    ann: Any
    settings: dict

    @asynccontextmanager
    async def bot(self, *command, environment=None, **options):
        """Run a command that starts the bot, until the bot is there; end it if a test has not."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env={"PATH": os.environ["PATH"], **(environment or {}), **self.settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **options,
        )
        identified = asyncio.ensure_future(self.chat.record.until_identified())
        ended = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({identified, ended}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            assert identified.done(), (await process.stdout.read()).decode() if ended.done() else "not there in 30 s"
            yield process
        finally:
            identified.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
            await ended


@pytest.fixture
async def world():
    stage = Stage(director=lambda ask: [say(ENDLESS, pace=0.02)])
    async with (
        ChatServer() as chat,
        LlmServer(stage.respond) as llm,
        Member(chat.api_url, chat.gateway_url, chat.world.ann.token) as ann,
    ):
        yield World(chat, stage, ann, addresses(chat, llm))
