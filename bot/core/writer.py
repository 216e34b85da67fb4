"""One writer a message: one write in flight, the newest text wins, the last write lands."""

import asyncio
import random
from collections import deque
from collections.abc import Callable

from bot.core.answer import Answer
from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone, SurfaceRefused, SurfaceSilent
from bot.core.model import Button, Ending, Outcome, Screen
from bot.core.ports import Surface
from bot.core.scheduler import Lane, Urgency

GIVE_UP_AFTER_S = 360.0
"""How long writes may fail one after another: longer than an outage of Discord's REST of five minutes."""

RETRY_BASE_S, RETRY_MAX_S = 0.5, 8.0
"""The pause after a failed write doubles from the first to the second; half of it is jitter."""

REFUSALS = 3
"""So many writes may be refused for what they say, one after another; in each stands newer text."""

LATE_S = 10.0
"""How much later a write may still be applied to which no answer came. The end is written again after that."""

WRITING = frozenset({Button.STOP})
"""The buttons under an answer that has not ended."""


class Writer:
    """
    Brings an Answer onto a Surface until its end is there.

    Pages that are finished are written once and left; the newest message shows the open page and the Stop button.
    `on_landed` is called after each write with the age in seconds of the oldest text that it made visible.
    """

    def __init__(
        self, answer: Answer, surface: Surface, *, edit_interval_s: float, on_landed: Callable[[float], None]
    ) -> None:
        self._answer, self._surface = answer, surface
        self._edit_interval_s, self._on_landed = edit_interval_s, on_landed
        self._finished: deque[str] = deque()  # pages that go out before the open one, each for good
        self._on_new_message = False  # whether the next page begins a message of its own
        self._shown: Screen | None = None  # on the newest message
        self._text_drawn = self._text_shown = False  # whether any of the answer's is on the page drawn, on screen
        self._behind = False  # whether something drawn is not on screen
        self._urgent = asyncio.Event()
        self._unsure_until = 0.0  # when no earlier write can be applied any more
        self._rested_at = 0.0  # when the next edit may go out
        self._lane: Lane | None = None

    @property
    def urgency(self) -> Urgency:
        if self._answer.outcome is not None:
            return Urgency.ENDING
        return Urgency.FIRST if self._answer.visible and not self._text_shown else Urgency.TEXT

    @property
    def unseen_since(self) -> float:
        return self._answer.unseen_since

    def hurry(self) -> None:
        """Do not rest now: what is to be written has become more urgent."""
        self._urgent.set()
        if self._lane is not None:
            self._lane.reconsider()

    async def write(self) -> None:
        """
        Write until the end of the answer is on screen, and will stay there.

        Raises SurfaceGone or SurfaceForbidden when there is nothing to write on, SurfaceRefused when Discord does not
        take what is written, SurfaceError when it has failed for too long. Cancelling it leaves a request in flight to
        itself.
        """
        await self._write_to_end()
        unsure_s = self._unsure_until - asyncio.get_running_loop().time()
        if unsure_s > 0:
            await asyncio.sleep(unsure_s)
            self._shown, self._behind = None, True
            await self._write_to_end()

    async def _write_to_end(self) -> None:
        failures, failing_since = 0, 0.0
        refusals = 0
        while not self._end_shown():
            if not self._behind:
                await self._answer.wait_for_change()
            try:
                await self._write_once()
            except (SurfaceGone, SurfaceForbidden):
                raise
            except SurfaceRefused:
                refusals += 1
                if refusals == REFUSALS:
                    raise
                await asyncio.sleep(_pause(refusals))
            except SurfaceError as error:
                now = asyncio.get_running_loop().time()
                failures, failing_since = failures + 1, failing_since if failures else now
                if isinstance(error, SurfaceSilent):
                    self._unsure_until = now + LATE_S
                if now - failing_since > GIVE_UP_AFTER_S:
                    raise
                await asyncio.sleep(_pause(failures))
            else:
                failures = refusals = 0
                await self._rest()

    def _is_deleted(self) -> bool:
        return self._answer.outcome is not None and self._answer.outcome.ending is Ending.DELETED

    def _end_shown(self) -> bool:
        return self._shown is not None and not self._shown.stoppable and not self._behind

    def leave_text_out(self, outcome: Outcome) -> None:
        """Show on the newest message nothing but this end: the text is refused."""
        self._finished.clear()
        self._answer.leave_out(outcome)

    async def _write_once(self) -> None:
        write = self._surface.post() if self._on_new_message else self._surface.edit()
        self._lane = write.lane
        async with write.lane.turn(self) as grant:
            if self._on_new_message and self._is_deleted():
                grant.give_back()
                raise SurfaceGone("nothing follows a message that was deleted")
            await self._answer.catch_up()
            unseen_since = self._answer.unseen_since
            screen = self._draw()
            if screen == self._shown:
                grant.give_back()
                self._behind = False
                return
            self._rested_at = asyncio.get_running_loop().time() + self._edit_interval_s
            as_drawn = await write.send(screen, grant)
        self._on_new_message = False
        if as_drawn:
            self._land(screen)
        self._on_landed(asyncio.get_running_loop().time() - unseen_since)

    def _draw(self) -> Screen:
        self._text_drawn = self._answer.visible
        self._finished.extend(self._answer.advance())
        self._behind = True
        if self._finished:
            return Screen(self._finished[0])
        outcome = self._answer.outcome
        if outcome is None:
            return Screen(self._answer.open_page(), WRITING)
        return Screen(self._answer.open_page(), outcome.buttons, self._answer.attachment)

    def _land(self, screen: Screen) -> None:
        self._text_shown = self._text_drawn
        if self._finished:
            self._finished.popleft()
            self._on_new_message, self._shown = True, None
        else:
            self._shown, self._behind = screen, False

    async def _rest(self) -> None:
        """Leave the message alone for the shortest time between two edits, unless something urgent comes."""
        if self._behind or self.urgency is not Urgency.TEXT:
            return
        self._urgent.clear()
        try:
            async with asyncio.timeout_at(self._rested_at):
                await self._urgent.wait()
        except TimeoutError:
            pass


def _pause(failures: int) -> float:
    longest = min(RETRY_MAX_S, RETRY_BASE_S * 2.0 ** min(failures - 1, 10))
    return longest / 2 + random.uniform(0, longest / 2)  # noqa: S311 - jitter, not a secret
