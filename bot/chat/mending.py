"""Ends in words what was left half-written: by an earlier process, or in a long outage of Discord's."""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.chat.faults import TokenExpired
from bot.chat.limits import Limits
from bot.chat.remains import Remains
from bot.core.errors import StoreError, SurfaceError, SurfaceForbidden, SurfaceGone
from bot.core.exchange import Memory
from bot.core.memory import JournalEntry
from bot.core.runs import Runs
from bot.core.scheduler import Scheduler

if TYPE_CHECKING:
    from bot.chat.client import Patter

AT_ONCE = 4
"""So many answers are mended side by side; there are new ones to write as well."""

CLOSE_S = 2.0

EVERY_S = 30.0
TRIES = 120
"""An hour of them; then an answer is left to the next start."""

log = logging.getLogger(__name__)


class Mending:
    """Begun once for each start; goes on in the background."""

    def __init__(self, memory: Memory, runs: Runs, scheduler: Scheduler, limits: Limits) -> None:
        self._memory, self._runs = memory, runs
        self._scheduler, self._limits = scheduler, limits
        self._failures: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def begin(self, client: "Patter") -> None:
        """Start to look for what was left, and return. The client is logged in; it need not be on the gateway."""
        self._task = asyncio.create_task(self._go_on(client), name="mending")

    async def aclose(self) -> None:
        """Begin no more, and wait a little for what is under way; the rest is left to the next start."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=CLOSE_S)
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go_on(self, client: "Patter") -> None:
        while not self._closing.is_set():
            try:
                await self._mend_all(client)
            except StoreError:  # the store itself has logged it
                pass
            except Exception:
                log.exception("mending failed in a way that nobody foresaw")
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._closing.wait()

    async def _mend_all(self, client: "Patter") -> None:
        left = [entry for entry in await self._memory.journal.unfinished() if self._is_left(entry)]
        if not left:
            return
        log.info("%d answers were left half-written; mending them", len(left))
        some = asyncio.Semaphore(AT_ONCE)

        async def mend(entry: JournalEntry) -> None:
            async with some:
                if not self._closing.is_set():
                    await self._mend(entry, client)

        async with asyncio.TaskGroup() as group:
            for entry in left:
                group.create_task(mend(entry), name=f"mend {entry.run_id}")

    def _is_left(self, entry: JournalEntry) -> bool:
        return not self._runs.has(entry.run_id) and self._failures[entry.run_id] < TRIES

    async def _mend(self, entry: JournalEntry, client: "Patter") -> None:
        """End one answer's messages and strike it out; if Discord or the store fails, it stays for another try."""
        try:
            await self._mend_messages(Remains(entry, client, self._scheduler, self._limits), entry)
        except (SurfaceGone, SurfaceForbidden, TokenExpired) as error:
            if client.is_closed():
                return
            log.info("answer %s: its messages cannot be mended: %s", entry.run_id, error)
        except (SurfaceError, StoreError) as error:
            self._failures[entry.run_id] += 1
            log.info("answer %s: not mended yet: %s", entry.run_id, error)
            return
        except Exception:  # one that nobody can mend must not be in the way of the others
            self._failures[entry.run_id] = TRIES
            log.exception("answer %s: mending failed in a way that nobody foresaw", entry.run_id)
            return
        with self._memory.forgiving():
            await self._memory.journal.end(entry.run_id)

    async def _mend_messages(self, remains: Remains, entry: JournalEntry) -> None:
        await remains.find()
        lacked_end = remains.lack_end
        if lacked_end:
            await remains.end()
        if entry.answer_id is not None and remains.pages:
            await self._keep(entry.answer_id, remains, was_shown=lacked_end)

    async def _keep(self, answer_id: int, remains: Remains, *, was_shown: bool) -> None:
        """Keep the text that is on screen, unless it was kept before the end, or is an earlier answer's."""
        conversations = self._memory.conversations
        answer = await conversations.turn(answer_id)
        if was_shown:
            await conversations.link(answer_id, [page.id for page in remains.pages])
            if remains.show_question and answer is not None and answer.parent_id is not None:
                await conversations.link(answer.parent_id, [remains.pages[0].id])
        if answer is not None and answer.text is None and await conversations.messages_of(answer_id):
            await conversations.finish(answer_id, remains.text)
