"""What the settings say of the model's server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.llm.client import OllamaClient
from bot.llm.options import OllamaOptions
from bot.llm.transport import open_http
from bot.settings import Settings


def ollama_options(settings: Settings) -> OllamaOptions:
    return OllamaOptions(
        num_predict=settings.answer_max_tokens,
        num_ctx=settings.ollama_num_ctx,
        keep_alive=_seconds_or_text(settings.ollama_keep_alive),
        think=settings.ollama_think,
        first_byte_timeout_s=settings.first_token_timeout_s,
        token_timeout_s=settings.token_timeout_s,
    )


def _seconds_or_text(keep_alive: str | None) -> int | str | None:
    """Ollama takes "10m" as text, but bare seconds, and -1 for ever, only as a number."""
    return int(keep_alive) if keep_alive and keep_alive.lstrip("-").isdigit() else keep_alive


@asynccontextmanager
async def open_model(settings: Settings, options: OllamaOptions | None = None) -> AsyncIterator[OllamaClient]:
    key = settings.ollama_api_key.get_secret_value() if settings.ollama_api_key else ""
    async with open_http(settings.ollama_url, key) as http:
        yield OllamaClient(http, options or ollama_options(settings))
