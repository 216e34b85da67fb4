"""One Observer made of many."""

import logging
from collections.abc import Callable

from bot.core.events import Event
from bot.core.ports import Observer

log = logging.getLogger(__name__)


class FanOut:
    """
    Tells every listener, in their order. What one raises reaches neither the core nor the others.

    A listener's first fault is logged whole, those after it only counted at DEBUG: events come by the thousand.
    """

    def __init__(self, *listeners: Observer) -> None:
        self._listeners = listeners
        self._faulty: set[Callable[[Event], None]] = set()

    def __call__(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - whatever it is; `_note` logs it
                self._note(listener)

    def _note(self, listener: Observer) -> None:
        level = logging.DEBUG if listener in self._faulty else logging.ERROR
        self._faulty.add(listener)
        log.log(level, "a listener failed: %s", type(listener).__name__, exc_info=True)
