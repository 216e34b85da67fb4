"""What one can still do with an answer that has ended: have it written anew, or have it go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.chat.asking import Asking, FindBranch, Prompt
from bot.chat.branches import Branches
from bot.chat.faults import translated
from bot.chat.stopping import may_moderate
from bot.chat.telling import tell
from bot.core.errors import PatterError, SurfaceError
from bot.core.exchange import Branch, Memory
from bot.core.memory import Speaker, StoredTurn
from bot.core.runs import Runs

if TYPE_CHECKING:
    from bot.chat.client import Patter

GO_ON = "Go on exactly where you stopped, without repeating anything."
SUMMARISE = "Summarise the conversation above: what it is about, who said what, what was decided and what is open."
OUR_WORDS = frozenset({GO_ON, SUMMARISE})
"""Questions that nobody has typed."""

NOT_YOURS = "Only the one who asked, a moderator (Manage Messages) or the bot's owner can do that."
BEING_WRITTEN = "This answer is being written already."
UNKNOWN = "I no longer know what was asked here. Ask it again."
SUMMARY = "What I read for this summary I have not kept. Choose Apps → **Summarise from here** again."

LOOK_UP_S = ENDING_S = 1.0
"""For the memory, and for an answer that has just ended: a click has to be answered within three seconds."""

log = logging.getLogger(__name__)


class Refused(PatterError):  # noqa: N818 - reads as the state it is
    """The hint says why."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the memory knows of an answer."""

    question: StoredTurn | None = None
    answer: StoredTurn | None = None
    question_on: Sequence[int] = ()
    answer_on: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """A question that is to be answered once more."""

    text: str
    speaker: Speaker
    find_branch: FindBranch
    question_on: Sequence[int]
    answer_on: Sequence[int]

    @property
    def stands_at(self) -> int | None:
        """The message that is the question; None if it stands above its answer."""
        is_above = set(self.question_on).intersection(self.answer_on)
        return None if is_above else next(iter(self.question_on), None)


