"""Everything that was asked of the server, with its time."""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Entry:
    """
    One request.

    `route` is the path's template, as in `/channels/{channel}/messages/{message}`. `by` is the caller's user id;
    None where the path carries the right to it (callbacks, webhooks). `body` is the parsed JSON or `payload_json`.
    `answer` is the response's body. `status` is None while there is no answer, and for good when the connection was
    dropped; `answered` is when either happened.
    """

    time: float
    method: str
    route: str
    path: str
    params: dict[str, str]
    by: int | None = None
    body: Any = None
    status: int | None = None
    code: int | None = None
    answer: bytes = b""
    answered: float | None = None


@dataclass(slots=True, eq=False)
class Identify:
    time: float
    user: int
    resumed: bool


@dataclass(eq=False)
class Record:
    """
    The newest `most` requests, oldest first, and a count of all of them.

    `count` is exact however long the server runs; `entries` forgets the oldest.
    """

    most: int = 20_000
    identifies: list[Identify] = field(default_factory=list)
    """Each IDENTIFY and RESUME of a bot."""
    presences: list[dict[str, Any]] = field(default_factory=list)
    """What each bot has shown under its name, as the gateway was told."""
    _entries: deque[Entry] = field(init=False)
    _answered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _presence_waiting: list[tuple[Callable[[dict[str, Any]], bool], asyncio.Future[None]]] = field(default_factory=list)
    _identify_waiting: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)
    _waiting: list[tuple[Callable[[Entry], bool], asyncio.Future[Entry]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._entries = deque(maxlen=self.most)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def answer(self, entry: Entry, now: float) -> None:
        """Note that `entry.status` has been answered and wake who waits for it."""
        entry.answered = now
        if entry.status is not None:
            self._answered[entry.method, entry.route, entry.status] += 1
        for predicate, future in self._waiting:
            if not future.done() and predicate(entry):
                future.set_result(entry)

    def identify(self, identify: Identify) -> None:
        """Note an IDENTIFY or RESUME and wake who waits for it."""
        self.identifies.append(identify)
        for number, future in self._identify_waiting:
            if not future.done() and len(self.identifies) >= number:
                future.set_result(None)

    def presence(self, presence: dict[str, Any]) -> None:
        """Note a bot's presence and wake who waits for it."""
        self.presences.append(presence)
        for predicate, future in self._presence_waiting:
            if not future.done() and predicate(presence):
                future.set_result(None)

    async def until_presence(self, predicate: Callable[[dict[str, Any]], bool], within_s: float = 5.0) -> None:
        """Wait for a presence that `predicate` is true of; earlier ones count. Raises TimeoutError."""
        if any(map(predicate, self.presences)):
            return
        waiting = (predicate, asyncio.get_running_loop().create_future())
        self._presence_waiting.append(waiting)
        try:
            async with asyncio.timeout(within_s):
                await waiting[1]
        finally:
            self._presence_waiting.remove(waiting)

    async def until_identified(self, number: int = 1, within_s: float = 10.0) -> None:
        """Wait until the gateway has taken `number` of them in all. Raises TimeoutError."""
        if len(self.identifies) >= number:
            return
        waiting = (number, asyncio.get_running_loop().create_future())
        self._identify_waiting.append(waiting)
        try:
            async with asyncio.timeout(within_s):
                await waiting[1]
        finally:
            self._identify_waiting.remove(waiting)

    def count(self, *, status: int | None = None, method: str | None = None, route: str | None = None) -> int:
        """Tell how many requests were answered so; None stands for any."""
        return sum(
            n
            for (a_method, a_route, a_status), n in self._answered.items()
            if status in (None, a_status) and method in (None, a_method) and route in (None, a_route)
        )

    def since(self, time: float) -> Iterator[Entry]:
        """Give the requests from `time` on, newest first."""
        return itertools.takewhile(lambda entry: entry.time >= time, reversed(self._entries))

    def of(self, method: str, route: str) -> list[Entry]:
        return [entry for entry in self._entries if entry.method == method and entry.route == route]

    @property
    def identify_count(self) -> int:
        return sum(not identify.resumed for identify in self.identifies)

    async def until(self, predicate: Callable[[Entry], bool], timeout: float = 5.0) -> Entry:  # noqa: ASYNC109 - a bound for tests
        """Wait for an answered request that `predicate` is true of; earlier ones count. Raises TimeoutError."""
        for entry in self._entries:
            if entry.answered is not None and predicate(entry):
                return entry
        future: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        waiting = (predicate, future)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                return await future
        finally:
            self._waiting.remove(waiting)
