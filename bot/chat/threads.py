"""Opens threads: for a question, and from an answer."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import discord

from bot.chat.afterwards import OUR_WORDS
from bot.chat.asking import Asking, Prompt, nothing_before, place_of, speaker_of
from bot.chat.faults import ThreadThere, translated
from bot.chat.telling import NOBODY, tell
from bot.chat.text.captions import IN_A_THREAD
from bot.chat.text.graphemes import clip
from bot.chat.text.markdown import one_line, question_line
from bot.chat.text.reading import read_page
from bot.core.admission import Admitted
from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone, SurfaceRefused
from bot.core.exchange import BEGIN_S, Memory
from bot.core.memory import JournalEntry, Place, PlaceSettings
from bot.core.ports import Places
from bot.core.run import Run, new_run_id
from bot.core.runs import Runs

if TYPE_CHECKING:
    from bot.chat.client import Patter

TITLE_CHARS, MOST_TITLE_CHARS = 80, 100
"""Discord takes 100 code points; its lists show fewer, and what defuses mentions takes some."""

TRIES, PAUSE_S = 3, 0.5

SETTINGS_S = 0.5
"""How long a command waits for what is set for its place."""

NO_RIGHT = "-# I may not open threads here: that takes Create Public Threads and Send Messages in Threads"
NOT_FOR_YOU = "-# you may not open threads here, so the answer comes without one"
PRIVATE = "-# a private answer gets no thread"
FAILED = "-# the thread could not be opened, so the answer comes without one"
FIRST_LINE = "-# mention me to go on in this thread: without that I cannot read what is said here"

ALL_FOR_ME = "Go on here: every message in this thread is for me."
MENTION_ME = "Mention me to go on in this thread: without that I cannot read what is said here."
YOUR_RIGHTS = "You may not open threads here: that takes Create Public Threads and Send Messages in Threads."
MY_RIGHTS = (
    "I may not open threads here. Whoever runs this server can grant me Create Public Threads and "
    "Send Messages in Threads."
)
NOT_NOW = "The thread could not be opened. Try again in a minute."
GONE = "This answer is gone, so no thread can be opened from it."

log = logging.getLogger(__name__)


class Threads:
    def __init__(self, asking: Asking, memory: Memory, places: Places, runs: Runs) -> None:
        self._asking, self._memory, self._places, self._runs = asking, memory, places, runs

    async def wanted(self, interaction: "discord.Interaction[Patter]", *, wish: bool | None) -> bool:
        """Tell whether a command is to be answered in a new thread: as wished, else as is set for the place."""
        if not isinstance(interaction.channel, discord.TextChannel):
            return False
        if wish is not None:
            return wish
        settings = PlaceSettings()
        with self._memory.forgiving():
            async with asyncio.timeout(SETTINGS_S):
                settings = await self._places.settings(place_of(interaction))
        return settings.auto_threads

    async def ask(
        self, interaction: "discord.Interaction[Patter]", question: str, *, model: str | None, wished: bool
    ) -> None:
        """Answer a command in a thread of its own; in the channel itself, with the reason, where none can be opened."""
        with await self._asking.admit(interaction, model) as admitted:
            if not may_open(interaction.app_permissions):
                await self._without(interaction, question, admitted, NO_RIGHT)
            elif wished and not may_open(interaction.permissions):
                await self._without(interaction, question, admitted, NOT_FOR_YOU)
            else:
                await self._ask_in_thread(interaction, question, admitted)

    async def _ask_in_thread(
        self, interaction: "discord.Interaction[Patter]", question: str, admitted: Admitted
    ) -> None:
        entry = JournalEntry(
            new_run_id(), place_of(interaction), speaker_of(interaction.user), private=False, model=admitted.model,
            begun_at=time.time(), application_id=interaction.application_id, token=interaction.token,
        )  # fmt: skip
        with self._runs.announcing(entry.run_id):
            run = await self._announce(interaction, question, admitted, entry)
            if await run.opened():
                with self._memory.forgiving():
                    await self._memory.journal.end(entry.run_id)

    async def _announce(
        self, interaction: "discord.Interaction[Patter]", question: str, admitted: Admitted, entry: JournalEntry
    ) -> Run:
        """Say that a thread is to come, open it, and start the answer there; what a crash leaves of it is mended."""
        with self._memory.forgiving():
            async with asyncio.timeout(BEGIN_S):
                await self._memory.journal.begin(entry)
        above = f"{question_line(question)}\n{IN_A_THREAD}"
        response_id = None
        try:
            with translated():
                response = await interaction.response.send_message(above, allowed_mentions=NOBODY, suppress_embeds=True)
            response_id = response.message_id
            assert response_id is not None, "the response to a command is a message"
            with self._memory.forgiving():
                await self._memory.journal.add_messages(entry.run_id, [response_id])
            await open_thread(interaction, response_id, title_of(question))
        except SurfaceError as error:
            log.info("a thread could not be opened: %s", error)
            return await self._without(interaction, question, admitted, FAILED, response_id)
        return self._asking.in_channel(
            interaction.client,
            Place(response_id, interaction.guild_id),
            entry.asker,
            Prompt(question, nothing_before, shows_question=False, preface=_first_line(interaction.client)),
            admitted,
            response_id,
        )

    async def _without(
        self,
        interaction: "discord.Interaction[Patter]",
        question: str,
        admitted: Admitted,
        reason: str,
        response_id: int | None = None,
    ) -> Run:
        prompt = Prompt(question, nothing_before, preface=reason)
        return await self._asking.by_interaction(interaction, prompt, admitted=admitted, response_id=response_id)

    async def continue_from(self, interaction: "discord.Interaction[Patter]") -> None:
        """Open a thread from the answer below whose button one has clicked, and say there how to go on."""
        message = interaction.message
        assert message is not None, "a button is below a message"
        if not may_open(interaction.permissions):
            await tell(interaction, YOUR_RIGHTS)
        elif not may_open(interaction.app_permissions):
            await tell(interaction, MY_RIGHTS)
        else:
            await tell(interaction, await self._open_below(interaction, message))

    async def _open_below(self, interaction: "discord.Interaction[Patter]", message: discord.Message) -> str:
        """Open a thread below an answer, unless there is one; return the sentence for whoever wants it."""
        client = interaction.client
        try:
            with translated():
                await interaction.response.defer(ephemeral=True, thinking=True)
            if await open_thread(interaction, message.id, await self._title(message)):
                with translated():
                    hint = ALL_FOR_ME if client.reads_all_messages else MENTION_ME
                    await client.get_partial_messageable(message.id).send(hint, allowed_mentions=NOBODY)
        except SurfaceForbidden:
            return MY_RIGHTS
        except SurfaceGone:
            return GONE
        except SurfaceError as error:
            log.info("a thread could not be opened: %s", error)
            return NOT_NOW
        return f"Go on in <#{message.id}>."

    async def _title(self, message: discord.Message) -> str:
        """Take the title from the question, if it can be found."""
        conversations = self._memory.conversations
        question = None
        with self._memory.forgiving():
            turn = await conversations.showing(message.id)
            said = await conversations.path(turn.id) if turn else ()
            theirs = (one.text for one in reversed(said) if one.role == "user" and one.text not in OUR_WORDS)
            question = next(theirs, None)
        return title_of(question or read_page(message.content).question or "")


def may_open(permissions: discord.Permissions) -> bool:
    return permissions.create_public_threads and permissions.send_messages_in_threads


async def open_thread(interaction: "discord.Interaction[Patter]", message_id: int, title: str) -> bool:
    """Open a thread from a message, whose id is the thread's; false if there was one. Raises SurfaceError."""
    assert isinstance(interaction.channel, discord.TextChannel), "threads are opened in text channels"
    message = interaction.channel.get_partial_message(message_id)
    for tries_left in reversed(range(TRIES)):
        try:
            with translated():
                await message.create_thread(name=title)
        except ThreadThere:
            return False
        except (SurfaceForbidden, SurfaceGone, SurfaceRefused):
            raise
        except SurfaceError:
            if not tries_left:
                raise
            await asyncio.sleep(PAUSE_S)
        else:
            return True
    raise AssertionError("the last try returns or raises")


def title_of(question: str) -> str:
    return clip(one_line(question, TITLE_CHARS), MOST_TITLE_CHARS).strip() or "Thread"


def _first_line(client: "Patter") -> str:
    return "" if client.reads_all_messages else FIRST_LINE
