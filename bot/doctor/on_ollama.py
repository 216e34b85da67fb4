"""Whether Ollama answers, with which model, and how fast."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from bot.core.errors import ModelError, ModelMissing, ModelUnreachable
from bot.core.findings import Finding, fail, ok, warn
from bot.core.model import Delta, LoadedModel, ModelInfo, Question, Turn, Usage
from bot.doctor.bounds import Bounds
from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http
from bot.settings import Settings

SHORT_ANSWER = 16
HELLO = Question((Turn("user", "Count from one to ten."),), "", seed=1)
NAMED_AT_MOST = 8

IN_CONTAINER = (
    "In a container localhost is the container itself. Write OLLAMA_URL=http://ollama:11434 if Ollama is a service "
    "called ollama beside it, or OLLAMA_URL=http://host.docker.internal:11434 if it runs on the host; on Linux that "
    'needs extra_hosts: ["host.docker.internal:host-gateway"], and Ollama has to listen with OLLAMA_HOST=0.0.0.0.'
)
NOT_HERE = "Start it (ollama serve), or write where it is to OLLAMA_URL."
NOT_THERE = "Is OLLAMA_URL right, does Ollama run there, and does it listen to others (OLLAMA_HOST=0.0.0.0)?"
SEE_LOG = "Ollama's log says why: journalctl -u ollama, or docker logs."


def diagnostic(options: OllamaOptions, bounds: Bounds) -> OllamaOptions:
    """Ask as the bot does, so that no model is loaded again, but once, and not for long."""
    return replace(
        options,
        num_predict=SHORT_ANSWER,
        think=False,
        connect_timeout_s=min(options.connect_timeout_s, bounds.lookup_s),
        first_byte_timeout_s=bounds.answer_s,
        token_timeout_s=bounds.answer_s,
        lookup_timeout_s=bounds.lookup_s,
        retries=0,
        restarts=0,
    )


async def look_at_ollama(
    settings: Settings, options: OllamaOptions, bounds: Bounds, *, in_container: bool
) -> list[Finding]:
    key = settings.ollama_api_key.get_secret_value() if settings.ollama_api_key else ""
    async with open_http(settings.ollama_url, key) as http:
        client = OllamaClient(http, diagnostic(options, bounds))
        try:
            found, models = [ok("ollama", f"Ollama {await client.version()} answers.")], await client.models()
        except ModelError as error:
            return [unavailable(error, settings.ollama_url, in_container=in_container)]
        model = model_found(settings.ollama_model, models)
        found.append(model)
        if model.fix:
            return found
        # In this order: the answer loads the model, and then its context is known.
        found.append(await _speed(client, settings.ollama_model, bounds))
        return [*found, *await _context(client, settings)]


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1", "0.0.0.0"} or host.startswith("127.")  # noqa: S104 - it is compared


def unavailable(error: ModelError, url: str, *, in_container: bool) -> Finding:
    """Say why Ollama tells nothing, and what OLLAMA_URL should be instead."""
    if not isinstance(error, ModelUnreachable):
        return fail("ollama", "What OLLAMA_URL names answers, but not as Ollama does.", _refused(error))
    text = "Ollama cannot be reached where OLLAMA_URL says."
    if not is_loopback(url):
        return fail("ollama", text, NOT_THERE)
    return fail("ollama", text, IN_CONTAINER if in_container else NOT_HERE)


def _refused(error: ModelError) -> str:
    key = "It asks for a key: write it to OLLAMA_API_KEY. " if "key" in error.hint else ""
    return f"{key}Write Ollama's own address to OLLAMA_URL, such as http://localhost:11434, without a path."


def model_found(wanted: str, models: Sequence[ModelInfo]) -> Finding:
    """Tell whether the model is installed and can answer."""
    name = wanted if ":" in wanted else f"{wanted}:latest"
    model = next((one for one in models if one.name == name), None)
    others = ", ".join(one.name for one in models[:NAMED_AT_MOST])
    if model is None:
        instead = f", or set OLLAMA_MODEL to one that is there: {others}" if others else ""
        return fail("model", f"The model {wanted} is not installed.", f"Fetch it: ollama pull {wanted}{instead}.")
    if model.capabilities and "completion" not in model.capabilities:
        return fail("model", f"The model {wanted} cannot write answers.", "Set OLLAMA_MODEL to one that can chat.")
    what = ", ".join(filter(None, [model.parameters, f"{model.size / 1e9:.1f} GB" if model.size else ""]))
    return ok("model", f"{wanted} is installed{f' ({what})' if what else ''}.")


async def _speed(client: OllamaClient, model: str, bounds: Bounds) -> Finding:
    loop = asyncio.get_running_loop()
    began, first_s, usage = loop.time(), 0.0, Usage()
    try:
        async with asyncio.timeout(bounds.answer_s), client.ask(replace(HELLO, model=model)) as events:
            async for event in events:
                match event:
                    case Delta() if not first_s:
                        first_s = loop.time() - began
                    case Usage():
                        usage = event
                    case _:
                        pass
    except (TimeoutError, ModelUnreachable):
        text = f"The model gave no short answer within {bounds.answer_s:g} s."
        fix = "It may still be loading: try again. If it stays so, it is too big for this machine; ollama ps tells."
        return warn("speed", text, fix)
    except ModelMissing:
        return fail("speed", f"The model {model} went away meanwhile.", f"ollama pull {model}")
    except ModelError:
        return fail("speed", "Ollama gave no answer to a short question.", SEE_LOG)
    return speed_found(first_s, usage, bounds)


def speed_found(first_s: float, usage: Usage, bounds: Bounds) -> Finding:
    rate = usage.tokens_per_s
    text = f"A short answer: first token after {first_s:.1f} s, then {rate:.1f} tokens/s."
    if 0 < rate < bounds.slow_tokens_per_s:
        return warn(
            "speed", text, "That is slower than one reads. A smaller model, or a GPU: ollama ps shows the share."
        )
    return ok("speed", text)


async def _context(client: OllamaClient, settings: Settings) -> list[Finding]:
    try:
        shown, loaded = await asyncio.gather(client.show(settings.ollama_model), client.loaded())
    except ModelError:
        return [warn("context", "Ollama does not tell the model's context.", "A proxy may keep /api/show and /api/ps.")]
    return [context_found(settings, shown.context, loaded)]


def context_found(settings: Settings, own: int, loaded: Sequence[LoadedModel]) -> Finding:
    """Compare what is set, what the model was made for (0: not known) and what is loaded."""
    actual = next((one.context for one in loaded if one.is_called(settings.ollama_model)), 0)
    wanted, answer = settings.ollama_num_ctx, settings.answer_max_tokens
    if wanted and own and wanted > own:
        text = f"OLLAMA_NUM_CTX is {wanted}, but the model was made for {own} tokens."
        return warn("context", text, f"Set OLLAMA_NUM_CTX to {own} or less.")
    if wanted and actual and actual != wanted:
        text = f"OLLAMA_NUM_CTX is {wanted}, but the model is loaded with {actual} tokens."
        return warn("context", text, "Another program may load it with its own: each change loads the model again.")
    context = actual or wanted or own
    if context and answer > context // 2:
        text = f"An answer may take {answer} tokens of a context of {context}: little is left for the conversation."
        return warn("context", text, f"Set OLLAMA_NUM_CTX to {2 * answer} or more, or ANSWER_MAX_TOKENS lower.")
    if not context:
        return ok("context", "Ollama chooses it.")
    return ok("context", f"{context} tokens{f', of {own} that the model was made for' if own > context else ''}.")
