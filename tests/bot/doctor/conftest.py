from contextlib import AsyncExitStack

import pytest

from bot.doctor.bounds import Bounds
from bot.doctor.examination import Patient, examine
from bot.llm.options import OllamaOptions
from bot.settings import load_what_is_right
from playground.chat import ChatServer
from playground.llm.models import Model
from playground.llm.script import say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage


class Ward:
    """A world in which all is well, until a test spoils it."""

    def __init__(self, chat, stage, llm, folder):
        self.chat, self.stage, self.llm, self.folder = chat, stage, llm, folder
        self.bounds = {"answer_s": 2.0, "disk_warn_bytes": 2, "disk_fail_bytes": 1}
        self.written = {
            "discord_token": chat.world.bot.token,
            "discord_api_url": chat.api_url,
            "ollama_url": llm.url,
            "ollama_model": "smol",
            "database_url": f"sqlite+aiosqlite:///{folder}/data/patter.db",
        }
        self.about = {}

    async def examine(self):
        settings, problems = load_what_is_right(None, **self.written)
        options = OllamaOptions(num_ctx=settings.ollama_num_ctx)
        return await examine(Patient(settings, options, problems, **self.about), Bounds(**self.bounds))

    async def finds(self, check):
        """Examine all, and give what was found under that name, which must be one line."""
        (found,) = [finding for finding in await self.examine() if finding.check == check]
        return found


@pytest.fixture
async def ward(tmp_path, monkeypatch):
    for name in ("DISCORD_TOKEN", "OLLAMA_URL", "OLLAMA_MODEL"):
        monkeypatch.delenv(name, raising=False)
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(ChatServer())
        chat.world.application.flags = 1 << 19
        chat.world.application.commands[0] = {1: {"name": "ask"}}
        stage = Stage(Model("smol", loaded=True), director=lambda _: [say("one two three")])
        llm = await stack.enter_async_context(LlmServer(stage.respond))
        yield Ward(chat, stage, llm, tmp_path)
