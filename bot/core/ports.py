"""What the core needs of the world outside, as Protocols. `bot.llm`, `bot.chat` and `bot.observe` implement them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from bot.core.events import Event
from bot.core.memory import Edited, Forgotten, JournalEntry, Place, PlaceSettings, StoredTurn
from bot.core.model import LoadedModel, ModelInfo, Outcome, Question, Screen, Status, StreamEvent
from bot.core.scheduler import Grant, Lane


class ChatModel(Protocol):
    def ask(
        self, question: Question, wanted: asyncio.Event | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """
        Stream an answer; leaving the context closes the server's response at once.

        What arrives may be gathered for a moment before it is given; setting `wanted` has it given at once.

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

    async def context(self, model: str) -> int:
        """Tell how many tokens a conversation with a model may take, the answer included; the least if unknown."""
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


class Exchange(Protocol):
    """One question and its answer, as they are remembered. What memory fails to do never stops the answer."""

    @property
    def model(self) -> str:
        """Who is to answer."""
        ...

    async def begin(self) -> None:
        """Write down that there is to be an answer, before anything of it is shown."""
        ...

    async def question(self) -> Question:
        """Give what to ask the model: this question with what came before it. Raises PatterError if it cannot be."""
        ...

    def shown_on(self, message_ids: Sequence[int]) -> None:
        """Take the messages that show the answer by now; returns at once."""
        ...

    def keep(self, outcome: Outcome, text: str) -> None:
        """Take the whole answer, before its end is shown; returns at once."""
        ...

    async def end(self, *, mendable: bool = False) -> None:
        """Finish; all is kept then. `mendable` says that the end is not on screen, but may be brought there later."""
        ...

    async def abandon(self) -> None:
        """Leave it unended, for a later start; nothing of it goes on from the return on."""
        ...


class Journal(Protocol):
    """The answers under way, so that a later start can end or mend what was left half-written. Raises StoreError."""

    async def begin(self, entry: JournalEntry) -> None:
        """Write an answer down; it outlives the process, and a power cut, from the return on."""
        ...

    async def add_messages(self, run_id: str, message_ids: Sequence[int]) -> None:
        """Note further messages that show the answer."""
        ...

    async def end(self, run_id: str) -> None:
        """Strike an answer out: its end is on screen, or nothing can show it any more."""
        ...

    async def unfinished(self) -> Sequence[JournalEntry]:
        """Give what was begun and not ended, oldest first."""
        ...

    async def erase_tokens(self, begun_before: float) -> None:
        """Blank the tokens of answers that began before that Unix time."""
        ...


class Conversations(Protocol):
    """A tree of turns, and which messages show them. Raises StoreError."""

    async def add(self, *turns: StoredTurn, shown_by: Mapping[int, Sequence[int]] | None = None) -> None:
        """Add turns, parents first, with the messages that show each, by the turn's id. Durable at the return."""
        ...

    async def link(self, turn_id: int, message_ids: Sequence[int]) -> None:
        """Note that messages show a part of a turn from now on; does nothing for a turn that is gone."""
        ...

    async def finish(self, turn_id: int, text: str, *, tokens: int = 0) -> None:
        """Set an answer's text; does nothing for a turn that is gone."""
        ...

    async def path(self, turn_id: int) -> Sequence[StoredTurn]:
        """Give a turn and all that came before it on its branch, root first; answers without a text are left out."""
        ...

    async def turn(self, turn_id: int) -> StoredTurn | None: ...

    async def showing(self, message_id: int) -> StoredTurn | None:
        """Give the newest turn that a message shows: an answer rather than its question."""
        ...

    async def messages_of(self, turn_id: int) -> Sequence[int]:
        """Give the messages that show a turn, oldest first."""
        ...

    async def tip(self, channel_id: int) -> StoredTurn | None:
        """
        Give the turn from which a channel, thread or DM goes on; None if the next one is a root.

        It is the newest answer, even one without a text yet, to the channel's newest question, or that question itself
        (by the id of the first message that shows it), private turns aside, unless a fresh start came after that
        message. An answer whose question is not shown there counts as if it were one. A thread without any turn goes on
        from what the message shows from which it was started: that one has the thread's own id.
        """
        ...

    async def start_afresh(self, channel_id: int, after: int) -> bool:
        """
        Let what comes after the message id `after` in a channel begin with a root; false if it would have anyway.

        `after` need not be a message: any id that Discord made then is in the same order.
        """
        ...

    async def fresh_since(self, channel_id: int) -> int | None:
        """Give the id after which a channel last started afresh, if it ever did."""
        ...

    async def edit(self, message_id: int, text: str) -> Edited | None:
        """Change the text of the question that a message is; None if it is none, or the text is the same."""
        ...

    async def unlink(self, message_ids: Iterable[int]) -> None:
        """Note that messages no longer show any turn; the turns stay."""
        ...

    async def drop_messages(self, message_ids: Iterable[int]) -> int:
        """Delete all turns that any of the messages shows; what went on from them goes on from their parents."""
        ...

    async def drop(self, turn_id: int) -> None:
        """Delete one turn likewise."""
        ...

    async def forget(self, user_id: int, up_to: int) -> Forgotten:
        """
        Delete every question of a person and every answer to them likewise, everywhere.

        That it was wanted is kept: nothing of theirs up to the id `up_to`, which need not be a message, is to be read
        back from Discord.
        """
        ...

    async def forgotten(self) -> Mapping[int, int]:
        """
        Give the id up to which each person is forgotten; what was given changes along with it.

        Once it was known it is known even if the store fails.
        """
        ...

    async def places(self) -> Sequence[Place]:
        """Give the channels of guilds in which something was said."""
        ...

    async def drop_channel(self, channel_id: int) -> int:
        """Delete every turn of a channel likewise, and where it began afresh; return how many."""
        ...

    async def expire(self, said_before: float) -> int:
        """Delete every turn of before that Unix time likewise; return how many."""
        ...


class Places(Protocol):
    """What is set per guild and per channel. Raises StoreError."""

    async def settings(self, place: Place, *, parent_id: int | None = None) -> PlaceSettings:
        """Give what holds in a place: the channel's own, else its parent channel's, else its guild's, else defaults."""
        ...

    async def change(self, scope_id: int, **values: object) -> None:
        """Set fields of PlaceSettings for a guild or channel; None takes one back to what is above it."""
        ...

    async def first_time(self, scope_id: int, what: str) -> bool:
        """Tell whether `what` is asked for the first time there; true just once."""
        ...

    async def asked_before(self, scope_id: int, what: str) -> bool:
        """Tell whether `first_time` was asked that there."""
        ...


class Observer(Protocol):
    """Told what happens, in order; must return at once and not raise."""

    def __call__(self, event: Event, /) -> None: ...
