"""One answer, from the question to its end on screen."""

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bot.core.answer import Answer
from bot.core.errors import ModelError, PatterError, StreamCut, SurfaceError, SurfaceForbidden, SurfaceGone
from bot.core.events import EditLanded, FirstToken, RunEnded, RunStarted
from bot.core.model import (
    Delta,
    Ending,
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
from bot.core.ports import ChatModel, Observer, Render, Surface
from bot.core.replay import Replay
from bot.core.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a Run behaves in time, in seconds."""

    edit_interval_s: float = 1.0
    """Shortest time between two edits of one message, the first text and the ending aside."""
    loading_after_s: float = 3.0
    """Silence after which a model that was not in memory is said to be loading."""


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
        question: Question,
        model: ChatModel,
        render: Render,
        surface: Surface,
        *,
        observer: Observer,
        pace: Pace,
        life_s: float | None = None,
    ) -> None:
        self.id = run_id
        self.surface = surface
        self._question, self._model = question, model
        self._observer, self._pace, self._life_s = observer, pace, life_s
        self._answer = Answer(render)
        self._writer = Writer(self._answer, surface, edit_interval_s=pace.edit_interval_s, on_landed=self._on_landed)
        self._reader: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._replay: Replay | None = None
        self._started_at = asyncio.get_running_loop().time()
        self._first_token_s: float | None = None
        self._edits = 0

    @property
    def outcome(self) -> Outcome | None:
        return self._answer.outcome

    def stop(self, ending: Ending = Ending.STOPPED, *, by: str = "") -> bool:
        """End the answer with the text so far; false if it had ended. The model's response closes at once."""
        if self.outcome is not None:
            return False
        self._end(ending, by=by)
        if self._reader is not None:
            self._reader.cancel()
        return True

    async def carry_out(self) -> Outcome:
        """
        Show the first message, stream the answer, and return how it ended, once that is on screen.

        Cancelling it closes the model's response and writes nothing more.
        """
        self._observer(RunStarted(self.id, self._question.model))
        self._reader = asyncio.create_task(self._read(), name=f"reader {self.id}")
        if self.outcome is not None:  # stopped before it began
            self._reader.cancel()
        try:
            with self._expiring():
                await self.surface.open(Screen(self._answer.open_page(), stoppable=True))
                await self._writer.write()
        except SurfaceError as error:
            await self._lose_surface(error)
        finally:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        assert self.outcome is not None, "the writer returns only after the end"
        self._observer(self._summary(self.outcome))
        return self.outcome

    async def _read(self) -> None:
        """Bring the model's stream into the answer. Awaits the model alone."""
        self._watch_loading()
        try:
            async with self._model.ask(self._question) as events:
                async for event in events:
                    self._stop_watching()
                    self._take(event)
            self._end(Ending.CUT, hint=StreamCut.hint)  # unless a Usage was the last event, as it should be
        except StreamCut as error:
            log.info("run %s: cut: %s", self.id, error)
            self._end(Ending.CUT, hint=error.hint)
        except ModelError as error:
            log.info("run %s: %s: %s", self.id, type(error).__name__, error)
            self._end(Ending.FAILED, hint=error.hint)
        except Exception:
            log.exception("run %s: the reader failed", self.id)
            self._end(Ending.FAILED, hint=PatterError.hint)
        finally:
            self._stop_watching()

    def _take(self, event: StreamEvent) -> None:
        match event:
            case Delta():
                self._take_delta(event)
            case Retrying(busy=busy):
                self._answer.show(Phase.BUSY if busy else Phase.UNREACHABLE)
            case Retried():
                self._answer.show(Phase.RECONNECTING if self._replay else Phase.WAITING)
                self._watch_loading()
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
            self._answer.append(delta.text)
            if first and self._answer.visible:
                self._answer.show(Phase.WRITING)
                self._writer.hurry()
        elif delta.thinking and not self._answer.visible:
            self._answer.show(Phase.THINKING)

    def _watch_loading(self) -> None:
        self._watch = asyncio.create_task(self._tell_loading(), name=f"loading? {self.id}")

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _tell_loading(self) -> None:
        """Say that the model is loading, if it was not in memory when asked and stays silent."""
        asked_at = self._elapsed()
        try:
            async with asyncio.timeout(self._pace.loading_after_s):
                loaded = await self._model.loaded()
        except (ModelError, TimeoutError):
            return
        if any(model.is_called(self._question.model) for model in loaded):
            return
        await asyncio.sleep(max(0.0, asked_at + self._pace.loading_after_s - self._elapsed()))
        if self.outcome is None and self._answer.phase is Phase.WAITING:
            self._answer.show(Phase.LOADING)

    def _end(self, ending: Ending, *, by: str = "", hint: str = "", usage: Usage | None = None) -> None:
        if self.outcome is None:
            self._answer.end(Outcome(ending, by=by, hint=hint, usage=usage or Usage(), seconds=self._elapsed()))
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

    async def _lose_surface(self, error: SurfaceError) -> None:
        log.info("run %s: %s: %s", self.id, type(error).__name__, error)
        self._end(Ending.DELETED if isinstance(error, SurfaceGone) else Ending.FAILED, hint=error.hint)
        if isinstance(error, SurfaceForbidden):  # the surface may know another way, which is good for the end
            with suppress(SurfaceError):
                await self._writer.write()

    def _on_landed(self, lag_s: float) -> None:
        self._edits += 1
        self._observer(EditLanded(self.id, lag_s))

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._started_at

    def _summary(self, outcome: Outcome) -> RunEnded:
        return RunEnded(self.id, self._question.model, outcome, self._first_token_s, self._elapsed(), self._edits)
