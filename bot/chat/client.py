"""The Discord client: its intents, its cogs, its buttons, and what it does at the start and at the end."""

import asyncio
import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands

from bot.chat.echoes import Echoes
from bot.chat.faults import translated
from bot.chat.identifying import wait_for_identify
from bot.chat.limits import Limits
from bot.chat.presence import Presence
from bot.chat.registration import register
from bot.chat.sockets import Sockets
from bot.chat.telling import NOBODY, tell
from bot.chat.views import ALL as ALL_BUTTONS
from bot.core.errors import PatterError, SettingsError, SurfaceError
from bot.invite import invite_url

if TYPE_CHECKING:
    from bot.services import Services

UNPRIVILEGED = {
    "guilds": True,
    "guild_messages": True,
    "guild_reactions": True,
    "dm_messages": True,
    "dm_reactions": True,
}
"""The intents that need nobody's leave: messages that mention the bot carry their text all the same."""

GC_OBJECTS = 10_000
"""So many new objects make Python look for garbage that holds on to itself; after its own 700 it hardly rests."""

LOGIN_PAUSES_S = (0.5, 1.5, 3.0)
"""Between the tries of a log-in; then it is left to whoever starts the bot to start it again."""

AUTHENTICATION_FAILED = 4004
"""The gateway's close code for a token that is wrong."""

BAD_LOGIN = (
    "DISCORD_TOKEN was refused by Discord. Make a new one: "
    "discord.com/developers/applications, your application, Bot, Reset Token."
)
BAD_INTENT = (
    "Discord refused an intent. Grant it: discord.com/developers/applications, your application, "
    "Bot, Privileged Gateway Intents."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    dev_guild: int | None = None
    """Where commands are registered instead of everywhere, for trying a change."""
    guild_ready_timeout_s: float = 2.0
    """How long discord.py waits for further guilds before it says that it is ready."""


def point_at(api_url: str, gateway_url: str) -> None:
    """Use another server than Discord. For all clients of this process, before any is made."""
    discord.http.Route.BASE = api_url.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class Tree(app_commands.CommandTree["Patter"]):
    async def on_error(self, interaction: discord.Interaction["Patter"], error: app_commands.AppCommandError) -> None:
        """Answer in words, whatever happened."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, PatterError):
            sentence = cause.hint
        elif isinstance(error, app_commands.CheckFailure):
            sentence = "You may not use this command here."
        elif isinstance(error, app_commands.CommandNotFound):
            sentence = "I no longer know this command. Reload Discord (Ctrl+R) to see the ones that I have."
        else:
            log.error("a command failed", exc_info=cause)
            sentence = PatterError.hint
        await tell(interaction, sentence)


class Patter(commands.Bot):
    """The bot. Loads `extensions` before it connects; cogs find all they need in `services`."""

    def __init__(
        self, services: "Services", limits: Limits, extensions: Sequence[str], options: DiscordOptions
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Patter does not speak
        self.services = services
        self.echoes = Echoes()
        self._limits = limits
        self._presence: Presence | None = None
        self._extensions, self._options = extensions, options
        self._wanted = discord.Intents(**UNPRIVILEGED)
        self._said_hello = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=self._wanted,
            allowed_mentions=NOBODY,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            http_trace=limits.trace_config(),
            connector=Sockets(limits.unanswered),
            guild_ready_timeout=options.guild_ready_timeout_s,
        )

    @property
    def reads_all_messages(self) -> bool:
        """Whether the text of messages comes along that are not addressed to the bot; known after the login."""
        return self._wanted.message_content

    @property
    def owners(self) -> frozenset[int]:
        """The users who own the bot's application, alone or as its team; nobody before the login."""
        if self.application is None:
            return frozenset()
        team = self.application.team
        accepted = discord.TeamMembershipState.accepted
        return (
            frozenset(m.id for m in team.members if m.membership_state is accepted)
            if team
            else frozenset([self.application.owner.id])
        )

    async def setup_hook(self) -> None:
        flags = self.application_flags
        # Asking for an intent that is not granted would close the connection; discord.py identifies after this hook.
        self._wanted.message_content = flags.gateway_message_content or flags.gateway_message_content_limited
        self._presence = Presence(self.services.model, self)
        self.services.mending.begin(self)
        for extension in self._extensions:
            await self.load_extension(extension)
        self.add_dynamic_items(*ALL_BUTTONS)
        guild = self._options.dev_guild
        try:
            with translated():
                await register(self.tree, None if guild is None else discord.Object(guild))
        except SurfaceError as error:  # the commands of the last time still work
            log.error("the commands could not be registered: %s", error)  # noqa: TRY400 - a sentence says it all

    async def login(self, token: str) -> None:
        for pause_s in LOGIN_PAUSES_S:
            try:
                return await super().login(token)
            except discord.LoginFailure:
                raise
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.warning("no log-in at Discord: %s; trying again in %.1f s", type(error).__name__, pause_s)
            await self.http.close()  # its sockets with it
            self.http.connector = Sockets(self._limits.unanswered)
            await asyncio.sleep(pause_s)
        return await super().login(token)

    async def connect(self, *, reconnect: bool = True) -> None:
        await wait_for_identify(self.http)
        await super().connect(reconnect=reconnect)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if (
            not initial
        ):  # `connect` has waited for the first; discord.py gives up on this after a minute, and comes back
            await wait_for_identify(self.http)
        await super().before_identify_hook(shard_id, initial=initial)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if not self.is_closed():  # nobody listens then, and discord.py has let go of its loop
            super().dispatch(event, *args, **kwargs)

    async def close(self) -> None:
        if self._presence is not None:
            await self._presence.aclose()
        await super().close()

    async def on_ready(self) -> None:
        gc.collect()
        gc.freeze()  # what is there now stays; to look through it again holds up every answer for tens of ms
        gc.set_threshold(GC_OBJECTS)
        assert self.user is not None, "there is a user once the gateway is ready"
        if not self._said_hello:
            self._said_hello = True
            log.info("%s", self._starting_line())
        if self._presence is not None:
            await self._presence.show(anew=True)

    def _starting_line(self) -> str:
        """Say who this is, where it is, which model answers, and how it comes to another server."""
        assert self.application is not None, "known since the login"
        count = len(self.guilds)
        where = "1 server" if count == 1 else f"{count} servers"
        return (
            f"{self.user} is on Discord, in {where}; {self.services.default_model} answers. "
            f"To bring it to a server: {invite_url(self.application.id)}"
        )

    async def on_message(self, message: discord.Message, /) -> None:
        """Patter has no prefix commands; what is said to it is heard by a cog."""
        if message.author == self.user:
            await self.echoes.hear(message)


async def serve(bot: Patter, token: str) -> None:
    """Stay on Discord until the bot is closed. Raises SettingsError or PatterError, each with what to do."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise SettingsError([BAD_LOGIN]) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingsError([BAD_INTENT]) from error
    except discord.ConnectionClosed as error:
        if error.code == AUTHENTICATION_FAILED:
            raise SettingsError([BAD_LOGIN]) from error
        raise PatterError(hint=f"Discord closed the connection for good (code {error.code}).") from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise PatterError(hint="Discord cannot be reached. Check this machine's network, then start again.") from error
