from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http
from bot.observe.health import HealthPages, ModelCheck, serving
from bot.observe.metrics import Metrics
from playground.llm.server import LlmServer
from playground.llm.stage import Stage


class Watched:
    """The pages of a process, over a real socket, with a scripted Ollama behind them."""

    def __init__(self, stage, pages, get):
        self.stage, self.pages, self.get = stage, pages, get

    async def text(self, path):
        async with self.get(path) as response:
            return await response.text()

    async def ready(self):
        async with self.get("/readyz") as response:
            return response.status, await response.json()


@asynccontextmanager
async def watched(**check):
    stage = Stage()
    async with LlmServer(stage.respond) as llm, open_http(llm.url, "") as http:
        model = OllamaClient(http, OllamaOptions())
        pages = HealthPages(Metrics(running=lambda: 0, waiting=lambda: 0), ModelCheck(model, **check))
        async with serving(pages.app(), "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
            yield Watched(stage, pages, lambda path: session.get(f"http://127.0.0.1:{port}{path}"))


@pytest.fixture
async def pages():
    """What Ollama answers is not remembered."""
    async with watched(fresh_s=0.0, patience_s=0.1) as pages:
        yield pages


@pytest.fixture
async def remembering_pages():
    async with watched(fresh_s=60.0) as pages:
        yield pages
