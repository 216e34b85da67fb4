"""What an earlier process left of an answer on Discord: finds its messages, and ends them in words."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import discord

from bot.chat.faults import TokenExpired, translated
from bot.chat.limits import Limits
from bot.chat.routes import ChannelRoute, Dress
from bot.chat.text.captions import IN_A_THREAD, caption
from bot.chat.text.reading import join, read_page
from bot.chat.views import ids_below
from bot.core.errors import SurfaceForbidden, SurfaceGone
from bot.core.memory import JournalEntry
from bot.core.model import Ending, Outcome, Screen
from bot.core.scheduler import Scheduler, Urgency
from bot.core.upkeep import TOKEN_LIFE_S

if TYPE_CHECKING:
    from bot.chat.client import Patter

T = TypeVar("T")

INTERRUPTED = Outcome(Ending.INTERRUPTED)

LOOKED_THROUGH = 300
"""Messages of a channel in which one is looked for whose id was lost."""

CLOCK_SKEW_S = 60.0
"""How far this machine's clock may be ahead of Discord's."""


class Remains:
    """One answer's messages: `pages` are those that `find` found, oldest first. Both methods raise SurfaceError."""

    def __init__(self, entry: JournalEntry, client: "Patter", scheduler: Scheduler, limits: Limits) -> None:
        self._entry = entry
        self.pages: list[discord.Message] = []
        dress = Dress(entry.run_id, entry.asker.id, may_thread=False)
        self._token = _ByToken(entry, dress, client) if _is_alive(entry) else None
        self._channel = None if entry.private else _InChannel(entry, dress, client, scheduler, limits)

    @property
    def lack_end(self) -> bool:
        """Whether an answer stands there without its end: with its Stop button, or cut off between two pages."""
        return any(map(self._is_half_written, self.pages)) or (bool(self.pages) and _is_open(self.pages[-1]))

    @property
    def show_question(self) -> bool:
        """Whether the question of a command stands above the first page."""
        return bool(self.pages) and read_page(self.pages[0].content).question is not None

    @property
    def text(self) -> str:
        return join([read_page(page.content) for page in self.pages])

    async def find(self) -> None:
        for message_id in self._entry.message_ids:
            with suppress(SurfaceGone):
                self.pages.append(await self._fetch(message_id))
        if not self._entry.message_ids and self._token is not None:
            with suppress(SurfaceGone, SurfaceForbidden, TokenExpired):
                self.pages.append(await self._token.fetch_response())
        if self._channel is not None and (not self.pages or _is_open(self.pages[-1])):
            self.pages += await self._channel.find(self._is_lost_page)
        if self._channel is not None and self.pages and self._announces(self.pages[-1]):
            self.pages = [] if await self._channel.is_answered_below(self.pages[-1]) else self.pages

    async def end(self) -> None:
        newest = next((page for page in reversed(self.pages) if self._is_half_written(page)), self.pages[-1])
        said = newest.content.strip()
        if self._is_half_written(newest):
            said = said.removesuffix(read_page(said).caption).rstrip()
        screen = Screen("\n".join(filter(None, [said, caption(INTERRUPTED, self._entry.model)])), INTERRUPTED.buttons)
        await self._either(lambda way: way.edit(newest.id, screen))

    async def _fetch(self, message_id: int) -> discord.Message:
        return await self._either(lambda way: way.fetch(message_id))

    async def _either(self, act: Callable[["_ByToken | _InChannel"], Awaitable[T]]) -> T:
        """
        Use the interaction's token while it lives, else the channel.

        The token's way takes no part in the limits that new answers need, and is open where the bot may not look.
        """
        if self._token is not None:
            try:
                return await act(self._token)
            except (SurfaceGone, SurfaceForbidden, TokenExpired):
                if self._channel is None:
                    raise
        if self._channel is None:
            raise SurfaceGone("the token is no more")
        return await act(self._channel)

    def _is_half_written(self, page: discord.Message) -> bool:
        """Tell by the Stop button, which goes with the end; or it announces an answer that did not come."""
        return f"stop:{self._entry.run_id}" in ids_below(page) or self._announces(page)

    def _announces(self, page: discord.Message) -> bool:
        """Tell whether a page says that the answer comes in a thread; such an answer has a journal entry of its own."""
        is_asked = page.interaction_metadata is not None and page.interaction_metadata.user.id == self._entry.asker.id
        return is_asked and self._entry.answer_id is None and read_page(page.content).caption == IN_A_THREAD

    def _is_lost_page(self, message: discord.Message) -> bool:
        """Tell likewise; a page that was posted full, or with the end, lacks it, but may bear the interaction."""
        if self._is_half_written(message):
            return not (self._announces(message) and message.flags.has_thread)  # that comes once the id is known
        interaction_id = _interaction_id(self.pages[-1]) if self.pages else None
        return interaction_id is not None and interaction_id == _interaction_id(message)


