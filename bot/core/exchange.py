"""One question and its answer, between the memory and the model."""

import asyncio
import logging
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from bot.core.composer import Composer
from bot.core.errors import PatterError, StoreError
from bot.core.memory import JournalEntry, Place, Speaker, StoredTurn, new_turn_id
from bot.core.model import Ending, Outcome, Question
from bot.core.ports import Conversations, Journal

BEGIN_S = 1.0
"""How long an answer waits to be written down; Discord waits three seconds for its first message."""

MEMORY_LOST = "my memory is out of order: this is not kept"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Branch:
    """What a question goes on from."""

    turns: tuple[StoredTurn, ...] = ()
    """What was said before, root first."""
    parent_id: int | None = None
    """The turn that it follows, which may still be without a text, and so not among `turns`."""
    question_id: int | None = None
    """The question's own turn, if it was asked before: then there is to be another answer to it."""
    asked_by: Speaker | None = None
    """Who asked the question then."""
    is_read: bool = False
    """Whether `turns` are what people said to each other, so that the answer says how much of it was read."""
    is_cut: bool = False
    """Whether some of what came before is not among `turns` since somebody has had it forgotten."""

    @classmethod
    def after(cls, turns: Sequence[StoredTurn]) -> "Branch":
        return cls(tuple(turns), turns[-1].id if turns else None)


class Memory:
    """The store's ports, and what is true of them for all exchanges."""

    def __init__(self, journal: Journal, conversations: Conversations) -> None:
        self.journal, self.conversations = journal, conversations
        self._said = False  # whether somebody was told that the store is out of order
        self._in_turn: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    def turn_of(self, channel_id: int) -> asyncio.Lock:
        """In a channel one question at a time finds its branch and becomes its tip."""
        return self._in_turn.setdefault(channel_id, asyncio.Lock())

    @contextmanager
    def forgiving(self, say: Callable[[], bool] | None = None) -> Iterator[None]:
        """
        Go on after the block if the store fails in it; call `say` unless it has been said in this outage.

        `say` tells whether anybody will see it.
        """
        try:
            yield
        except (StoreError, TimeoutError):
            if say is not None and not self._said:
                self._said = say()

    def works(self) -> None:
        """Take note that something was written; what can be read proves nothing, since a full disk can be, too."""
        self._said = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants answered."""

    run_id: str
    place: Place
    speaker: Speaker
    text: str
    model: str
    private: bool = False
    message_id: int | None = None
    """The message that is the question; None if there is none, as for a command."""
    said_at: int | None = None
    """Of a command, an id that Discord made when it was given: it counts as the first message that shows it."""
    application_id: int = 0
    token: str = field(default="", repr=False)
    """The interaction's, for the journal."""
    in_place_of: int | None = None
    """The message of an earlier answer in whose place the new one is to stand."""


