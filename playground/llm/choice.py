"""Which model answers in the playground: the one of an Ollama that is there, else our own."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from playground.llm.embedded import NAME, Embedded
from playground.llm.proxy import Proxy
from playground.llm.server import LlmServer

DEFAULT_URL = "http://localhost:11434"
# Asked eight times for the capital of France, the demo model knew it eight times with this prompt, twice with "…in a
# chat. Answer briefly, in Markdown."
# Left alone, it goes round in circles to the end of its context.
SMALL = {"SYSTEM_PROMPT": "You are a helpful assistant.", "ANSWER_MAX_TOKENS": "600"}
LOOK_S = 2.0  # an Ollama that is there answers within milliseconds


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model: `settings` are what the bot needs to use it, `description` tells a person what it is."""

    settings: Mapping[str, str]
    description: str


@asynccontextmanager
async def choose_model(environ: Mapping[str, str], say: Callable[[str], None]) -> AsyncIterator[Chosen]:
    """
    Give the Ollama at OLLAMA_URL with OLLAMA_MODEL or its first model; if none answers, the embedded model, loaded.

    Raises ModelUnusable.
    """
    url = (environ.get("OLLAMA_URL") or DEFAULT_URL).rstrip("/")
    key = environ.get("OLLAMA_API_KEY") or ""
    model = await _look(url, environ.get("OLLAMA_MODEL") or "", key)
    async with AsyncExitStack() as stack:
        if model:
            proxy = await stack.enter_async_context(Proxy(url))
            server = await stack.enter_async_context(LlmServer(proxy.respond))
            yield Chosen(_settings(server, model, OLLAMA_API_KEY=key), f"{model} of the Ollama at {url}")
            return
        say("Loading the demo model (it writes fluently, and knows little)…")
        embedded = await stack.enter_async_context(Embedded())
        await embedded.ready()
        server = await stack.enter_async_context(LlmServer(embedded.respond))
        yield Chosen(_settings(server, NAME, **SMALL), f"the demo model {NAME}")


def _settings(server: LlmServer, model: str, **more: str) -> dict[str, str]:
    return {"OLLAMA_URL": server.url, "OLLAMA_MODEL": model, **more}


async def _look(url: str, wanted: str, key: str) -> str:
    """Give the name of the model to use at `url`; empty if there is no Ollama or it has none."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limit = aiohttp.ClientTimeout(total=LOOK_S)
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=limit) as session:
            if not (await _get(session, f"{url}/api/version")).get("version"):
                return ""
            if wanted:
                return wanted
            loaded = await _get(session, f"{url}/api/ps")
            installed = await _get(session, f"{url}/api/tags")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    return next(_names(loaded), next(_names(installed), ""))


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as answer:
        answer.raise_for_status()
        return await answer.json()


def _names(listed: dict[str, Any]) -> Any:
    """Give the models that can chat; an old server does not say what its models can do."""
    for model in listed.get("models") or []:
        if "completion" in model.get("capabilities", ["completion"]):
            yield model["name"]
