"""The way of every request: recorded, maybe met by a fault, authorised, counted against limits, answered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from playground.chat import errors
from playground.chat.errors import ApiError
from playground.chat.faults import HTML, Fault, Faults
from playground.chat.limits import (
    RateLimiter,
    Refusal,
    bucket_headers,
    refusal_body,
    refusal_headers,
)
from playground.chat.model import Attachment, User
from playground.chat.record import Entry, Record
from playground.chat.rest.call import Call, Reply, Route
from playground.chat.rest.uploads import read_form
from playground.chat.world import World

JSON = "application/json"  # discord.py takes nothing else for JSON: no charset
NOBODY = User(0, "", "")
INVALID = object()


@dataclass(frozen=True, slots=True)
class Desk:
    """Serves routes. `closing` is set when the server closes: it ends every silence that a fault made."""

    world: World
    limiter: RateLimiter
    record: Record
    faults: Faults
    api_url: str
    gateway_url: str
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def serve(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            user = self._caller(route, request)
            entry = Entry(self.world.clock(), route.method, route.path, request.path, dict(request.match_info))
            entry.by = user.id if user else None
            self.record.add(entry)
            body, uploads = await self._read(request)
            entry.body = body
            call = Call(
                self.world, self.limiter, self.gateway_url, user or NOBODY, entry.params, request.query, body, uploads
            )
            fault = self.faults.meet(entry)
            try:
                if fault is not None:
                    return await self._with_fault(fault, route, call, entry, request)
                response = self._answer(route, call, entry)
                _note(entry, response)
            except Exception:
                entry.status = 500  # a mistake of ours: aiohttp answers and logs it
                raise
            else:
                return response
            finally:
                self.record.answer(entry, self.world.clock())

        return handle

    def _caller(self, route: Route, request: web.Request) -> User | None:
        """Give who calls: a bot by "Bot TOKEN", a person by the bare token."""
        if route.caller == "open":
            return None
        authorization = request.headers.get("Authorization", "")
        token = authorization.removeprefix("Bot ")
        user = self.world.by_token(token)
        return user if user is not None and user.bot == (token != authorization) else None

    async def _read(self, request: web.Request) -> tuple[Any, list[Attachment]]:
        """Read body and files; JSON that cannot be read comes as INVALID."""
        try:
            if request.content_type.startswith("multipart/"):
                return await read_form(request, self.world, self.api_url)
            raw = await request.read()
            return (msgspec.json.decode(raw) if raw else {}), []
        except msgspec.DecodeError:
            return INVALID, []

    def _answer(self, route: Route, call: Call, entry: Entry) -> web.Response:
        if self.limiter.is_banned:
            return web.Response(status=429, text=HTML.format("Error 1015"), content_type="text/html")
        headers: dict[str, str] = {}
        try:
            _admit(route, call)
            refusal = self._count(route, call, headers)
            reply = Reply(429, refusal_body(refusal)) if refusal else route.handler(call)
        except ApiError as error:
            entry.code = error.code
            refusal = Refusal(error.details["retry_after"], "user") if error.status == 429 else None
            reply = Reply(error.status, error.body())
        headers |= refusal_headers(refusal) if refusal else {}
        self.limiter.count_answer(reply.status, refusal.scope if refusal else None)
        return _response(reply, headers)

    def _count(self, route: Route, call: Call, headers: dict[str, str]) -> Refusal | None:
        """Count a bot's request against its limits; people are not held back here."""
        is_open = route.caller == "open"
        if not is_open and not call.user.bot:
            return None
        refusal = None if is_open else self.limiter.everything(call.user.id)
        if refusal is not None or route.lane is None:
            return refusal
        major = call.params["token" if is_open else "channel"]
        window, refusal = self.limiter.take(route.lane, major, call.user.id)
        headers |= bucket_headers(route.lane, window)
        return refusal

    async def _with_fault(
        self, fault: Fault, route: Route, call: Call, entry: Entry, request: web.Request
    ) -> web.Response:
        if fault.delay_s:
            await self._pause(fault.delay_s)
        response = self._answer(route, call, entry) if fault.applied else web.Response()
        if fault.end == "hang":
            await self._pause(fault.seconds)
        if fault.end in {"hang", "drop"}:
            if request.transport is not None:
                request.transport.abort()
            return response
        if fault.end == "answer":
            response = _faulty(fault)
            self.limiter.count_answer(response.status, fault.headers.get("X-RateLimit-Scope"))
        _note(entry, response)
        return response

    async def _pause(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return


def _admit(route: Route, call: Call) -> None:
    """Refuse those whom the route is not for. Raises ApiError."""
    if route.caller != "open" and call.user is NOBODY:
        raise errors.unauthorized()
    if route.caller == "bot" and not call.user.bot:
        raise errors.bots_only()
    if route.caller == "person" and call.user.bot:
        raise errors.people_only()
    if call.body is INVALID:
        raise errors.bad_json()


def _note(entry: Entry, response: web.Response) -> None:
    entry.status = response.status
    entry.answer = response.body if isinstance(response.body, bytes) else b""


def _response(reply: Reply, headers: dict[str, str]) -> web.Response:
    if reply.payload is None:
        return web.Response(status=reply.status, headers=headers)
    headers["Content-Type"] = JSON
    return web.Response(status=reply.status, body=msgspec.json.encode(reply.payload), headers=headers)


def _faulty(fault: Fault) -> web.Response:
    body: Any = fault.body
    if isinstance(body, str):
        return web.Response(status=fault.status, text=body, content_type="text/html", headers=fault.headers)
    return _response(Reply(fault.status, body), dict(fault.headers))
