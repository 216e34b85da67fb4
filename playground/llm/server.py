"""A small HTTP server on the loopback interface, in front of whatever gives the answers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, NoReturn, Self

from aiohttp import web

MAX_BODY = 64 * 2**20  # pictures come inside the JSON

Respond = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class LlmServer:
    """
    An HTTP server at `url`, for as long as the context is open. A port of 0 takes a free one.

    `respond` answers each request; it is cancelled as soon as its client leaves, and when the server closes.
    """

    def __init__(self, respond: Respond, *, port: int = 0) -> None:
        self.url = ""
        self._respond = respond
        self._port = port
        self._answers: set[asyncio.Task[Any]] = set()
        self._server: web.Server
        self._runner: web.ServerRunner
        self._site: web.TCPSite | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._server = web.Server(
                self._answer, request_factory=_request, handler_cancellation=True, access_log=None
            )
            self._runner = web.ServerRunner(self._server)
            await self._runner.setup()
            stack.push_async_callback(self._runner.cleanup)
            # An answer on hold would keep the clean-up waiting for ever.
            stack.push_async_callback(self._cut_answers)
            await self.listen()
            self._port = self._runner.addresses[0][1]
            self.url = f"http://127.0.0.1:{self._port}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def listens(self) -> bool:
        return self._site is not None

    async def listen(self) -> None:
        """Take connections; again at the same address after `refuse`. Raises OSError."""
        if self._site is None:
            site = web.TCPSite(self._runner, "127.0.0.1", self._port)
            await site.start()
            self._site = site

    async def refuse(self) -> None:
        """Drop all connections and refuse new ones, as where no server runs."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        for connection in self._server.connections:
            connection.force_close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._answers.add(task)
        try:
            return await self._respond(request)
        finally:
            self._answers.discard(task)

    async def _cut_answers(self) -> None:
        answers = list(self._answers)
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)


async def until_cancelled() -> NoReturn:
    """Wait for the cancellation that is on its way to whoever lost the connection."""
    while True:
        await asyncio.Event().wait()


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)
