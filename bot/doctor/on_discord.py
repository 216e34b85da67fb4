"""What Discord says about the bot."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.core.errors import PatterError
from bot.core.findings import Finding, fail, ok, warn
from bot.doctor.bounds import Bounds
from bot.doctor.discord_api import (
    Application,
    BotUser,
    DiscordApi,
    DiscordRefused,
    Guild,
    Logins,
    TokenRefused,
    open_discord,
)
from bot.invite import intents_found, invite_url, missing, permissions_found, portal_url
from bot.settings import Settings

RENEW = "Make a new one and write it to DISCORD_TOKEN: discord.com/developers/applications, Bot, Reset Token."
NETWORK = "Check this machine's network, its DNS and any firewall: Patter only makes connections, to port 443."
LATER = "Try again in some minutes; discordstatus.com tells whether Discord has trouble."
NAMED_AT_MOST = 10


async def look_at_discord(settings: Settings, bounds: Bounds) -> list[Finding]:
    token = settings.discord_token.get_secret_value()
    async with open_discord(settings.discord_api_url, token) as api:
        try:
            me, application = await both(api.me(), api.application())
        except PatterError as error:
            found = [unavailable(error)]
        else:
            found = [*token_found(me), *await _look_closer(api, application, settings.dev_guild)]
        return [*found, *clock_found(api.clock_skew_s, bounds)]


async def both(me: Coroutine[Any, Any, BotUser], app: Coroutine[Any, Any, Application]) -> tuple[BotUser, Application]:
    """Wait for both, so that neither is left alone when the other fails."""
    first, second = await asyncio.gather(me, app, return_exceptions=True)
    for one in (first, second):
        if isinstance(one, BaseException):
            raise one
    assert isinstance(first, BotUser)
    assert isinstance(second, Application)
    return first, second


def unavailable(error: PatterError) -> Finding:
    """Say why Discord tells nothing."""
    match error:
        case TokenRefused():
            return fail("token", "Discord refuses the token in DISCORD_TOKEN.", RENEW)
        case DiscordRefused():
            return fail("discord", error.hint, LATER)
        case _:
            return fail("discord", error.hint, NETWORK)


def token_found(me: BotUser) -> list[Finding]:
    return [ok("token", f"Discord knows the bot as {me.username}.")]


async def _look_closer(api: DiscordApi, application: Application, dev_guild: int | None) -> list[Finding]:
    app_id = application.snowflake
    looks = (
        _guilds(api, app_id),
        _commands(api, app_id, dev_guild),
        _logins(api),
    )
    return [
        *application_found(application),
        *intents_found(application.flags, app_id),
        *(finding for group in await asyncio.gather(*looks) for finding in group),
    ]


def application_found(application: Application) -> list[Finding]:
    """Judge what the developer portal may have switched on that keeps commands or invitations away."""
    found = []
    if application.interactions_endpoint_url:
        text = "An Interactions Endpoint URL is set: Discord sends all commands there and none to Patter."
        fix = f"Empty that field and save: {portal_url(application.snowflake, 'information')}"
        found.append(fail("application", text, fix))
    if application.bot_require_code_grant:
        text = "Requires OAuth2 Code Grant is on: the invite link cannot bring the bot to a server."
        found.append(fail("application", text, f"Switch it off: {portal_url(application.snowflake)}"))
    return found or [ok("application", "Nothing in the developer portal keeps commands away.")]


async def _guilds(api: DiscordApi, app_id: int) -> list[Finding]:
    try:
        return guilds_found(await api.guilds(), app_id)
    except PatterError as error:
        return [unavailable(error)]


def guilds_found(guilds: list[Guild], app_id: int) -> list[Finding]:
    """Tell of each server in which something is missing, and of how many all is well."""
    link = invite_url(app_id)
    if not guilds:
        return [warn("servers", "The bot is in no server.", f"Open the invite link: {link}")]
    lacking = [guild for guild in guilds if missing(guild.permission_bits)]
    found = [ok("servers", f"The bot is in {_servers(len(guilds))}.")]
    if len(lacking) < len(guilds):
        which = "all of them" if not lacking else f"{len(guilds) - len(lacking)} of them"
        found.append(
            ok("permissions", f"All that is needed is granted in {which}; single channels may still forbid it.")
        )
    fix = f"Grant it to the bot's role in the server's settings, or open the invite link again: {link}"
    found += [permissions_found(f'"{guild.name}"', guild.permission_bits, fix) for guild in lacking[:NAMED_AT_MOST]]
    if len(lacking) > NAMED_AT_MOST:
        rest = _servers(len(lacking) - NAMED_AT_MOST)
        found.append(warn("permissions", f"Something is missing in {rest} more.", fix))
    return found


def _servers(count: int) -> str:
    return "1 server" if count == 1 else f"{count} servers"


async def _commands(api: DiscordApi, app_id: int, dev_guild: int | None) -> list[Finding]:
    try:
        commands = await api.commands(app_id, dev_guild)
    except DiscordRefused as error:
        if dev_guild is None:
            return [unavailable(error)]
        text = "The server that DEV_GUILD names takes no commands: the bot is not in it, or it does not exist."
        return [fail("commands", text, f"Empty DEV_GUILD, or open the invite link: {invite_url(app_id)}")]
    except PatterError as error:
        return [unavailable(error)]
    if not commands:
        text = "No command is registered, so Discord offers no /ask."
        return [warn("commands", text, "Start the bot once: it registers them. Then reload Discord (Ctrl+R).")]
    return [ok("commands", f"{len(commands)} are registered.")]


async def _logins(api: DiscordApi) -> list[Finding]:
    try:
        return [logins_found(await api.logins())]
    except PatterError as error:
        return [unavailable(error)]


def logins_found(logins: Logins) -> Finding:
    text = f"{logins.remaining} of {logins.total} starts are left for today."
    if not logins.remaining:
        hours = logins.reset_after / 3_600_000
        return fail("logins", text, f"Wait {hours:.1f} hours. Something starts the bot again and again: see its log.")
    if logins.remaining < logins.total / 10:
        return warn("logins", text, "Something starts the bot again and again: see its log. At 0 the token is reset.")
    return ok("logins", text)


def clock_found(skew_s: float | None, bounds: Bounds) -> list[Finding]:
    if skew_s is None:
        return []
    off_s = abs(skew_s)
    if off_s < bounds.skew_warn_s:
        return [ok("clock", "This machine's clock agrees with Discord's.")]
    text = f"This machine's clock is {off_s:.0f} s {'ahead of' if skew_s > 0 else 'behind'} Discord's."
    fix = "Let the system keep its time: timedatectl set-ntp true, or the same on a container's host."
    return [(warn if off_s < bounds.skew_fail_s else fail)("clock", text, fix)]
