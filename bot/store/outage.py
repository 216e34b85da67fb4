"""What is out of order, for how long nobody tries again, and one line in the log when it begins and ends."""

import asyncio
import logging
from enum import Enum, auto

from bot.core.errors import StoreError

log = logging.getLogger(__name__)


class Way(Enum):
    READING = auto()
    WRITING = auto()


class Outage:
    """Keeps a store that is out of order from being tried more than once every `retry_s` seconds, each way."""

    def __init__(self, retry_s: float) -> None:
        self._retry_s = retry_s
        self._faults: dict[Way, tuple[StoreError, float]] = {}
        self._told = False

    def check(self, way: Way) -> None:
        """Raise what was wrong last time, if that was just now."""
        fault = self._faults.get(way)
        if fault is not None and asyncio.get_running_loop().time() < fault[1]:
            raise StoreError(str(fault[0]), hint=fault[0].hint)

    def begin(self, fault: StoreError, *ways: Way) -> None:
        if not self._told:
            self._told = True
            log.warning("memory is out of order: %s; nothing is kept, answers go on; `patter doctor` says more", fault)
        until = asyncio.get_running_loop().time() + self._retry_s
        self._faults.update(dict.fromkeys(ways, (fault, until)))

    def end(self, *ways: Way) -> None:
        """Take note that something has succeeded. It is over with a write: a broken file may be read from a cache."""
        for way in ways:
            self._faults.pop(way, None)
        if self._told and Way.WRITING in ways:
            self._told = False
            log.info("memory works again")
