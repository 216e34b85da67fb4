"""One answer, from the question to its end on screen."""

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bot.core.answer import Answer
from bot.core.errors import (
    PatterError,
    StreamCut,
    SurfaceError,
    SurfaceForbidden,
    SurfaceGone,
    SurfaceRefused,
)
from bot.core.events import EditLanded, FirstToken, RunEnded, RunStarted
from bot.core.loading import LoadingWatch
from bot.core.model import (
    Delta,
    Ending,
    InLine,
    Outcome,
    Phase,
    Question,
    Restarted,
    Retried,
    Retrying,
    Screen,
    StreamEvent,
    Usage,
)
from bot.core.ports import ChatModel, Exchange, Observer, Render, Surface
from bot.core.queue import Ticket
from bot.core.replay import Replay
from bot.core.writer import WRITING, Writer

LOOKS_SELDOM = 5
"""Whoever stands further back in line looks no less often."""

WAITING = frozenset({Phase.WAITING, Phase.LOADING, Phase.BUSY, Phase.UNREACHABLE})
"""The phases of an answer that the model has not begun, besides those in line."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a Run behaves in time, in seconds."""

    edit_interval_s: float = 1.0
    """Shortest time between two edits of one message, the first text and the ending aside."""
    loading_after_s: float = 3.0
    """Silence after which a model that was not in memory is said to be loading."""
    line_every_s: float = 3.0
    """Shortest time between two looks at one's place in line; whoever is third looks a third as often."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an answer may be."""

    seconds: float = 600.0
    """From the model's first token."""
    chars: int = 50_000


def new_run_id() -> str:
    """Give an id that cannot be guessed, short enough for a button."""
    return secrets.token_urlsafe(9)


