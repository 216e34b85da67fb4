"""
What Discord's responses say about its rate limits, read through discord.py's public `http_trace`.

discord.py sleeps out the window inside the request that empties a bucket, for seconds after Discord has applied it. The
trace runs inside that same request when the response arrives, so it knows at once.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping
from contextvars import ContextVar, copy_context
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import discord

from bot.chat.breaker import Breaker
from bot.core.errors import SurfaceSilent
from bot.core.events import RateLimited
from bot.core.ports import Observer
from bot.core.scheduler import Allowance, Grant, Scheduler

CHANNEL_EDITS = CHANNEL_SENDS = Allowance(limit=5, window_s=5.0)
"""First guess: what discord.py's users report for a channel, documented nowhere."""

TOKEN_WRITES = Allowance(limit=5, window_s=2.0)
"""First guess: what is reported for one interaction's edits and follow-ups, documented nowhere."""

INVALID = {401, 403, 429}
"""What Discord counts towards a ban, 429s aside for what others use too."""

BAN_PAUSE_S = 60.0
"""Silence after a 429 that is no JSON of Discord's: a ban page in front of it, which names no time."""

log = logging.getLogger(__name__)


T = TypeVar("T")


class _Sent:
    """A request of a lane's, and what has come back of it while the call may still sleep."""

    def __init__(self, grant: Grant) -> None:
        loop = asyncio.get_running_loop()
        self.grant = grant
        self.applied: asyncio.Future[bool] = loop.create_future()
        """Whether Discord has applied it; False if the call ended without a word of that."""
        self.body: asyncio.Future[bytes | None] = loop.create_future()
        self.is_unanswered = False

    def end(self, _: object) -> None:
        """Take note that the call has ended."""
        if not self.applied.done():
            self.applied.set_result(False)
        if not self.body.done():
            self.body.set_result(None)

    def result(self, task: asyncio.Task[T]) -> T:
        """Give what the call returned, or raise what it raised. Raises SurfaceSilent if no answer came in time."""
        try:
            return task.result()
        except (aiohttp.ClientError, OSError) as error:
            if self.is_unanswered:
                raise SurfaceSilent from error
            raise


_sent: ContextVar[_Sent | None] = ContextVar("sent", default=None)


class Limits:
    """
    Tells each request's Grant what the response said, and the scheduler when a 429 covers everything.

    What discord.py asks of its own accord has no Grant; it is paid for from the scheduler's budget.
    """

    def __init__(self, scheduler: Scheduler, observer: Observer) -> None:
        self._scheduler, self._observer = scheduler, observer
        self._breaker = Breaker()
        self._requests: set[asyncio.Task[Any]] = set()

    def trace_config(self) -> aiohttp.TraceConfig:
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._on_request)
        config.on_request_end.append(self._on_response)
        config.on_response_chunk_received.append(self._on_body)
        return config

    async def apply(self, grant: Grant, request: Coroutine[Any, Any, object]) -> None:
        """
        Make a request and return as soon as Discord has applied it, or raise what it raised.

        It runs in a task of its own, which nothing cancels and which may sleep on after it has been applied.
        """
        sent = _Sent(grant)
        task = self._start(request, sent)
        if not await sent.applied:
            sent.result(task)

    def unanswered(self) -> None:
        """Take note that the request in whose context this is called gets no answer; its connection is to be closed."""
        sent = _sent.get()
        if sent is not None:
            sent.is_unanswered = True

    async def post(self, grant: Grant, request: Coroutine[Any, Any, discord.Message]) -> tuple[int, str]:
        """Send a message likewise; return its id and text, which are read from the response before the call returns."""
        sent = _Sent(grant)
        task = self._start(request, sent)
        response = await sent.body
        if response is None:
            message = sent.result(task)
            return message.id, message.content
        body = json.loads(response)
        return int(body["id"]), body["content"]

    def _start(self, request: Coroutine[Any, Any, Any], sent: _Sent) -> asyncio.Task[Any]:
        context = copy_context()
        context.run(_sent.set, sent)
        task = asyncio.get_running_loop().create_task(request, context=context)
        self._requests.add(task)
        task.add_done_callback(self._finish)
        task.add_done_callback(sent.end)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._requests.discard(task)
        if not task.cancelled() and task.exception() is not None:  # reading it also marks it as seen
            log.debug("a request to Discord ended in %s", type(task.exception()).__name__)

    async def _on_request(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        self._breaker.check()
        if _sent.get() is None and "Authorization" in params.headers:
            await self._scheduler.budget.spend()

    async def _on_response(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        """Runs inside the request, so it must not raise. The URL carries tokens: it is never logged."""
        sent, response = _sent.get(), params.response
        if response.status in INVALID and response.headers.get("X-RateLimit-Scope") != "shared":
            pause_s = self._breaker.count()
            if pause_s:
                self._scheduler.close_all(asyncio.get_running_loop().time() + pause_s)
        if response.status == 429:
            self._obey(sent, response)
        elif sent is not None:
            limit = _read_limit(response.headers)
            if limit is not None:
                sent.grant.learn(*limit)
            if response.ok and not sent.applied.done():
                sent.applied.set_result(True)

    async def _on_body(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceResponseChunkReceivedParams,
    ) -> None:
        """Take the body, which comes once and whole as soon as it has been read."""
        sent = _sent.get()
        if sent is not None and sent.applied.done() and not sent.body.done():
            sent.body.set_result(params.chunk)

    def _obey(self, sent: _Sent | None, response: aiohttp.ClientResponse) -> None:
        headers = response.headers
        from_discord = response.content_type == "application/json"
        pause_s = _number(headers.get("Retry-After")) or (1.0 if from_discord else BAN_PAUSE_S)
        until = asyncio.get_running_loop().time() + pause_s
        scope = headers.get("X-RateLimit-Scope", "none")
        log.warning("Discord answered 429 (scope %.20s); waiting %.1f s", scope, pause_s)
        self._observer(_rate_limited(scope) if from_discord else RateLimited("ban"))
        if not from_discord or "X-RateLimit-Global" in headers:
            self._scheduler.close_all(until)
        elif sent is not None:
            sent.grant.close_lane(until)


def _rate_limited(scope: str) -> RateLimited:
    match scope:
        case "user" | "global" | "shared":
            return RateLimited(scope)
        case _:
            return RateLimited("unknown")


def _read_limit(headers: Mapping[str, str]) -> tuple[int, int, float] | None:
    """Limit, remaining, seconds to the reset; None where any of them is missing."""
    limit = _number(headers.get("X-RateLimit-Limit"))
    remaining = _number(headers.get("X-RateLimit-Remaining"))
    reset_after_s = _number(headers.get("X-RateLimit-Reset-After"))
    if limit is None or remaining is None or reset_after_s is None:
        return None
    return max(1, int(limit)), int(remaining), reset_after_s


def _number(text: str | None) -> float | None:
    """Read a header's number; None if there is none, or one that nothing sensible can be done with."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
