"""A real Ollama, seen through: bytes pass untouched, and either side notices when the other leaves."""

from collections.abc import AsyncIterator
from io import BytesIO
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from playground.llm.reply import plain
from playground.llm.server import until_cancelled
from playground.llm.tap import Tap
from playground.llm.wire import go_json

# What concerns one connection alone (RFC 9110, 7.6.1), and what aiohttp works out anew.
NOT_PASSED_ON = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host", "content-length"})
ANSWERS = ("/api/chat", "/api/generate")


class Proxy:
    """
    Passes every request on to the Ollama at `url`; its `respond` is for a LlmServer.

    Answers pass through `tap`.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self.tap = Tap()

    async def __aenter__(self) -> Self:
        # No time limits: a big model is silent for minutes while it loads.
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            connector=aiohttp.TCPConnector(limit=0),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_PASSED_ON}
        body, target = await request.read(), self._url + request.path_qs
        data = BytesIO(body) if body else None
        try:
            upstream = await self._session.request(request.method, target, headers=headers, data=data)
        except aiohttp.ClientError as error:
            return plain(502, go_json({"error": f"cannot reach {self._url}: {type(error).__name__}"}))
        try:
            if request.path in ANSWERS and upstream.status == 200:
                async with self.tap.stream(request, upstream.content.iter_any()) as answer:
                    return await _pass_back(request, upstream, answer)
            return await _pass_back(request, upstream, upstream.content.iter_any())
        finally:
            # Closes the connection unless the whole body was read: that is what makes Ollama stop.
            upstream.close()


async def _pass_back(
    request: web.BaseRequest, upstream: aiohttp.ClientResponse, body: AsyncIterator[bytes]
) -> web.StreamResponse:
    kept = {name: value for name, value in upstream.headers.items() if name.lower() not in NOT_PASSED_ON}
    response = web.StreamResponse(status=upstream.status, headers=kept)
    if upstream.content_length is None:
        response.enable_chunked_encoding()
    else:
        response.content_length = upstream.content_length
    try:
        await response.prepare(request)
        async for data in body:
            await response.write(data)
        await response.write_eof()
    except aiohttp.ClientPayloadError:
        # Ollama dropped the connection in mid-chunk; so do we.
        if request.transport is not None:
            request.transport.close()
        await until_cancelled()
    except ConnectionError:
        await until_cancelled()
    return response