class Exchange:
    """
    Finds what came before a question, asks the model, and keeps both turns.

    `find_branch` may ask the store and Discord; it raises StoreError if the store fails. `note` is given sentences to
    show below the answer.
    """

    def __init__(
        self,
        wish: Wish,
        memory: Memory,
        composer: Composer,
        find_branch: Callable[[], Awaitable[Branch]],
        note: Callable[[str], None],
    ) -> None:
        self._wish, self._memory, self._composer = wish, memory, composer
        self._find_branch, self._note = find_branch, note
        self._question_id = new_turn_id()
        self._answer = StoredTurn(
            self._question_id + 1, None, "assistant", None, wish.place, wish.speaker, wish.private, wish.model
        )
        self._added = self._has_ended = False
        self._shown_on: tuple[int, ...] = ()
        self._linked = 0  # so many of those have been linked to their turns
        self._under_way: set[asyncio.Task[None]] = set()
        self._joining: asyncio.Task[None] | None = None
        self._branch = Branch()
        self._asked: Question | None = None

    @property
    def model(self) -> str:
        return self._wish.model

    @property
    def answer_id(self) -> int:
        """The turn that the answer is to be."""
        return self._answer.id

    async def begin(self) -> None:
        wish = self._wish
        entry = JournalEntry(
            wish.run_id, wish.place, wish.speaker, wish.private, wish.model,
            time.time(), self._answer.id, wish.application_id, wish.token,
            message_ids=() if wish.in_place_of is None else (wish.in_place_of,),
        )  # fmt: skip
        with self._forgiving():
            async with asyncio.timeout(BEGIN_S):
                await self._memory.journal.begin(entry)
            self._memory.works()

    async def question(self) -> Question:
        """Give the question with its branch, and add it to that. Raises PatterError if it fits no context."""
        # Whoever stops the answer meanwhile has asked all the same; and no request to Discord is ever cancelled.
        self._joining = self._start(self._join())
        await asyncio.shield(self._joining)
        branch = self._branch
        composed = await self._composer.compose(self._wish.model, (*branch.turns, self._turn_of(branch)))
        if composed.left_out:
            some = "1 earlier message" if composed.left_out == 1 else f"{composed.left_out} earlier messages"
            self._note(f"{some} left out")
        if branch.is_cut:
            self._note("some of what came before is forgotten")
        if branch.is_read:
            read = len(branch.turns) - composed.left_out
            self._note("1 message read" if read == 1 else f"{read} messages read")
        self._asked = composed.question
        return composed.question

    def shown_on(self, message_ids: Sequence[int]) -> None:
        further = tuple(message_ids[len(self._shown_on) :])
        if further:
            self._shown_on += further
            self._start(self._note_messages(further))

    def keep(self, outcome: Outcome, text: str) -> None:
        self._has_ended = True
        if self._asked is not None:
            self._composer.learn(self._asked, outcome.usage)
        self._start(self._keep(outcome, text))

    async def end(self, *, mendable: bool = False) -> None:
        await asyncio.gather(*self._under_way, return_exceptions=True)
        with self._memory.forgiving():
            if not (self._shown_on or mendable):  # nobody has seen it
                await self._memory.conversations.drop(self._answer.id)
            if not mendable:
                await self._memory.journal.end(self._wish.run_id)

    async def abandon(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _join(self) -> None:
        """Find the branch, and become its tip."""
        async with self._memory.turn_of(self._wish.place.channel_id):
            with self._forgiving():
                self._branch = self._permitted(await self._find_branch())
            with self._forgiving():
                await self._add(self._branch)
                self._added = True
                await self._link()

    def _permitted(self, branch: Branch) -> Branch:
        """What was said in private goes on in private alone, and for the same person."""
        wish = self._wish
        known = all(not one.private or (wish.private and one.speaker.id == wish.speaker.id) for one in branch.turns)
        return branch if known else Branch()

    async def _add(self, branch: Branch) -> None:
        is_new = branch.question_id is None
        asked = self._turn_of(branch)
        answer = replace(self._answer, parent_id=asked.id)
        message_id = self._wish.message_id or self._wish.said_at
        shown_by = {asked.id: (message_id,)} if is_new and message_id is not None else {}
        await self._memory.conversations.add(*([asked] if is_new else []), answer, shown_by=shown_by)

    def _turn_of(self, branch: Branch) -> StoredTurn:
        wish = self._wish
        question_id, speaker = branch.question_id or self._question_id, branch.asked_by or wish.speaker
        return StoredTurn(question_id, branch.parent_id, "user", wish.text, wish.place, speaker, wish.private)

    async def _keep(self, outcome: Outcome, text: str) -> None:
        if self._joining is not None:
            await asyncio.wait({self._joining})
        conversations = self._memory.conversations
        async with self._memory.turn_of(self._wish.place.channel_id):  # whoever asks once it is seen has it before them
            with self._memory.forgiving():  # too late to say so below the answer
                if outcome.ending is Ending.DELETED:
                    await conversations.drop(self._answer.id)
                else:
                    await conversations.finish(self._answer.id, text, tokens=outcome.usage.answer_tokens)

    async def _note_messages(self, message_ids: Sequence[int]) -> None:
        with self._forgiving():
            await self._memory.journal.add_messages(self._wish.run_id, message_ids)
        with self._forgiving():
            if self._added:
                await self._link()

    async def _link(self) -> None:
        """Say which messages show the answer by now. A command's question stands above its answer's first page."""
        linked, self._linked = self._linked, len(self._shown_on)
        further = self._shown_on[linked:]
        if further:
            await self._memory.conversations.link(self._answer.id, further)
        if further and not linked and self._wish.message_id is None:
            await self._memory.conversations.link(self._turn_of(self._branch).id, further[:1])

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, PatterError):  # the answer itself says those in words
            log.error("run %s: could not be kept", self._wish.run_id, exc_info=error)

    def _forgiving(self) -> AbstractContextManager[None]:
        return self._memory.forgiving(self._say_lost)

    def _say_lost(self) -> bool:
        if self._has_ended:  # the end may be drawn already; then the next answer says it
            return False
        self._note(MEMORY_LOST)
        return True
