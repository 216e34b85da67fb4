"""What is right and what is wrong, as far as one can see from Discord."""

import asyncio
from typing import TYPE_CHECKING

import discord

from bot.core.errors import ModelError, ModelMissing
from bot.core.findings import Finding, Level, fail, ok, warn
from bot.invite import intents_found, invite_url, missing, permissions_found

if TYPE_CHECKING:
    from bot.chat.client import Patter

MESSAGE_CHARS = 2000
LOOK_UP_S = 5.0
SLOW_GATEWAY_S = 1.0
MARKS = {Level.OK: "✅", Level.WARN: "⚠️", Level.FAIL: "❌"}
REST = "-# … and more. `patter doctor`, on the machine that runs me, tells all."
END = "-# `patter doctor`, on the machine that runs me, sees more: the token, the disk, the model's speed."


async def check_up(bot: "Patter", interaction: "discord.Interaction[Patter]") -> list[Finding]:
    """Look at this channel first, then at the bot's servers, intents, connection and model."""
    assert bot.application is not None, "commands come in after the login"
    link = invite_url(bot.application.id)
    return [
        *_here(interaction),
        *_servers(bot, link),
        *intents_found(bot.application_flags.value, bot.application.id),
        _gateway(bot),
        await _model(bot),
    ]


def _here(interaction: "discord.Interaction[Patter]") -> list[Finding]:
    if interaction.guild_id is None:
        return []  # in DMs there is nothing to grant
    fix = "Grant it in this channel's permissions, to the bot's role."
    return [permissions_found("this channel", interaction.app_permissions.value, fix)]


def _servers(bot: "Patter", link: str) -> list[Finding]:
    fix = f"Grant it to the bot's role, or open the [invite link](<{link}>) again."
    lacking = [guild for guild in bot.guilds if missing(guild.me.guild_permissions.value)]
    well = len(bot.guilds) - len(lacking)
    found = [ok("servers", f"In {len(bot.guilds)} servers; in {well} all permissions that I need.")]
    return found + [permissions_found(_plain(guild.name), guild.me.guild_permissions.value, fix) for guild in lacking]


def _plain(name: str) -> str:
    return f"**{discord.utils.escape_markdown(discord.utils.escape_mentions(name))}**"


def _gateway(bot: "Patter") -> Finding:
    delay_s = bot.latency
    text = f"Discord's gateway answers after {1000 * delay_s:.0f} ms."
    if delay_s > SLOW_GATEWAY_S:
        return warn("gateway", text, "Look at the network and the load of the machine that runs me.")
    return ok("gateway", text)


async def _model(bot: "Patter") -> Finding:
    name = bot.services.default_model
    try:
        async with asyncio.timeout(LOOK_UP_S):
            models = await bot.services.model.models()
    except (ModelError, TimeoutError) as error:
        hint = error.hint if isinstance(error, ModelError) else "It took too long."
        return fail("ollama", "The model's server does not answer.", hint)
    full = name if ":" in name else f"{name}:latest"
    if full not in {model.name for model in models}:
        return fail("model", f"The model `{name}` is not installed.", ModelMissing(name).hint)
    return ok("model", f"The model's server answers; `{name}` is installed.")


def as_message(findings: list[Finding]) -> str:
    """Give the findings as one message, what is wrong first; what does not fit is said to be left out."""
    worst_first = sorted(findings, key=lambda one: [Level.FAIL, Level.WARN, Level.OK].index(one.level))
    lines: list[str] = []
    room = MESSAGE_CHARS - max(len(REST), len(END)) - 1
    for finding in worst_first:
        line = f"{MARKS[finding.level]} {finding.text}" + (f"\n-# → {finding.fix}" if finding.fix else "")
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*lines, REST])
        lines.append(line)
    return "\n".join([*lines, END])
