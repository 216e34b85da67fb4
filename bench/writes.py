"""Every write of the bot's, noted in its process at the moment at which Discord has acknowledged it."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.chat import asking
from bot.chat.surface import InteractionSurface
from bot.core.model import Screen
from bot.core.ports import Write
from bot.core.scheduler import Grant

KIB = 1024


@contextmanager
def noting(note: Callable[[Screen], None]) -> Iterator[None]:
    """Call `note` with what has just been acknowledged, for all answers that begin within the context."""

    def noted(write: Write) -> Write:
        async def send(screen: Screen, grant: Grant) -> bool:
            is_there = await write.send(screen, grant)
            note(screen)
            return is_there

        return Write(write.lane, send)

    class NotingSurface(InteractionSurface):
        async def open(self, screen: Screen) -> None:
            await super().open(screen)
            note(screen)

        def edit(self) -> Write:
            return noted(super().edit())

        def post(self) -> Write:
            return noted(super().post())

    setattr(asking, InteractionSurface.__name__, NotingSurface)
    try:
        yield
    finally:
        setattr(asking, InteractionSurface.__name__, InteractionSurface)


def peak_mb() -> float:
    """Give the most memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / KIB**2 if sys.platform == "darwin" else peak / KIB
