"""A model that plays scripts, for tests, and remembers who asked what and who left when."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from multidict import CIMultiDictProxy

from playground.llm.api import OllamaApi
from playground.llm.models import Model
from playground.llm.reply import DROPPED, Reply
from playground.llm.request import Ask, Refused, parse
from playground.llm.script import Script, Step, play

Ending = Literal["open", "answered", "left", "dropped", "closed"]
ASKS = ("/api/chat", "/api/generate")


@dataclass(slots=True, eq=False)
class Call:
    """One request and what became of it. Times are `time.monotonic()`."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    raw: bytes
    arrived: float = field(default_factory=time.monotonic)
    ending: Ending = "open"
    """`left` by the client, `dropped` by the script, `closed` with the server."""
    ended: float = 0.0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON; raises Refused if it is none."""
        return parse(self.raw)

    async def left(self) -> float:
        """Wait until the client closes the stream; return when it did. Raises if it ends another way."""
        await self._over.wait()
        if self.ending != "left":
            raise RuntimeError(f"the client did not leave: the stream was {self.ending}")
        return self.ended

    def end(self, ending: Ending) -> None:
        self.ending, self.ended = ending, time.monotonic()
        self._over.set()


class Stage:
    """
    A scripted Ollama; its `respond` is for a LlmServer.

    Each good request to /api/chat or /api/generate plays the next script of those queued by `play`, or when none
    is left the one that `director` gives for it. `instead` holds scripts for whole paths, played before anything is
    checked. `models` may be changed at any time.
    """

    def __init__(self, *models: Model, director: Callable[[Ask], Script] | None = None) -> None:
        self.models = list(models) or [
            Model("smol", loaded=True),
            Model("smol-think", capabilities=("completion", "thinking")),
        ]
        self.director = director
        self.instead: dict[str, Script] = {}
        self.calls: list[Call] = []
        self._queue: deque[Script] = deque()
        self._api = OllamaApi(self.models, self)
        self._news = asyncio.Condition()

    def play(self, *script: Step) -> None:
        """Queue a script for one request."""
        self._queue.append(script)

    @property
    def asks(self) -> list[Call]:
        """All requests to /api/chat and /api/generate, in the order of their arrival."""
        return [call for call in self.calls if call.path in ASKS]

    @property
    def open(self) -> int:
        """How many asks have not ended."""
        return sum(call.ending == "open" for call in self.asks)

    async def asked(self, number: int = 0) -> Call:
        """Wait until ask `number`, from 0, has arrived with its body."""
        await self.until(lambda: len(self.asks) > number)
        return self.asks[number]

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Wait for something about the calls to become true; it is looked at whenever one arrives or ends."""
        async with self._news:
            await self._news.wait_for(predicate)

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        call = Call(request.method, request.path, request.headers, await request.read())
        self.calls.append(call)
        await self._tell()
        ending: Ending = "answered"
        try:
            return await self._answer(call, request)
        except asyncio.CancelledError:
            ending = _why_cancelled(request)
            raise
        finally:
            call.end(ending)
            await self._tell()

    async def load(self, model: Model) -> None:
        """Take no time: what a load looks like is the script's business."""

    async def speak(self, ask: Ask, reply: Reply) -> None:
        if self._queue:
            await play(self._queue.popleft(), reply)
        elif self.director is not None:
            await play(self.director(ask), reply)
        else:
            raise Refused(500, "the stage has no script for this request")

    async def _answer(self, call: Call, request: web.BaseRequest) -> web.StreamResponse:
        if call.path not in self.instead:
            return await self._api.respond(request)
        reply = Reply(request, "chat", "")
        await play(self.instead[call.path], reply)
        return await reply.finish()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def _why_cancelled(request: web.BaseRequest) -> Ending:
    if DROPPED in request:
        return "dropped"
    return "left" if request.transport is None else "closed"
