"""Which model answers in the playground: the one of an Ollama that is there, else our own."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from playground.llm import showcase
from playground.llm.embedded import NAME, Embedded
from playground.llm.front import Front
from playground.llm.models import Model
from playground.llm.server import LlmServer, Respond
from playground.llm.stage import Stage

DEFAULT_URL = "http://localhost:11434"
# Asked eight times for the capital of France, the demo model knew it eight times with this prompt, twice with "…in a
# chat. Answer briefly, in Markdown."
# Left alone, it goes round in circles to the end of its context.
SMALL = {"SYSTEM_PROMPT": "You are a helpful assistant.", "ANSWER_MAX_TOKENS": "600"}
LOOK_S = 2.0  # an Ollama that is there answers within milliseconds


# Asked three times each, the demo model made sense every time; of the capital of France it does not always.
EASY = (
    "Explain in a few sentences why the sky is blue.",
    "Give three tips for learning a language.",
    "Write a short story about a lighthouse keeper.",
)
HARDER = (
    "Explain in a few sentences why the sky is blue.",
    "Write a Python function that finds primes.",
    "Make a table of three planets.",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    A model behind its front. `settings` are what the bot needs to use it, `description` tells a person what it is.

    `suggestions` are questions that it has something to say to.
    """

    name: str
    description: str
    front: Front
    suggestions: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)
    scripted: bool = False

    @property
    def settings(self) -> dict[str, str]:
        return {"OLLAMA_URL": self.front.url, "OLLAMA_MODEL": self.name, **self.more}


@asynccontextmanager
async def choose_model(environ: Mapping[str, str], say: Callable[[str], None]) -> AsyncIterator[Chosen]:
    """
    Give the Ollama at OLLAMA_URL with OLLAMA_MODEL or its first model; if none answers, the embedded model, loaded.

    Raises ModelUnusable.
    """
    url = (environ.get("OLLAMA_URL") or DEFAULT_URL).rstrip("/")
    key = environ.get("OLLAMA_API_KEY") or ""
    model = await _look(url, environ.get("OLLAMA_MODEL") or "", key)
    if model:
        async with Front(url) as front:
            yield Chosen(model, f"{model} of the Ollama at {url}", front, HARDER, {"OLLAMA_API_KEY": key})
        return
    say("Loading the demo model (it writes fluently, and knows little)…")
    async with Embedded() as embedded:
        await embedded.ready()
        async with _fronted(embedded.respond) as front:
            yield Chosen(NAME, f"the demo model {NAME}", front, EASY, SMALL)


@asynccontextmanager
async def scripted_model(stage: Stage | None = None) -> AsyncIterator[Chosen]:
    """Give a model that says what `stage` plays: by itself the showcase, whatever Ollama there is."""
    stage = stage or Stage(Model(showcase.NAME, loaded=True), director=showcase.direct)
    name = stage.models[0].name
    async with _fronted(stage.respond) as front:
        yield Chosen(name, f"the scripted model {name}", front, showcase.SUGGESTIONS, scripted=True)


@asynccontextmanager
async def _fronted(respond: Respond) -> AsyncIterator[Front]:
    async with LlmServer(respond) as server, Front(server.url) as front:
        yield front


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
