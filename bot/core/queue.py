"""The line in front of the model: who may ask it now, and who waits for how long."""

import asyncio
from collections import Counter, deque
from contextlib import suppress
from heapq import heapify, heapreplace
from itertools import count

from bot.core.durations import about, in_words
from bot.core.errors import Busy
from bot.core.model import InLine

LATELY = 20
"""So many answers are what the next ones are judged by."""

STILL = 0.25
"""What an answer that takes longer than usual is taken to need yet, as a part of the usual time."""


class Line:
    """
    At most `max_running` asks are at the model; up to `size` more wait.

    The next place goes to whoever has the fewest asks at the model, and among those to whoever has been without for
    longest. So nothing that one person asks holds up another's first, and nobody starves, as all that is at the model
    ends. A person's own asks go in their order.
    """

    def __init__(self, max_running: int, size: int) -> None:
        self._max_running, self._size = max_running, size
        self._waiting: list[Ticket] = []  # in the order of their coming
        self._running: dict[Ticket, float] = {}  # with the loop's time of their beginning
        self._lately: deque[float] = deque(maxlen=LATELY)  # how long those took that have left
        self._numbers = count()

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def _free(self) -> int:
        """How many places at the model nobody has."""
        return self._max_running - self.running

    def join(self, asker_id: int) -> "Ticket":
        """Give a place at the end of a person's own. Raises Busy if the line is full."""
        if self.running + self.waiting >= self._max_running + self._size:
            raise Busy(hint=f"Too many are waiting for me already. Ask again in {self._until_there_is_room()}.")
        ticket = Ticket(self, asker_id, next(self._numbers))
        self._waiting.append(ticket)
        return ticket

    def standing(self, ticket: "Ticket") -> InLine | None:
        if self.waiting <= self._free or ticket not in self._waiting:
            return None
        place = self._in_order().index(ticket) + 1 - self._free
        if place <= 0:
            return None
        seconds = self._until_free(place)
        return InLine(place, None if seconds is None else about(seconds))

    def fill(self) -> None:
        """Give the places at the model that are free to those who are ready to take one."""
        if not self._free:
            return
        ready = [ticket for ticket in self._waiting if ticket.is_ready]
        if len(ready) > self._free:
            ready = [ticket for ticket in self._in_order() if ticket.is_ready][: self._free]
        for ticket in ready:
            self._waiting.remove(ticket)
            self._running[ticket] = asyncio.get_running_loop().time()
            ticket.call()

    def leave(self, ticket: "Ticket") -> None:
        if ticket in self._running:
            self._lately.append(asyncio.get_running_loop().time() - self._running.pop(ticket))
            now = next(self._numbers)
            for other in self._waiting:
                if other.asker_id == ticket.asker_id:
                    other.without_since = now
            self.fill()
        elif ticket in self._waiting:
            self._waiting.remove(ticket)

    def _in_order(self) -> "list[Ticket]":
        """Those who wait, in the order in which they would go to the model if nobody came and nobody left it."""
        turns = Counter(ticket.asker_id for ticket in self._running)
        standings = {}
        for ticket in self._waiting:
            standings[ticket] = (turns[ticket.asker_id], ticket.without_since)
            turns[ticket.asker_id] += 1
        return sorted(self._waiting, key=standings.__getitem__)

    def _until_free(self, place: int) -> float | None:
        """Seconds until as many have been called as stand at `place` and before; None if nothing is known yet."""
        if not self._lately:
            return None
        usual = sum(self._lately) / len(self._lately)
        now = asyncio.get_running_loop().time()
        free_in = [max(usual - (now - began), usual * STILL) for began in self._running.values()]
        free_in += [0.0] * self._free
        heapify(free_in)
        for _ in range(place - 1):
            heapreplace(free_in, free_in[0] + usual)
        return free_in[0]

    def _until_there_is_room(self) -> str:
        seconds = self._until_free(1)
        return "a minute" if seconds is None else in_words(about(seconds))


class Ticket:
    """One ask's place in line, and then at the model. Whoever holds it has to `leave`."""

    def __init__(self, line: Line, asker_id: int, number: int) -> None:
        self.asker_id = asker_id
        self.without_since = number  # since when its asker has had nothing at the model, in no unit
        self.is_ready = False
        self._line = line
        self._called = asyncio.Event()

    @property
    def standing(self) -> InLine | None:
        """Where it stands in line; None if nothing but itself keeps it from the model."""
        return self._line.standing(self)

    def line_up(self) -> None:
        """Be called from now on, as soon as there is a place; until then others go ahead."""
        self.is_ready = True
        self._line.fill()

    async def called(self, within_s: float) -> bool:
        """Wait for a place at the model, once lined up; false if that takes longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._called.wait()
        return self._called.is_set()

    def call(self) -> None:
        """For the line alone: the place is there."""
        self._called.set()

    def leave(self) -> None:
        """Give the place up, wherever it is; calling it again is harmless."""
        self._line.leave(self)
