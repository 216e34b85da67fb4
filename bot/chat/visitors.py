"""Who asks, and where, as the core's access and quotas need to know it."""

from contextlib import suppress
from typing import TYPE_CHECKING

import discord

from bot.core.access import Visitor
from bot.core.memory import Place

if TYPE_CHECKING:
    from bot.chat.client import Patter


def visitor_by(interaction: "discord.Interaction[Patter]") -> Visitor:
    """Give whoever used a command or button, and where."""
    assert interaction.channel_id is not None, "commands and buttons are used in a channel"
    place = Place(interaction.channel_id, interaction.guild_id)
    return _visitor(interaction.client, interaction.user, place, interaction.channel, interaction.permissions)


def author_of(message: discord.Message, client: "Patter") -> Visitor:
    """Give whoever wrote a message, and where."""
    author, channel = message.author, message.channel
    place = Place(channel.id, message.guild.id if message.guild else None)
    permissions = discord.Permissions.none()
    if isinstance(author, discord.Member) and not isinstance(channel, discord.PartialMessageable):
        with suppress(discord.ClientException):  # a thread whose channel is not known
            permissions = channel.permissions_for(author)
    return _visitor(client, author, place, channel, permissions)


def _visitor(
    client: "Patter", user: discord.abc.User, place: Place, channel: object, permissions: discord.Permissions
) -> Visitor:
    return Visitor(
        user.id,
        place,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        role_ids=frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset(),
        may_moderate=place.guild_id is not None and permissions.manage_messages,
        is_owner=user.id in client.owners,
    )
