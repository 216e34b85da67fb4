"""The Discord client: its intents, its cogs, its buttons, and what it does at the start and at the end."""

import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands

from bot.chat.limits import Limits
from bot.chat.registration import register
from bot.chat.telling import NOBODY, tell
from bot.chat.views import StopButton, UnknownButton
from bot.core.errors import PatterError, SettingsError

if TYPE_CHECKING:
    from bot.services import Services

INTENTS = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, dm_messages=True, dm_reactions=True)
"""All that stopping by a reaction or a deletion needs; none of them is privileged."""

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
        self._extensions, self._options = extensions, options
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=INTENTS,
            allowed_mentions=NOBODY,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            http_trace=limits.trace_config(),
            guild_ready_timeout=options.guild_ready_timeout_s,
        )

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
        for extension in self._extensions:
            await self.load_extension(extension)
        self.add_dynamic_items(StopButton, UnknownButton)
        guild = self._options.dev_guild
        try:
            await register(self.tree, None if guild is None else discord.Object(guild))
        except discord.HTTPException as error:  # the commands of the last time still work
            log.error("the commands could not be registered: status %d, code %d", error.status, error.code)  # noqa: TRY400 - a sentence says it all

    async def on_ready(self) -> None:
        gc.collect()
        gc.freeze()  # what is there now stays; to look through it again holds up every answer for tens of ms
        assert self.user is not None, "there is a user once the gateway is ready"
        log.info("%s is on Discord, in %d guilds", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message, /) -> None:
        """Patter has no prefix commands."""


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