class _ByToken:
    def __init__(self, entry: JournalEntry, dress: Dress, client: "Patter") -> None:
        self._webhook = discord.Webhook.partial(entry.application_id, entry.token, client=client)
        self._dress = dress

    async def fetch(self, message_id: int) -> discord.Message:
        with translated():
            return await self._webhook.fetch_message(message_id)

    async def fetch_response(self) -> discord.Message:
        with translated():
            return await self._webhook.fetch_message("@original")  # type: ignore[arg-type] # it goes into the path

    async def edit(self, message_id: int, screen: Screen) -> None:
        with translated():
            await self._webhook.edit_message(message_id, **self._dress.of_edit(screen))


class _InChannel:
    """Waits for its turn as text does: those who are answered now go first."""

    urgency = Urgency.TEXT

    def __init__(
        self, entry: JournalEntry, dress: Dress, client: "Patter", scheduler: Scheduler, limits: Limits
    ) -> None:
        self._entry, self._client = entry, client
        self._channel = client.get_partial_messageable(entry.place.channel_id, guild_id=entry.place.guild_id)
        self._route = ChannelRoute(client, entry.place, dress, scheduler, limits)
        self.unseen_since = asyncio.get_running_loop().time()

    async def fetch(self, message_id: int) -> discord.Message:
        with translated():
            return await self._channel.fetch_message(message_id)

    async def find(self, is_wanted: Callable[[discord.Message], bool]) -> Sequence[discord.Message]:
        """Look among what was written since for the message whose id was lost on its way at the end."""
        began = datetime.fromtimestamp(self._entry.begun_at - CLOCK_SKEW_S, UTC)
        after = discord.Object(self._entry.message_ids[-1]) if self._entry.message_ids else began
        with translated():
            async for message in self._channel.history(limit=LOOKED_THROUGH, after=after, oldest_first=True):
                if is_wanted(message):
                    return [message]
        return []

    async def is_answered_below(self, message: discord.Message) -> bool:
        """Tell whether the bot said anything in the thread that was opened from a message."""
        if not message.flags.has_thread:
            return False
        thread = self._client.get_partial_messageable(message.id, guild_id=self._entry.place.guild_id)
        with suppress(SurfaceGone), translated():
            first = thread.history(limit=LOOKED_THROUGH, oldest_first=True)
            mine = [one.author == self._client.user and bool(one.content) async for one in first]
            return any(mine)  # Discord's own line there is the bot's, too, and has no text
        return False

    async def edit(self, message_id: int, screen: Screen) -> None:
        async with self._route.edits.turn(self) as grant:
            await self._route.edit(message_id, screen, grant)


def _is_alive(entry: JournalEntry) -> bool:
    return bool(entry.token) and time.time() < entry.begun_at + TOKEN_LIFE_S


def _is_open(page: discord.Message) -> bool:
    """Tell whether another page was to follow: it has neither buttons nor a caption."""
    return not ids_below(page) and not read_page(page.content).caption


def _interaction_id(page: discord.Message) -> int | None:
    return page.interaction_metadata.id if page.interaction_metadata else None
