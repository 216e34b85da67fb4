"""A small model of our own, for those who have no Ollama: it writes fluent English with unreliable facts."""

import time
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from playground.llm.api import OllamaApi
from playground.llm.models import Model
from playground.llm.process import ModelProcess, ModelUnusable
from playground.llm.reply import Reply
from playground.llm.request import Ask, Refused
from playground.llm.wire import Counters
from playground.llm.worker import CONTEXT

NAME = "smollm2:135m"
NS_PER_MS = 1_000_000

# With the engine's own defaults a model of this size babbles.
SAMPLING = {"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.0}
PASSED_ON = ("temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed", "stop")


class Embedded:
    """
    An Ollama with one model, run in a child process; its `respond` is for a LlmServer.

    Requests that come while it loads wait, as with Ollama; `/api/ps` lists it once it is loaded.
    """

    def __init__(self, *command: str) -> None:
        self.model = Model(NAME, size=98_362_432, loaded_context=CONTEXT)
        self.process = ModelProcess(*command)
        self._api = OllamaApi([self.model], self)

    async def __aenter__(self) -> Self:
        await self.process.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.process.aclose()

    async def ready(self) -> None:
        """Wait until the model is loaded. Raises ModelUnusable with a sentence that says why it cannot be."""
        await self.process.ready()
        self.model.loaded = True

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._api.respond(request)

    async def load(self, _: Model) -> None:
        try:
            await self.ready()
        except ModelUnusable as why:
            raise Refused(500, str(why)) from why

    async def speak(self, ask: Ask, reply: Reply) -> None:
        asked_ns = time.monotonic_ns()
        async with aclosing(self.process.ask(_request(ask))) as lines:
            async for line in lines:
                if "text" in line:
                    await reply.say(line["text"])
                elif "error" in line:
                    raise Refused(line["status"], line["error"], "application/json")
                else:
                    await reply.end(line["end"], _counters(line["timings"], reply.began_ns, asked_ns))


def _request(ask: Ask) -> dict[str, Any]:
    """Turn Ollama's request into the engine's."""
    limit = ask.options.get("num_predict", -1)
    given = {name: ask.options[name] for name in PASSED_ON if ask.options.get(name) is not None}
    what: dict[str, Any] = {"prompt": ask.messages[-1]["content"]} if ask.raw else {"messages": list(ask.messages)}
    # 0 and below mean without limit, which the context ends.
    return {**what, "stream": True, "max_tokens": int(limit) if limit > 0 else -1, **SAMPLING, **given}


def _counters(timings: dict[str, Any], began_ns: int, asked_ns: int) -> Counters:
    return Counters(
        total_duration=time.monotonic_ns() - began_ns,
        load_duration=asked_ns - began_ns,
        prompt_eval_count=timings.get("cache_n", 0) + timings.get("prompt_n", 0),
        prompt_eval_duration=int(timings.get("prompt_ms", 0) * NS_PER_MS),
        eval_count=timings.get("predicted_n", 0),
        eval_duration=int(timings.get("predicted_ms", 0) * NS_PER_MS),
    )
