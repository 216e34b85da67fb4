"""One answer on its way to the client, written as Ollama writes it."""

import time
from typing import Any

from aiohttp import web

from playground.llm.request import JSON
from playground.llm.server import until_cancelled
from playground.llm.wire import Counters, Form, go_json, last_line, line

NDJSON = "application/x-ndjson"
DROPPED = web.RequestKey("dropped", bool)  # the mark on a request whose connection was dropped on purpose


def plain(status: int, body: bytes, content_type: str = JSON) -> web.Response:
    """Give a whole answer whose content type is sent to the letter."""
    return web.Response(status=status, body=body, headers={"Content-Type": content_type})


def break_off(request: web.BaseRequest, *, in_mid_chunk: bool) -> None:
    """Drop the connection of a request; what was written before still arrives."""
    if request.transport is not None:
        if in_mid_chunk:
            request.transport.write(b'7d\r\n{"model":')
        request.transport.close()


class Reply:
    """
    The answer to one /api/chat or /api/generate.

    Status and headers go out with the first line, as with Ollama: until then a client hears nothing.
    Where the request asked not to stream, the lines are gathered into one body.
    """

    def __init__(self, request: web.BaseRequest, form: Form, model: str, *, stream: bool = True) -> None:
        self.form = form
        self.tokens = 0
        self.began_ns = time.monotonic_ns()
        self._request = request
        self._model = model
        self._stream = stream
        self._response: web.StreamResponse | None = None
        self._text: list[str] = []
        self._thinking: list[str] = []

    @property
    def begun(self) -> bool:
        """True once the client has seen the status."""
        return self._response is not None

    async def say(self, text: str = "", *, thinking: str = "") -> None:
        """Send a token of the answer, or of the thinking before it."""
        self.tokens += 1
        if self._stream:
            await self.send(line(self.form, self._model, text, thinking))
        else:
            self._text.append(text)
            self._thinking.append(thinking)

    async def end(self, reason: str, counters: Counters) -> None:
        """Send what ends an answer well."""
        text, thinking = "".join(self._text), "".join(self._thinking)
        value = last_line(self.form, self._model, reason, counters, text, thinking)
        if self._stream:
            await self.send(value)
        else:
            self._response = plain(200, go_json(value))

    async def send(self, value: dict[str, Any]) -> None:
        """Send a line of any kind."""
        await self.raw(go_json(value) + b"\n")

    async def raw(self, data: bytes) -> None:
        """Send bytes as one chunk."""
        try:
            if self._response is None:
                self._response = web.StreamResponse(headers={"Content-Type": NDJSON})
                self._response.enable_chunked_encoding()
                await self._response.prepare(self._request)
            await self._response.write(data)
        except ConnectionError:
            await until_cancelled()

    def refuse(self, status: int, body: bytes, content_type: str) -> None:
        """Answer with something else altogether; only before the first line."""
        assert self._response is None, "the status is sent already"
        self._response = plain(status, body, content_type)

    async def drop(self) -> None:
        """Drop the connection, in mid-chunk if a chunk was sent. Does not return: the loss cancels it."""
        self._request[DROPPED] = True
        break_off(self._request, in_mid_chunk=self.begun)
        await until_cancelled()

    async def finish(self) -> web.StreamResponse:
        """Send what is left to send."""
        if self._response is None:
            await self.raw(b"")
        assert self._response is not None
        try:
            await self._response.prepare(self._request)
            await self._response.write_eof()
        except ConnectionError:
            await until_cancelled()
        return self._response
