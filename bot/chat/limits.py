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
from typing import Any

import aiohttp
import discord

from bot.core.scheduler import Allowance, Grant, Scheduler

CHANNEL_EDITS = CHANNEL_SENDS = Allowance(limit=5, window_s=5.0)
"""First guess: what discord.py's users report for a channel, documented nowhere."""

TOKEN_WRITES = Allowance(limit=5, window_s=2.0)
"""First guess: what is reported for one interaction's edits and follow-ups, documented nowhere."""

BAN_PAUSE_S = 60.0
"""Silence after a 429 that is no JSON of Discord's: a ban page in front of it, which names no time."""

log = logging.getLogger(__name__)


class _Sent:
    """A request of a lane's, and what has come back of it while the call may still sleep."""

    def __init__(self, grant: Grant) -> None:
        loop = asyncio.get_running_loop()
        self.grant = grant
        self.applied: asyncio.Future[None] = loop.create_future()
        self.body: asyncio.Future[bytes] = loop.create_future()


_sent: ContextVar[_Sent | None] = ContextVar("sent", default=None)


class Limits:
    """
    Tells each request's Grant what the response said, and the scheduler when a 429 covers everything.

    What discord.py asks of its own accord has no Grant; it is paid for from the scheduler's budget.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
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
        either: set[asyncio.Future[Any]] = {task, sent.applied}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not sent.applied.done():
            task.result()

    async def post(self, grant: Grant, request: Coroutine[Any, Any, discord.Message]) -> tuple[int, str]:
        """Send a message likewise; return its id and text, which are read from the response before the call returns."""
        sent = _Sent(grant)
        task = self._start(request, sent)
        either: set[asyncio.Future[Any]] = {task, sent.body}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not sent.body.done():
            message = task.result()
            return message.id, message.content
        body = json.loads(sent.body.result())
        return int(body["id"]), body["content"]

    def _start(self, request: Coroutine[Any, Any, Any], sent: _Sent) -> asyncio.Task[Any]:
        context = copy_context()
        context.run(_sent.set, sent)
        task = asyncio.get_running_loop().create_task(request, context=context)
        self._requests.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._requests.discard(task)
        if not task.cancelled() and task.exception() is not None:  # reading it also marks it as seen
            log.debug("a request to Discord ended in %s", type(task.exception()).__name__)

    async def _on_request(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        if _sent.get() is None and "Authorization" in params.headers:
            await self._scheduler.budget.spend()

    async def _on_response(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        """Runs inside the request, so it must not raise. The URL carries tokens: it is never logged."""
        sent, response = _sent.get(), params.response
        if response.status == 429:
            self._obey(sent, response)
        elif sent is not None:
            limit = _read_limit(response.headers)
            if limit is not None:
                sent.grant.learn(*limit)
            if response.ok and not sent.applied.done():
                sent.applied.set_result(None)

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
        log.warning("Discord answered 429 (scope %s); waiting %.1f s", scope, pause_s)
        if not from_discord or "X-RateLimit-Global" in headers:
            self._scheduler.close_all(until)
        elif sent is not None:
            sent.grant.close_lane(until)


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
