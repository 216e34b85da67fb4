"""Ollama's HTTP surface: which path answers what, and how it refuses."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from playground.llm.models import Model, find
from playground.llm.reply import NDJSON, Reply, plain
from playground.llm.request import JSON, NAME, Ask, Refused, check, parse
from playground.llm.wire import Counters, Form, go_json, last_line

VERSION = "0.33.0"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Speaker(Protocol):
    """What gives the answers. Both methods may raise Refused."""

    async def load(self, model: Model) -> None:
        """Return once the model is in memory."""
        ...

    async def speak(self, ask: Ask, reply: Reply) -> None:
        """Answer; cancelled when the client leaves."""
        ...


class OllamaApi:
    """Answers as Ollama does with these `models`, where the words come from `speaker`."""

    def __init__(self, models: list[Model], speaker: Speaker) -> None:
        self._models = models
        self._speaker = speaker
        self._routes: dict[str, dict[str, Handler]] = {
            "/": {"GET": self._root},
            "/api/version": {"GET": self._version},
            "/api/tags": {"GET": self._tags},
            "/api/ps": {"GET": self._ps},
            "/api/show": {"POST": self._show},
            "/api/pull": {"POST": self._pull},
            "/api/chat": {"POST": lambda request: self._answer("chat", request)},
            "/api/generate": {"POST": lambda request: self._answer("generate", request)},
        }

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        methods = self._routes.get(request.path)
        if methods is None:
            return plain(404, b"404 page not found", "text/plain")
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            return plain(405, b"405 method not allowed", "text/plain")
        try:
            return await handler(request)
        except Refused as refused:
            return plain(refused.status, go_json({"error": refused.error}), refused.content_type)

    async def _root(self, _: web.BaseRequest) -> web.StreamResponse:
        return plain(200, b"Ollama is running", "text/plain; charset=utf-8")

    async def _version(self, _: web.BaseRequest) -> web.StreamResponse:
        return plain(200, go_json({"version": VERSION}))

    async def _tags(self, _: web.BaseRequest) -> web.StreamResponse:
        return plain(200, go_json({"models": [model.tag() for model in self._models]}))

    async def _ps(self, _: web.BaseRequest) -> web.StreamResponse:
        return plain(200, go_json({"models": [model.running() for model in self._models if model.loaded]}))

    async def _show(self, request: web.BaseRequest) -> web.StreamResponse:
        name = _name(await body_of(request))
        model = find(self._models, name)
        if model is None:
            raise Refused(404, f"model '{Model(name).full_name}' not found")
        return plain(200, go_json(model.shown()))

    async def _pull(self, request: web.BaseRequest) -> web.StreamResponse:
        # Nothing can be fetched here; failures are lines of a 200, as with Ollama.
        found = find(self._models, _name(await body_of(request)))
        ends = [{"status": "success"}] if found else [{"error": "pull model manifest: file does not exist"}]
        lines = [{"status": "pulling manifest"}, *ends]
        return plain(200, b"".join(go_json(line) + b"\n" for line in lines), NDJSON)

    async def _answer(self, form: Form, request: web.BaseRequest) -> web.StreamResponse:
        ask = check(form, await body_of(request), self._models)
        if ask.only_loads and ask.unloads:
            ask.model.loaded = False
            return _loading_answer(ask, "unload")
        reply = Reply(request, ask.form, ask.name, stream=ask.stream)
        await self._speaker.load(ask.model)
        ask.model.loaded = True
        if ask.only_loads:
            return _loading_answer(ask, "load")
        return await self._speak(ask, reply)

    async def _speak(self, ask: Ask, reply: Reply) -> web.StreamResponse:
        try:
            await self._speaker.speak(ask, reply)
        except Refused as refused:
            if not reply.begun:
                raise
            await reply.send({"error": refused.error})
        return await reply.finish()


async def body_of(request: web.BaseRequest) -> dict[str, Any]:
    """Read a request's JSON; raises Refused."""
    return parse(await request.read())


def _name(fields: dict[str, Any]) -> str:
    name = fields.get("model") or fields.get("name") or ""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refused(400, "invalid model name")
    return name


def _loading_answer(ask: Ask, reason: str) -> web.StreamResponse:
    return plain(200, go_json(last_line(ask.form, ask.name, reason, Counters())), JSON)
