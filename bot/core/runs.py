"""The Runs that are under way: find them, stop them, wait for them."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.core.errors import PatterError
from bot.core.model import Ending
from bot.core.run import Run

log = logging.getLogger(__name__)


class ShuttingDown(PatterError):  # noqa: N818 - reads as the state it is
    hint = "I am restarting. Ask again in a minute."


@dataclass(frozen=True, slots=True)
class Asked:
    """A Run with whom and where it is for; nobody but the asker may learn that there is a private one."""

    run: Run
    asker_id: int
    channel_id: int
    private: bool = False
    answer_id: int | None = None
    """The turn that is being written."""
    note: Callable[[str], None] = lambda _: None
    """Has a sentence said below the end."""


class Runs:
    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._tasks: dict[asyncio.Task[object], str] = {}
        self._announced: set[str] = set()
        self._closing = False

    def __len__(self) -> int:
        return len(self._asked)

    @property
    def waiting(self) -> int:
        """How many of them the model has not begun to answer."""
        return sum(asked.run.waiting for asked in self)

    def __iter__(self) -> Iterator[Asked]:
        return iter(list(self._asked.values()))

    def check_open(self) -> None:
        """Raise ShuttingDown if no Run may start any more."""
        if self._closing:
            raise ShuttingDown

    def start(self, asked: Asked, on_over: Callable[[], None] = lambda: None) -> None:
        """
        Carry out a Run in a task of its own, and forget it at its end; `on_over` is called then, whatever happened.

        While closing, it ends at once in words.
        """
        self._asked[asked.run.id] = asked
        if self._closing:
            asked.run.stop(Ending.INTERRUPTED)
        task = asyncio.create_task(self._carry_out(asked.run), name=f"run {asked.run.id}")
        self._tasks[task] = asked.run.id
        task.add_done_callback(self._tasks.pop)
        task.add_done_callback(lambda _: on_over())

    @contextmanager
    def announcing(self, run_id: str) -> Iterator[None]:
        """Take note of an answer that is journalled, and is to have a Run by the end of the block."""
        self._announced.add(run_id)
        try:
            yield
        finally:
            self._announced.discard(run_id)

    def has(self, run_id: str) -> bool:
        """Tell whether an answer is this process's, and under way."""
        return run_id in self._asked or run_id in self._announced

    def find(self, run_id: str) -> Asked | None:
        return self._asked.get(run_id)

    def showing(self, message_id: int) -> Asked | None:
        """Find the Run of which a message shows a part."""
        return next((asked for asked in self if message_id in asked.run.surface.message_ids), None)

    def writing(self, answer_id: int) -> Asked | None:
        """Find the Run that writes a turn."""
        return next((asked for asked in self if asked.answer_id == answer_id), None)

    async def until_over(self, run_id: str) -> None:
        """Wait until a Run is forgotten: its end is on screen and kept."""
        tasks = [task for task, its_run_id in self._tasks.items() if its_run_id == run_id]
        if tasks:
            await asyncio.wait(tasks)

    def in_channel(self, channel_id: int) -> list[Asked]:
        return [asked for asked in self if asked.channel_id == channel_id]

    async def close(self, grace_s: float) -> None:
        """Let none start, interrupt all, and give them `grace_s` seconds to say so; then leave them where they are."""
        self._closing = True
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        for asked in self:
            asked.run.stop(Ending.INTERRUPTED)
        while self._tasks and loop.time() < until:  # another may have been on its way in
            await asyncio.wait(self._tasks, timeout=until - loop.time())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry_out(self, run: Run) -> None:
        try:
            await run.carry_out()
        except Exception:
            log.exception("run %s failed in a way that nobody foresaw", run.id)
        finally:
            del self._asked[run.id]
