"""Registers the slash commands with Discord, but only when they have changed."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

log = logging.getLogger(__name__)

COMPARED = (
    "type",
    "name",
    "description",
    "options",
    "default_member_permissions",
    "nsfw",
    "contexts",
    "integration_types",
    "name_localizations",
    "description_localizations",
)
"""What of a command is compared. The rest of what Discord returns are ids and a version of its own."""


async def register(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> bool:
    """
    Make the commands known in `guild`, or everywhere; return whether that needed a change.

    Raises what discord.py raises.
    """
    if guild is not None:
        tree.copy_global_to(guild=guild)
    client = tree.client
    assert client.application_id is not None, "commands are registered after the login"
    http = client.http
    known: Sequence[Mapping[str, Any]] = await (
        http.get_global_commands(client.application_id)
        if guild is None
        else http.get_guild_commands(client.application_id, guild.id)
    )
    wanted = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    if _comparable(known) == _comparable(wanted):
        return False
    await tree.sync(guild=guild)
    log.info("registered %d commands", len(wanted))
    return True


def _comparable(commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    picked = [_without_defaults(_spelt_alike({key: command.get(key) for key in COMPARED})) for command in commands]
    return sorted(picked, key=lambda command: (command.get("type", 1), command["name"]))


def _spelt_alike(command: dict[str, Any]) -> dict[str, Any]:
    """Permissions go out as a number and come back as a text."""
    permissions = command["default_member_permissions"]
    return command | {"default_member_permissions": None if permissions is None else str(permissions)}


def _without_defaults(value: Any) -> Any:
    """Leave out what Discord may add or drop as it likes: nulls, false, empty containers; order of small sets."""
    if isinstance(value, Mapping):
        kept = {key: _without_defaults(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, False, "", [], {})}
    if isinstance(value, list):
        items = [_without_defaults(item) for item in value]
        return sorted(items) if all(isinstance(item, int) for item in items) else items
    return value
