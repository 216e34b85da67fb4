"""The pages for those who watch over the process: /healthz, /readyz and /metrics."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.core.errors import PatterError
from bot.core.events import Event, GatewayConnected, GatewayLost
from bot.core.ports import ChatModel, Observer
from bot.observe.fan_out import FanOut
from bot.observe.metrics import Metrics

FRESH_S = 5.0
"""So long what Ollama answered is taken for true, however often one asks."""

PATIENCE_S = 3.0
"""Scrapers and container engines wait for five seconds and more."""

TOO_SLOW = f"The model's server did not answer within {PATIENCE_S:.0f} s."


@dataclass(frozen=True, slots=True)
class Check:
    """Whether something works; `why` says what is wrong if it does not, in words that are safe to show."""

    ok: bool
    why: str = ""

    def as_json(self) -> dict[str, object]:
        return {"ok": True} if self.ok else {"ok": False, "why": self.why}


NOT_CONNECTED = Check(ok=False, why="Discord's gateway is not connected.")


class ModelCheck:
    """Asks Ollama whether it is there, one question at a time and not more often than every `fresh_s` seconds."""

    def __init__(self, model: ChatModel, *, fresh_s: float = FRESH_S, patience_s: float = PATIENCE_S) -> None:
        self._model, self._fresh_s, self._patience_s = model, fresh_s, patience_s
        self._asking = asyncio.Lock()
        self._known, self._until = Check(ok=False), 0.0

    async def __call__(self) -> Check:
        clock = asyncio.get_running_loop().time
        async with self._asking:
            if clock() >= self._until:
                self._known = await self._ask()
                self._until = clock() + self._fresh_s
            return self._known

    async def _ask(self) -> Check:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._model.models()
        except PatterError as error:
            return Check(ok=False, why=error.hint)
        except TimeoutError:
            return Check(ok=False, why=TOO_SLOW)
        return Check(ok=True)


class HealthPages:
    """An Observer, which learns from that whether Discord's gateway is connected."""

    def __init__(self, metrics: Metrics, check_model: ModelCheck) -> None:
        self._metrics, self._check_model = metrics, check_model
        self._gateway = NOT_CONNECTED

    def __call__(self, event: Event) -> None:
        match event:
            case GatewayConnected():
                self._gateway = Check(ok=True)
            case GatewayLost():
                self._gateway = NOT_CONNECTED

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._scrape)
        return app

    async def _alive(self, _request: web.Request) -> web.Response:
        """That there is an answer says it all: the event loop lives."""
        return web.json_response({"ok": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        gateway, model = self._gateway, await self._look_at_model()
        ready = gateway.ok and model.ok
        found = {"ready": ready, "gateway": gateway.as_json(), "ollama": model.as_json()}
        return web.json_response(found, status=200 if ready else 503)

    async def _scrape(self, request: web.Request) -> web.Response:
        await self._look_at_model()
        body, content_type = self._metrics.page(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _look_at_model(self) -> Check:
        check = await self._check_model()
        self._metrics.ollama_up.set(check.ok)
        return check


@asynccontextmanager
async def open_pages(
    host: str, port: int, model: ChatModel, *, running: Callable[[], int], waiting: Callable[[], int]
) -> AsyncIterator[Observer]:
    """Serve the pages until the context is left; give who is to be told what happens. Raises PatterError."""
    metrics = Metrics(running=running, waiting=waiting)
    pages = HealthPages(metrics, ModelCheck(model))
    async with serving(pages.app(), host, port):
        yield FanOut(metrics, pages)


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the context is left; give the port, which is a free one for 0. Raises PatterError."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise PatterError(hint=f"HEALTH_PORT {port} cannot be used on {host!r}: {error.strerror}.") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
