from pathlib import Path

import aiohttp
import pytest

from playground.llm.server import LlmServer
from playground.llm.stage import Stage

CAPTURES = Path(__file__).parents[2] / "captures"


@pytest.fixture
def captured():
    """Give the bytes that a real Ollama once answered with."""
    return lambda name: (CAPTURES / f"{name}.ndjson").read_bytes()


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
async def server(stage):
    async with LlmServer(stage.respond) as server:
        yield server


@pytest.fixture
async def http(server):
    async with aiohttp.ClientSession(server.url) as session:
        yield session
