"""
The sockets to Discord.

discord.py bounds no request, so one that is accepted and never answered would hold up its writer for aiohttp's five
minutes; and to cancel a request of discord.py does harm, for good even. So it is the socket that is closed, from below:
to discord.py that is a lost connection like any other, after which it leaves everything in order.
"""

import asyncio
import logging
from collections.abc import Callable

import aiohttp
from aiohttp.client import ClientRequest, ClientTimeout
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

CONNECT_S, ANSWER_S = 8.0, 20.0
"""Together less than the 30 s for which a writer may be held up."""

CALLBACK_S = 1.2
"""For the response to an interaction, which Discord takes for three seconds: so there is time for a second try."""

CALLBACK = "/callback"

LAG_S = 0.05
"""If this loop is so far behind, an answer may be there that has not been read: Discord is given its time again."""

log = logging.getLogger(__name__)


class Sockets(aiohttp.TCPConnector):
    """
    Closes a request's socket when there is no whole answer in time. The gateway's websocket is left alone.

    `unanswered` is called before that, in the context of the request.
    """

    def __init__(self, unanswered: Callable[[], None]) -> None:
        super().__init__(limit=0)
        self._unanswered = unanswered
        self._connecting = ClientTimeout(sock_connect=CONNECT_S)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ARG002, ASYNC109 - aiohttp's signature
        connection = await super().connect(req, traces, self._connecting)
        if req.url.scheme in {"http", "https"}:
            limit_s = CALLBACK_S if req.url.path.endswith(CALLBACK) else ANSWER_S
            patience = _Patience(connection, limit_s, self._unanswered)
            connection.add_callback(patience.end)  # once the answer has been read, or the request has failed
        return connection


class _Patience:
    """Waits for one answer."""

    def __init__(self, connection: Connection, limit_s: float, unanswered: Callable[[], None]) -> None:
        self._connection, self._limit_s, self._unanswered = connection, limit_s, unanswered
        self._loop = asyncio.get_running_loop()
        self._timer = self._begin()

    def end(self) -> None:
        self._timer.cancel()

    def _begin(self) -> asyncio.TimerHandle:
        self._until = self._loop.time() + self._limit_s
        return self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        if self._loop.time() - self._until > LAG_S:
            self._timer = self._begin()
            return
        log.warning("Discord took a request and did not answer it for %g s; closing its connection", self._limit_s)
        self._unanswered()
        if self._connection.transport is not None:
            self._connection.transport.abort()
