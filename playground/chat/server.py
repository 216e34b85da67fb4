"""The whole server: Discord's REST and gateway on one loopback port."""

import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from playground.chat import errors
from playground.chat.faults import Faults
from playground.chat.gateway import Gateway
from playground.chat.limits import Limits, RateLimiter
from playground.chat.record import Record
from playground.chat.rest import ROUTES
from playground.chat.rest.call import Call, Reply, Route
from playground.chat.rest.desk import Desk
from playground.chat.rest.uploads import download
from playground.chat.world import Town

LOOPBACK = "127.0.0.1"
BASE = "/api/v10"
BODY_BYTES = 32 * 1024 * 1024


def _unknown(_: Call) -> Reply:
    raise errors.not_found()


UNKNOWN = Route("*", "unknown", _unknown)


class ChatServer:
    """
    Discord, as far as a bot can tell. Listens on loopback alone, on a free port unless `port` says which.

    `world` holds what is there and lets tests change it, `record` what was asked, `faults` what is to go wrong,
    `limits` the rate limiter with its counts, `gateway` closes connections. `clock` is what limits and ages go by.
    `extend` may add routes and middlewares of others to the application before it is served.

        async with ChatServer() as server, Member(server.api_url, server.gateway_url, server.world.ann.token) as ann:
            ...
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
        record_most: int = 20_000,
        extend: Callable[[web.Application], None] | None = None,
    ) -> None:
        self._port = port
        self._extend = extend
        self.record = Record(record_most)
        self.faults = Faults()
        self.limits = RateLimiter(limits or Limits(), clock)
        self.gateway = Gateway(self.limits, self.record, clock)
        self.world = self.gateway.world = Town(clock, self.gateway.publish)
        self._runner: web.AppRunner | None = None
        self._desk: Desk | None = None

    @property
    def api_url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}{BASE}"

    @property
    def gateway_url(self) -> str:
        return f"ws://{LOOPBACK}:{self._port}/gw"

    async def start(self) -> None:
        """Listen. The address is known from here on."""
        listening = socket.create_server((LOOPBACK, self._port), backlog=1024)
        self._port = listening.getsockname()[1]
        self.gateway.url = self.gateway_url
        self._desk = Desk(self.world, self.limits, self.record, self.faults, self.api_url, self.gateway_url)
        self._runner = web.AppRunner(self._app(self._desk), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def aclose(self) -> None:
        """Let go of what hangs, close the gateway and stop listening; twice is harmless."""
        if self._runner is None or self._desk is None:
            return
        self._desk.closing.set()
        self.gateway.close_all()
        await self._runner.cleanup()
        self._runner = None

    def _app(self, desk: Desk) -> web.Application:
        app = web.Application(client_max_size=BODY_BYTES)
        for route in ROUTES:
            app.router.add_route(route.method, BASE + route.path, desk.serve(route))
        app.router.add_get("/gw", self.gateway.handle)
        app.router.add_get(BASE + "/attachments/{attachment}/{filename}", self._download)
        if self._extend is not None:
            self._extend(app)
        app.router.add_route("*", "/{rest:.*}", desk.serve(UNKNOWN))
        return app

    async def _download(self, request: web.Request) -> web.Response:
        return download(request, self.world)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
