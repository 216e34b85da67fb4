"""The second half of the conversation: where Ollama is, and which of its models answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.errors import ModelError
from bot.core.model import ModelInfo
from bot.init import terminal
from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http

LOOK_UP_S = 3.0
LOCAL = ("http://localhost:11434",)
FROM_A_CONTAINER = ("http://ollama:11434", "http://host.docker.internal:11434", *LOCAL)
"""A service beside it, the host, and last of all the container itself."""

NOT_FOUND = """\
Ollama does not answer. Install it from https://ollama.com and start it (ollama serve).
In a container, localhost is the container itself: on the host it is http://host.docker.internal:11434."""


@dataclass(frozen=True, slots=True)
class Found:
    url: str
    version: str
    models: Sequence[ModelInfo]


def find(urls: Sequence[str], api_key: str = "") -> Found | None:
    """Look everywhere at once; give the first, in this order, that answers as Ollama does."""

    async def look() -> list[Found | None]:
        return await asyncio.gather(*(_look(url, api_key) for url in urls))

    return next((found for found in asyncio.run(look()) if found), None)


async def _look(url: str, api_key: str) -> Found | None:
    options = OllamaOptions(connect_timeout_s=LOOK_UP_S, lookup_timeout_s=LOOK_UP_S)
    async with open_http(url, api_key) as http:
        client = OllamaClient(http, options)
        try:
            return Found(url, await client.version(), await client.models())
        except ModelError:
            return None


def ask_where(urls: Sequence[str], api_key: str = "") -> Found | None:
    """Give the Ollama that is found or named; None if there is none for now."""
    found = find(urls, api_key)
    while found is None:
        terminal.say(NOT_FOUND)
        if not terminal.agreed("Look again?"):
            return None
        url = terminal.ask("Where is it", urls[0]).rstrip("/")
        if not url.startswith(("http://", "https://")):
            url = f"http://{url}"
        found = find([url], api_key)
    terminal.say(f"Ollama {found.version} answers at {without_credentials(found.url)}.")
    return found


def without_credentials(url: str) -> str:
    """
    >>> without_credentials("http://me:secret@gpu:11434")
    'http://gpu:11434'
    """  # noqa: D402 - the example says all
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def ask_which(models: Sequence[ModelInfo], usual: str) -> str:
    """Let one of the models that can write be chosen; the usual one stands first if it is there."""
    able = [one for one in models if not one.capabilities or "completion" in one.capabilities]
    if not able:
        terminal.say(f"No model is installed. In another terminal: ollama pull {usual}")
        return terminal.ask("The model that will answer", usual)
    full = usual if ":" in usual else f"{usual}:latest"
    default = next((at for at, one in enumerate(able) if one.name == full), 0)
    chosen = terminal.choose("Which one answers", able, _described, default)
    return chosen.name.removesuffix(":latest")


def _described(model: ModelInfo) -> str:
    size = f"{model.size / 1e9:.1f} GB" if model.size else ""
    return f"{model.name:32}{model.parameters:>10}{size:>10}".rstrip()
