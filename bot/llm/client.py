"""Ollama as the core wants it: implements ChatModel over an httpx.AsyncClient handed to it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from random import Random
from typing import TypeVar

import httpx

from bot.core.errors import ModelBusy, ModelError, ModelMissing, ModelRefused
from bot.core.model import (
    Delta,
    LoadedModel,
    ModelInfo,
    Question,
    Retried,
    Retrying,
    StreamEvent,
    Think,
    Usage,
)
from bot.llm import wire
from bot.llm.decoder import AnswerDecoder
from bot.llm.gathering import Gathering
from bot.llm.options import OllamaOptions
from bot.llm.retry import Tries
from bot.llm.silence import Silence
from bot.llm.transport import NOT_OLLAMA, below, describe, reading, translated, unreachable

MAX_BODY_BYTES = 8 << 20  # /api/show brings the licence and the template along
MAX_ERROR_BYTES = 1 << 16
MUCH_BYTES = 8192  # about 65 tokens: after so much at once the next read does not wait
DETAIL_CHARS = 500
REMEMBERED_MODELS = 64
LEAST_CONTEXT = 4096
"""What Ollama loads a model with where there is little memory, and a model's own is not smaller."""

LOADED_KNOWN_S = 1.0
"""So that a crowd that asks at once does not have the same looked up for each of it."""

CONTEXT_KNOWN_S = 60.0
"""A server that is started anew may load a model with another context."""

NO_KEY = "The model's server asks for a key. Whoever runs this bot can check OLLAMA_API_KEY."