class Afterwards:
    """Answers the clicks on the buttons of an answer that has ended."""

    def __init__(self, asking: Asking, branches: Branches, memory: Memory, runs: Runs) -> None:
        self._asking, self._branches, self._memory, self._runs = asking, branches, memory, runs
        self._clicked: set[int] = set()

    async def retry(self, interaction: "discord.Interaction[Patter]", asker_id: int) -> None:
        """Write the answer anew in place of the one below whose button one has clicked. The old one is remembered."""
        await self._once(interaction, partial(self._retry, interaction, asker_id))

    async def go_on(self, interaction: "discord.Interaction[Patter]", asker_id: int) -> None:
        """Have the model go on where the answer stopped below whose button one has clicked."""
        await self._once(interaction, partial(self._go_on, interaction, asker_id))

    async def _once(
        self, interaction: "discord.Interaction[Patter]", act: Callable[[discord.Message], Awaitable[None]]
    ) -> None:
        """Act for one click at a time on a message's buttons. What is refused is told in words."""
        message = interaction.message
        assert message is not None, "a button is below a message"
        if message.id in self._clicked:
            await tell(interaction, BEING_WRITTEN)
            return
        self._clicked.add(message.id)
        try:
            await act(message)
        except PatterError as error:
            await tell(interaction, error.hint)
        finally:
            self._clicked.discard(message.id)

    async def _retry(self, interaction: "discord.Interaction[Patter]", asker_id: int, message: discord.Message) -> None:
        known = await self._admit(interaction, message, asker_id)
        again = await self._again(interaction, message, known)
        prompt = Prompt(
            again.text,
            again.find_branch,
            former_model=known.answer.model if known.answer else None,
            private=message.flags.ephemeral,
            shows_question=again.stands_at is None and again.text != GO_ON,
        )
        run = await self._asking.by_interaction(
            interaction,
            prompt,
            speaker=again.speaker,
            message_id=again.stands_at,
            in_place=True,
            response_id=message.id if interaction.response.is_done() else None,
        )
        if await run.opened() and not message.flags.ephemeral:
            await self._remove(interaction, [one for one in again.answer_on if one != message.id])

    async def _go_on(self, interaction: "discord.Interaction[Patter]", asker_id: int, message: discord.Message) -> None:
        known = await self._admit(interaction, message, asker_id)
        prompt = Prompt(
            GO_ON,
            partial(self._after, known.answer, message),
            former_model=known.answer.model if known.answer else None,
            private=message.flags.ephemeral,
            shows_question=False,
        )
        run = await self._asking.by_interaction(interaction, prompt)
        if await run.opened():
            await _take_continue_away(interaction, message)

    async def _admit(
        self, interaction: "discord.Interaction[Patter]", message: discord.Message, asker_id: int
    ) -> Known:
        """Give what is known of the answer. Raises Refused to strangers, and while it is being written."""
        known = await self._look_up(message.id)
        owner_id = known.question.speaker.id if known.question else asker_id
        user = interaction.user
        if user.id != owner_id and not may_moderate(interaction.client, user.id, interaction.permissions):
            raise Refused(hint=NOT_YOURS)
        asked = self._runs.showing(message.id)
        if asked is not None and asked.run.outcome is not None:  # its end is on screen, but not yet all kept
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDING_S):
                    await self._runs.until_over(asked.run.id)
            known = await self._look_up(message.id)
        if self._runs.showing(message.id) is not None:
            raise Refused(hint=BEING_WRITTEN)
        return known

    async def _look_up(self, message_id: int) -> Known:
        known = Known()
        with self._memory.forgiving():
            async with asyncio.timeout(LOOK_UP_S):
                known = await self._known(message_id)
        return known

    async def _known(self, message_id: int) -> Known:
        conversations = self._memory.conversations
        turn = await conversations.showing(message_id)
        if turn is None:
            return Known()
        if turn.role == "user":
            return Known(turn, question_on=await conversations.messages_of(turn.id))
        before = await conversations.turn(turn.parent_id) if turn.parent_id else None
        question = before if before and before.role == "user" else None  # else it was deleted
        question_on = await conversations.messages_of(question.id) if question else ()
        return Known(question, turn, question_on, await conversations.messages_of(turn.id))

    async def _again(self, interaction: "discord.Interaction[Patter]", message: discord.Message, known: Known) -> Again:
        """Give what was asked, who asked it, and what came before it. Raises Refused if nobody knows."""
        question = known.question
        if question is not None and question.text == SUMMARISE:  # what a restart has cut off offers Retry
            raise Refused(hint=SUMMARY)
        if question is not None and question.text:
            find_branch = partial(self._branches.again, question)
            answer_on = (*known.answer_on, message.id)
            return Again(question.text, question.speaker, find_branch, known.question_on, answer_on)
        with translated():
            await interaction.response.defer()  # reading Discord may take longer than a click may wait
        branch, told, shown_on = await self._branches.before_answer(message)
        if told is None:
            raise Refused(hint=UNKNOWN)
        return Again(told.text, told.speaker, partial(_given, branch), told.message_ids, shown_on)

    async def _after(self, answer: StoredTurn | None, message: discord.Message) -> Branch:
        if answer is None:
            return await self._branches.of_message(message)
        return await self._branches.of_turn(answer)

    async def _remove(self, interaction: "discord.Interaction[Patter]", message_ids: Sequence[int]) -> None:
        """Delete the further pages of an answer that is being written anew; its text stays in the memory."""
        if not message_ids or interaction.channel_id is None:
            return
        with self._memory.forgiving():
            await self._memory.conversations.unlink(message_ids)
        channel = interaction.client.get_partial_messageable(interaction.channel_id, guild_id=interaction.guild_id)
        for message_id in message_ids:
            try:
                with translated():
                    await channel.get_partial_message(message_id).delete()
            except SurfaceError as error:
                log.info("a page of an earlier answer stays: %s", error)


async def _given(branch: Branch) -> Branch:
    return branch


async def _take_continue_away(interaction: "discord.Interaction[Patter]", message: discord.Message) -> None:
    view = discord.ui.View.from_message(message, timeout=None)
    for item in view.children:
        if getattr(item, "custom_id", "").startswith("continue:"):
            view.remove_item(item)
    view.stop()
    try:
        with translated():
            await interaction.followup.edit_message(message.id, view=view if view.children else None)
    except SurfaceError as error:
        log.info("a Continue button stays: %s", error)
