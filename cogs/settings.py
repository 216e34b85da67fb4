"""`/settings`: show and change what is set for a channel and its server."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.place_settings import AS_THE_SERVER, SWITCH, Scope, change, described, read
from bot.chat.telling import tell

if TYPE_CHECKING:
    from bot.chat.client import Patter

SWITCHED = [app_commands.Choice(name=name, value=name) for name in (*SWITCH, AS_THE_SERVER)]
Written = app_commands.Range[str, 1, 1000]


class Settings(commands.Cog):
    def __init__(self, bot: "Patter") -> None:
        self._places, self._asking = bot.services.places, bot.services.asking

    @app_commands.command(description="Show what is set for this channel, or change it")
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        answers="Whether I answer at all",
        allowed_roles="Roles that may ask: mention them; 'none' for everybody, 'as the server' for what it has",
        blocked_roles="Roles that may not ask: mention them; 'none', or 'as the server' for what it has",
        models="Models that may be used, with commas; 'all', or 'as the server' for what it has",
        auto_threads="Whether every /ask opens a thread",
        where="For this channel alone, or for all of the server's that have nothing of their own; else this channel",
    )
    @app_commands.choices(
        answers=SWITCHED,
        auto_threads=SWITCHED,
        where=[app_commands.Choice(name=scope.value, value=scope.name) for scope in Scope],
    )
    async def settings(
        self,
        interaction: "discord.Interaction[Patter]",
        answers: str | None = None,
        allowed_roles: Written | None = None,
        blocked_roles: Written | None = None,
        models: Written | None = None,
        auto_threads: str | None = None,
        where: str = Scope.CHANNEL.name,
    ) -> None:
        assert interaction.guild_id is not None, "the command is used in guilds alone"
        guild_id, channel_id = interaction.guild_id, _channel_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        written = {
            "answers": answers,
            "allowed_roles": allowed_roles,
            "blocked_roles": blocked_roles,
            "models": models,
            "auto_threads": auto_threads,
        }
        values = read(written, self._asking.deployment_models)
        if values:
            await tell(interaction, await change(self._places, Scope[where], guild_id, channel_id, **values))
        else:
            await tell(interaction, await described(self._places, guild_id, channel_id))


def _channel_of(interaction: "discord.Interaction[Patter]") -> int:
    """Give the channel, of a thread the one that it is in."""
    channel = interaction.channel
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
    assert channel_id is not None, "commands are used in channels"
    return channel_id


async def setup(bot: "Patter") -> None:
    await bot.add_cog(Settings(bot))