# A body that is compressed on the way would be no lines.
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
STREAM_HEADERS = {**HEADERS, "Connection": "close"}
"""The end of a connection is heard of at once, also while a stream's bytes gather."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class OllamaClient:
    """
    The models of one Ollama server. Closing `http` is the business of who opened it.

    Leaving an answer's context, or cancelling the task in it, closes the socket at once.
    """

    def __init__(self, http: httpx.AsyncClient, options: OllamaOptions, *, random: Random | None = None) -> None:
        self._http, self._options = http, options
        self._random = random or Random()  # noqa: S311 - it spreads pauses
        self._thinkers: dict[str, bool] = {}
        self._contexts: dict[str, tuple[int, float]] = {}
        self._loaded: tuple[LoadedModel, ...] = ()
        self._loaded_until = 0.0
        self._looking = asyncio.Lock()

    def ask(
        self, question: Question, wanted: asyncio.Event | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Stream an answer of /api/chat, as ChatModel says."""

        def body(think: Think) -> bytes:
            return wire.chat_body(question, think=think, options=self._options)

        tries = Tries(self._options, self._random, restarts=self._options.restarts)
        return aclosing(self._answer("/api/chat", question.model, body, tries, wanted or asyncio.Event()))

    def generate(self, prompt: str, model: str) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """
        Stream what the model makes of a bare prompt, with /api/generate: no system prompt, no history.

        As `ask`, but a cut is final: without a seed another try would be another text.
        """

        def body(think: Think) -> bytes:
            return wire.generate_body(prompt, model, think=think, options=self._options)

        tries = Tries(self._options, self._random, restarts=0)
        return aclosing(self._answer("/api/generate", model, body, tries, asyncio.Event()))

    async def models(self) -> tuple[ModelInfo, ...]:
        return await self._look_up("GET", "/api/tags", wire.read_tags)

    async def loaded(self) -> tuple[LoadedModel, ...]:
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now >= self._loaded_until:
                self._loaded = await self._look_up("GET", "/api/ps", wire.read_loaded)
                self._loaded_until = now + LOADED_KNOWN_S
            return self._loaded

    async def context(self, model: str) -> int:
        if self._options.num_ctx is not None:
            return self._options.num_ctx
        now = asyncio.get_running_loop().time()
        known, until = self._contexts.get(model, (LEAST_CONTEXT, 0.0))
        if now < until:
            return known
        try:
            loaded = await self.loaded()
        except ModelError:
            return known
        if len(self._contexts) >= REMEMBERED_MODELS:
            self._contexts.clear()
        contexts = [one.context for one in loaded if one.context and one.is_called(model)]
        if contexts:
            self._contexts[model] = contexts[0], now + CONTEXT_KNOWN_S
        return contexts[0] if contexts else known

    async def version(self) -> str:
        return await self._look_up("GET", "/api/version", wire.read_version)

    async def show(self, model: str) -> ModelInfo:
        """Tell about one installed model; its size is not known here."""

        def read(body: bytes) -> ModelInfo:
            return wire.read_shown(body, model)

        return await self._look_up("POST", "/api/show", read, wire.show_body(model), model)

    async def _answer(
        self, path: str, model: str, body: Callable[[Think], bytes], tries: Tries, wanted: asyncio.Event
    ) -> AsyncGenerator[StreamEvent, None]:
        while True:
            try:
                think = await self._think(model)
                async with aclosing(self._stream(path, body(think), model, wanted)) as events:
                    async for event in events:
                        yield event
            except ModelError as error:
                self._thinkers.pop(model, None)  # another model may have taken its name
                notice, pause_s = tries.after(error)
            else:
                return
            yield notice
            if isinstance(notice, Retrying):
                await asyncio.sleep(pause_s)
                yield Retried()

    async def _stream(
        self, path: str, body: bytes, model: str, wanted: asyncio.Event
    ) -> AsyncGenerator[Delta | Usage, None]:
        """Make one try. Faults before the first byte are ModelUnreachable, later ones StreamCut."""
        decoder = AnswerDecoder()
        async with AsyncExitStack() as stack:
            with translated(unreachable):
                async with asyncio.timeout(self._options.first_byte_timeout_s):
                    response = await self._send("POST", path, body, STREAM_HEADERS)
                    gathering = Gathering(below(response), wanted, self._options.gather_s)
                    chunks = await stack.enter_async_context(reading(response))
                    await self._check(response, chunks, model)
                    chunk = await anext(chunks, b"")
            with translated(lambda exc: decoder.cut(describe(exc))), Silence(self._options.token_timeout_s) as silence:
                while chunk:
                    for event in decoder.feed(chunk):
                        yield event
                    if decoder.done:
                        return
                    if len(chunk) < MUCH_BYTES:
                        await gathering.wait()
                    chunk = await silence.bound(anext(chunks, b""))
            for event in decoder.end():
                yield event

    async def _think(self, model: str) -> Think:
        """Give the wish for a model that can think, else False. True for one that cannot is refused by Ollama."""
        wish = self._options.think
        if wish is False:
            return False
        if model not in self._thinkers:
            try:
                capabilities = (await self.show(model)).capabilities
            except ModelRefused:  # a proxy may keep /api/show to itself
                return False
            if len(self._thinkers) >= REMEMBERED_MODELS:
                self._thinkers.clear()
            self._thinkers[model] = "thinking" in capabilities
        return self._thinkers[model] and wish

    async def _look_up(
        self, method: str, path: str, read: Callable[[bytes], T], body: bytes = b"", model: str = ""
    ) -> T:
        with translated(unreachable):
            async with asyncio.timeout(self._options.lookup_timeout_s):
                response = await self._send(method, path, body)
                async with reading(response) as chunks:
                    await self._check(response, chunks, model)
                    text = await _read(chunks, MAX_BODY_BYTES)
        try:
            return read(text)
        except wire.UNREADABLE as exc:
            raise ModelRefused(response.status_code, f"unreadable answer of {path}", hint=NOT_OLLAMA) from exc

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str] = HEADERS) -> httpx.Response:
        """Give the response once its headers are there. Only connecting is bounded here."""
        connect_s = self._options.connect_timeout_s
        # To this transport `pool` bounds the look-up of the name and the connecting to all of its addresses.
        timeout = httpx.Timeout(None, connect=connect_s, pool=connect_s)
        request = self._http.build_request(method, path, content=body, headers=headers, timeout=timeout)
        return await self._http.send(request, stream=True)

    async def _check(self, response: httpx.Response, chunks: AsyncIterator[bytes], model: str) -> None:
        """Raise what an answer other than Ollama's 200 means; only then read from it."""
        is_text = response.headers.get("content-type", "").startswith("text/")
        if response.status_code == httpx.codes.OK and not is_text:
            return
        async with asyncio.timeout(self._options.lookup_timeout_s):
            body = await _read(chunks, MAX_ERROR_BYTES)
        raise refusal(response.status_code, body, model)


def refusal(status: int, body: bytes, model: str) -> ModelError:
    """Say what it means that there is an answer, but not the one asked for."""
    error = wire.read_error(body)
    detail = (error or body.decode("utf-8", "replace"))[:DETAIL_CHARS]
    log.debug("status %d: %s", status, detail)
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return ModelBusy("status 503")
    if status == httpx.codes.UNAUTHORIZED:
        return ModelRefused(status, detail, hint=NO_KEY)
    if status == httpx.codes.NOT_FOUND and model and error is not None and "model" in error:
        return ModelMissing(model)
    # Ollama neither redirects nor sends text with a 200, and its 404s are those above.
    stranger = status < httpx.codes.BAD_REQUEST or status == httpx.codes.NOT_FOUND
    return ModelRefused(status, detail, hint=NOT_OLLAMA if stranger else None)


async def _read(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Read at most about `limit` bytes; the rest is left unread."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            break
    return bytes(body[:limit])