class Run:
    """
    One answer: a reader on the model, a writer on the surface, and between them one growing text.

    It ends exactly once, whatever races: by the model, by `stop`, by a failure, with the surface, or after `life_s`
    seconds as EXPIRED.
    """

    def __init__(
        self,
        run_id: str,
        exchange: Exchange,
        model: ChatModel,
        render: Render,
        surface: Surface,
        *,
        observer: Observer,
        ticket: Ticket,
        pace: Pace,
        bounds: Bounds = Bounds(),
        life_s: float | None = None,
    ) -> None:
        self.id = run_id
        self.surface = surface
        self._exchange, self._model = exchange, model
        self._observer, self._ticket = observer, ticket
        self._pace, self._bounds, self._life_s = pace, bounds, life_s
        self._answer = Answer(render)
        self._writer = Writer(self._answer, surface, edit_interval_s=pace.edit_interval_s, on_landed=self._on_landed)
        self._reader: asyncio.Task[None] | None = None
        self._loading = LoadingWatch(model, exchange.model, pace.loading_after_s, self._tell_loading)
        self._replay: Replay | None = None
        self._started_at = asyncio.get_running_loop().time()
        self._first_token_s: float | None = None
        self._edits = 0
        self._mendable = False
        self._opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def outcome(self) -> Outcome | None:
        return self._answer.outcome

    @property
    def waiting(self) -> bool:
        """Whether the model has not begun to answer."""
        phase = self._answer.phase
        return self.outcome is None and (phase in WAITING or isinstance(phase, InLine))

    def stop(self, ending: Ending = Ending.STOPPED, *, by: str = "", hint: str = "") -> bool:
        """End the answer with the text so far; false if it had ended. The model's response closes at once."""
        if self.outcome is not None:
            return False
        self._end(ending, by=by, hint=hint)
        if self._reader is not None:
            self._reader.cancel()
        return True

    async def carry_out(self) -> Outcome:
        """
        Show the first message, stream the answer, and return how it ended, once that is on screen.

        Cancelling it closes the model's response and writes nothing more.
        """
        self._observer(RunStarted(self.id, self._exchange.model))
        self._ticket.line_up()
        self._answer.phase = self._ticket.standing or Phase.WAITING  # the first message shows it
        self._reader = asyncio.create_task(self._read(), name=f"reader {self.id}")
        self._reader.add_done_callback(lambda _: self._ticket.leave())  # also if it is cancelled before it begins
        if self.outcome is not None:  # stopped before it began
            self._reader.cancel()
        try:
            with self._expiring():
                await self._exchange.begin()
                await self.surface.open(Screen(self._answer.open_page(), WRITING))
                self._exchange.shown_on(self.surface.message_ids)
                self._tell_opened(yes=True)
                await self._writer.write()
        except SurfaceError as error:
            await self._lose_surface(error)
        except asyncio.CancelledError:
            await self._exchange.abandon()
            raise
        finally:
            self._tell_opened(yes=False)
            self._reader.cancel()
            await asyncio.wait({self._reader})
        assert self.outcome is not None, "the writer returns only after the end"
        self._observer(self._summary(self.outcome))
        await self._exchange.end(mendable=self._mendable)
        return self.outcome

    async def opened(self) -> bool:
        """Wait until the first message is shown; false if there will be none."""
        return await asyncio.shield(self._opened)

    async def _read(self) -> None:
        """Bring the model's stream into the answer, when it is its turn. Awaits no write of the answer."""
        try:
            question = await self._exchange.question()
            await self._wait_in_line()
            self._loading.begin()
            await self._listen(question)
            self._end(Ending.CUT, hint=StreamCut.hint)  # unless a Usage was the last event, as it should be
        except StreamCut as error:
            log.info("run %s: cut: %s", self.id, error)
            self._end(Ending.CUT, hint=error.hint)
        except PatterError as error:
            log.info("run %s: %s: %s", self.id, type(error).__name__, error)
            self._end(Ending.FAILED, hint=error.hint)
        except Exception:
            log.exception("run %s: the reader failed", self.id)
            self._end(Ending.FAILED, hint=PatterError.hint)
        finally:
            self._loading.end()

    async def _listen(self, question: Question) -> None:
        limit = asyncio.timeout(None)
        try:
            async with limit, self._model.ask(question, self._answer.wanted) as events:
                async for event in events:
                    self._loading.end()
                    if limit.when() is None and isinstance(event, Delta):
                        limit.reschedule(asyncio.get_running_loop().time() + self._bounds.seconds)
                    self._take(event)
                    if self._answer.chars >= self._bounds.chars:
                        self._end(Ending.LENGTH)
                        return
        except TimeoutError:
            if not limit.expired():
                raise
            self._end(Ending.TIME)

    async def _wait_in_line(self) -> None:
        """Wait for a place at the model, and tell now and then how far it is."""
        every_s, far = self._pace.line_every_s, self._ticket.standing
        while not await self._ticket.called(within_s=every_s * min(far.place if far else 1, LOOKS_SELDOM)):
            far = self._ticket.standing
            self._answer.show(far or Phase.WAITING)
        self._answer.show(Phase.WAITING)

    def _take(self, event: StreamEvent) -> None:
        match event:
            case Delta():
                self._take_delta(event)
            case Retrying(busy=busy):
                self._answer.show(Phase.BUSY if busy else Phase.UNREACHABLE)
            case Retried():
                self._answer.show(Phase.RECONNECTING if self._replay else Phase.WAITING)
                self._loading.begin()
            case Restarted():
                self._replay = Replay(self._answer)
                self._answer.show(Phase.RECONNECTING)
            case Usage():
                if self._replay is not None:
                    self._replay.finish()
                self._end(Ending.LENGTH if event.hit_limit else Ending.DONE, usage=event)

    def _take_delta(self, delta: Delta) -> None:
        if delta.text and self._first_token_s is None:
            self._first_token_s = self._elapsed()
            self._observer(FirstToken(self.id, self._first_token_s))
        if self._replay is not None:
            if self._replay.feed(delta.text):
                self._replay = None
            self._answer.show(Phase.RECONNECTING if self._replay else Phase.WRITING)
            return
        if delta.text:
            first = not self._answer.visible
            self._answer.append(delta.text[: self._bounds.chars - self._answer.chars])
            if first and self._answer.visible:
                self._answer.show(Phase.WRITING)
                self._writer.hurry()
        elif delta.thinking and not self._answer.visible:
            self._answer.show(Phase.THINKING)

    def _tell_loading(self) -> None:
        if self.outcome is None and self._answer.phase is Phase.WAITING:
            self._answer.show(Phase.LOADING)

    def _end(self, ending: Ending, *, by: str = "", hint: str = "", usage: Usage | None = None) -> None:
        if self.outcome is None:
            outcome = Outcome(ending, by=by, hint=hint, usage=usage or Usage(), seconds=self._elapsed())
            self._answer.end(outcome)
            self._exchange.keep(outcome, self._answer.text)
            self._writer.hurry()

    @contextmanager
    def _expiring(self) -> Iterator[None]:
        if self._life_s is None:
            yield
            return
        expiry = asyncio.get_running_loop().call_at(self._started_at + self._life_s, self.stop, Ending.EXPIRED)
        try:
            yield
        finally:
            expiry.cancel()

    def _tell_opened(self, *, yes: bool) -> None:
        if not self._opened.done():
            self._opened.set_result(yes)

    async def _lose_surface(self, error: SurfaceError) -> None:
        log.info("run %s: %s: %s", self.id, type(error).__name__, error)
        self._end(Ending.DELETED if isinstance(error, SurfaceGone) else Ending.FAILED, hint=error.hint)
        self._mendable = not isinstance(error, SurfaceGone | SurfaceForbidden)
        if isinstance(error, SurfaceRefused):
            self._writer.leave_text_out(Outcome(Ending.FAILED, hint=error.hint))
        elif not isinstance(error, SurfaceForbidden):
            return
        if self.surface.message_ids:  # of what is forbidden there may be another way, which is good for the end
            with suppress(SurfaceError):
                await self._writer.write()
                self._mendable = False

    def _on_landed(self, lag_s: float) -> None:
        self._edits += 1
        self._exchange.shown_on(self.surface.message_ids)
        self._observer(EditLanded(self.id, lag_s))

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._started_at

    def _summary(self, outcome: Outcome) -> RunEnded:
        return RunEnded(self.id, self._exchange.model, outcome, self._first_token_s, self._elapsed(), self._edits)
