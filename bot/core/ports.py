"""What the core needs of the world outside, as Protocols. `bot.llm`, `bot.chat` and `bot.observe` implement them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from bot.core.events import Event
from bot.core.model import LoadedModel, ModelInfo, Question, Screen, Status, StreamEvent
from bot.core.scheduler import Grant, Lane


class ChatModel(Protocol):
    def ask(self, question: Question) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """
        Stream an answer; leaving the context closes the server's response at once.

        The last value is a Usage. Raises ModelError, also while iterating. Faults before the first token, and cuts
        after it, are retried within; each is told by a Retrying and, after its pause, a Retried, or by a Restarted.
        """
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """Tell which models are installed. Raises ModelError."""
        ...

    async def loaded(self) -> Sequence[LoadedModel]:
        """Tell which models are in memory. Raises ModelError."""
        ...


class Render(Protocol):
    """
    One answer's text as pages in Discord's dialect, each within a message's limit.

    A finished page is final: later text never changes it.
    """

    @property
    def settled(self) -> int:
        """How many code points of the text stand on finished pages."""
        ...

    @property
    def attachment(self) -> str | None:
        """The whole text, to go with the end as a file; None unless it is too long for messages."""
        ...

    def feed(self, text: str) -> list[str]:
        """Add text; return the pages that it finished, ready to show. The work is bounded by text and page."""
        ...

    def rewind(self, text: str) -> list[str]:
        """Put `text` in place of all that is not settled; return the pages that it finished."""
        ...

    def open_page(self, status: Status) -> str:
        """The page still being written, with what `status` has to say below it. Never blank."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """
    One write that may be made to Discord once its lane allows it.

    `send` returns when Discord has applied it, having told the grant what the response said: True, or False if a new
    message turned out to be there already, from an earlier try, with what that one said. Cancelling it stops the
    waiting, never the request. Raises SurfaceError, of which SurfaceGone and SurfaceForbidden are final.
    """

    lane: Lane
    send: Callable[[Screen, Grant], Awaitable[bool]]


class Surface(Protocol):
    """Where one answer is written: a row of messages."""

    async def open(self, screen: Screen) -> None:
        """Show the first message. Raises SurfaceError if there is none in the end."""
        ...

    @property
    def message_ids(self) -> Sequence[int]:
        """The messages so far, in their order."""
        ...

    def edit(self) -> Write:
        """An edit of the newest message."""
        ...

    def post(self) -> Write:
        """A further message, which is the newest from then on."""
        ...


class Observer(Protocol):
    """Told what happens, in order; must return at once and not raise."""

    def __call__(self, event: Event, /) -> None: ...
