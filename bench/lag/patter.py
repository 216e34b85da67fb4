"""Patter's own part: the real Runs, with their writers and the real scheduler, on surfaces in memory."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.lag.figures import Seen
from bench.lag.libraries import Library
from bench.lag.limits_model import Bucket, Response
from bench.lag.load import TOKEN, Stream
from bot.chat.limits import CHANNEL_EDITS, TOKEN_WRITES
from bot.core.events import Event
from bot.core.model import Delta, LoadedModel, ModelInfo, Outcome, Question, Screen, Status, StreamEvent, Turn, Usage
from bot.core.ports import Write
from bot.core.queue import Line, Ticket
from bot.core.run import Pace, Run
from bot.core.scheduler import Grant, Scheduler


async def play(streams: Sequence[Stream], library: Library, bucket_of: Callable[[Stream], Bucket]) -> list[Seen]:
    """Answer all streams, each with a Run, as a command begins it."""
    scheduler = Scheduler()
    seen = [Seen(stream) for stream in streams]
    async with asyncio.TaskGroup() as group:
        for one in seen:
            group.create_task(_answer(one, MemorySurface(one, bucket_of(one.stream), library, scheduler)))
    return seen


async def _answer(seen: Seen, surface: "MemorySurface") -> None:
    question = Question((Turn("user", "?"),), "model", seen.stream.number)
    model, render = ScriptedModel(seen.stream), OnePage()
    run = Run(
        str(seen.stream.number),
        Unremembered(question),
        model,
        render,
        surface,
        observer=_ignore,
        ticket=_alone(),
        pace=Pace(),
    )
    await run.carry_out()


def _alone() -> Ticket:
    return Line(max_running=1, size=0).join(asker_id=1)


def _ignore(_: Event) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True)
class Unremembered:
    """An Exchange that nobody keeps."""

    asked: Question

    @property
    def model(self) -> str:
        return self.asked.model

    async def begin(self) -> None: ...

    async def question(self) -> Question:
        return self.asked

    def shown_on(self, message_ids: Sequence[int]) -> None: ...

    def keep(self, outcome: Outcome, text: str) -> None: ...

    async def end(self, *, mendable: bool = False) -> None: ...

    async def abandon(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ScriptedModel:
    """Says the stream's tokens at their times; the end comes with the last one."""

    stream: Stream

    @asynccontextmanager
    async def ask(self, _: Question, _wanted: asyncio.Event | None = None) -> AsyncIterator[AsyncIterator[StreamEvent]]:
        events = self._events()
        try:
            yield events
        finally:
            await events.aclose()

    async def _events(self) -> AsyncGenerator[StreamEvent, None]:
        async for _ in self.stream.tokens():
            yield Delta(TOKEN)
        yield Usage()

    async def models(self) -> Sequence[ModelInfo]:
        return ()

    async def loaded(self) -> Sequence[LoadedModel]:
        return (LoadedModel("model:latest"),)

    async def context(self, _: str) -> int:
        return 4096


class OnePage:
    """A Render without Markdown and without an end to its page: 2,000 characters fit one message."""

    settled = 0
    attachment = None

    def __init__(self) -> None:
        self._text = ""

    def feed(self, text: str) -> list[str]:
        self._text += text
        return []

    def rewind(self, text: str) -> list[str]:
        self._text = text
        return []

    def open_page(self, _: Status) -> str:
        return self._text or "…"


class MemorySurface:
    """
    One message that remembers what it was shown.

    A write returns when Discord's response arrives, having told the grant what it said, as `bot.chat.limits` does it;
    the library's call may sleep on.
    """

    message_ids = (1,)

    def __init__(self, seen: Seen, bucket: Bucket, library: Library, scheduler: Scheduler) -> None:
        self._seen, self._bucket, self._library, self._scheduler = seen, bucket, library, scheduler
        self._requests: set[asyncio.Task[None]] = set()

    async def open(self, screen: Screen) -> None:
        """The first message is there already."""

    def edit(self) -> Write:
        guess = CHANNEL_EDITS if self._bucket.counts_globally else TOKEN_WRITES
        lane = self._scheduler.lane(self._bucket.key, guess, counts_globally=self._bucket.counts_globally)
        return Write(lane, self._send)

    def post(self) -> Write:
        raise NotImplementedError("an answer of one page needs one message")

    async def _send(self, screen: Screen, grant: Grant) -> bool:
        loop = asyncio.get_running_loop()
        applied: asyncio.Future[None] = loop.create_future()

        def on_response(response: Response) -> None:
            if response.retry_after_s is None:
                grant.learn(response.limit, response.remaining, response.reset_after_s)
                self._seen.see(screen.text.count(TOKEN), loop.time())
                applied.set_result(None)
            elif response.is_global:
                self._scheduler.close_all(loop.time() + response.retry_after_s)
            else:
                grant.close_lane(loop.time() + response.retry_after_s)

        request = loop.create_task(self._library.request(self._bucket, on_response))
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)
        await applied
        return True
