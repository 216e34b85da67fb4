import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.core.model import Question, Turn
from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http
from playground.llm.server import LlmServer
from playground.llm.stage import Stage

CAPTURES = Path(__file__).parents[2] / "captures"
PATIENCE_S = 5.0


@pytest.fixture
def captured():
    """Give the bytes that a real Ollama once answered with."""
    return lambda name: (CAPTURES / f"{name}.ndjson").read_bytes()


def _whole(data):
    return [data]


def _byte_by_byte(data):
    return [data[i : i + 1] for i in range(len(data))]


def _at_random(data):
    seed = random.randrange(1 << 32)
    print(f"chunks cut with seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    cuts = random.Random(seed)
    chunks = []
    while data:
        size = cuts.randint(1, 300)
        chunks.append(data[:size])
        data = data[size:]
    return chunks


@pytest.fixture(params=[_whole, _byte_by_byte, _at_random], ids=["whole", "bytes", "random"])
def chunked(request):
    """Cut bytes into the chunks in which a network may bring them."""
    return request.param


@pytest.fixture
def question():
    return Question((Turn("system", "Be brief."), Turn("user", "Why?")), "smol", seed=7)


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
async def server(stage):
    async with LlmServer(stage.respond) as server:
        yield server


@pytest.fixture
async def connect():
    """Give a client for a URL, closed after the test; its pauses are tiny."""
    async with AsyncExitStack() as stack:

        async def client(url, api_key="", **options):
            http = await stack.enter_async_context(open_http(url, api_key))
            quick = {"first_pause_s": 0.001, "longest_pause_s": 0.004, **options}
            return OllamaClient(http, OllamaOptions(**quick), random=random.Random(1))

        yield client


@pytest.fixture
async def client(server, connect):
    return await connect(server.url)


@pytest.fixture
def events():
    """Read a whole answer into a list, together with the error that ended it, if one did."""

    async def read(answer):
        got = []
        try:
            async with asyncio.timeout(PATIENCE_S), answer as stream:
                async for event in stream:
                    got.append(event)  # noqa: PERF401 - one by one: what came before an error counts
        except Exception as error:  # noqa: BLE001 - the tests look at it
            got.append(error)
        return got

    return read


@pytest.fixture
def bare():
    """Serve one connection after another with a plain function over its reader and writer."""

    @asynccontextmanager
    async def serve(handle):
        async def accept(reader, writer):
            try:
                await handle(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    return serve
