"""Application commands: what may be registered, and who may use what where."""

import re
from collections.abc import Iterator

from playground.chat import errors
from playground.chat.model import Application, Channel, Json, User
from playground.chat.permissions import Permission, permissions_in
from playground.chat.world import World

CHAT, USER, MESSAGE = 1, 2, 3
EVERYWHERE = 0
MOST_OPTIONS = 25
DESCRIPTION_CHARS = 100
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
_CHAT_NAME = re.compile(r"[-_'\w]{1,32}")

# Where a command shows: in guilds, in DMs with its bot, in other DMs.
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2


def register(world: World, application: Application, guild: int, wanted: list[Json]) -> list[Json]:
    """Put `wanted` in place of what is registered there. A command of the same name and type keeps its id."""
    known = {(one["type"], one["name"]): one for one in application.commands.get(guild, {}).values()}
    made: dict[tuple[int, str], Json] = {}
    for index, body in enumerate(wanted):
        _check(str(index), body)
        key = (body.get("type") or CHAT, body["name"])
        if key in made:
            message = "Application command names must be unique"
            raise errors.invalid_form(f"{index}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        made[key] = _registered(world, application, guild, body, known.get(key))
    application.commands[guild] = {int(one["id"]): one for one in made.values()}
    return list(made.values())


def _registered(world: World, application: Application, guild: int, body: Json, old: Json | None) -> Json:
    defaults: Json = {"nsfw": False, "integration_types": [0]}
    permissions = body.get("default_member_permissions")
    return {
        **defaults,
        **{key: value for key, value in body.items() if value is not None},
        "default_member_permissions": None if permissions is None else str(permissions),
        "id": old["id"] if old else str(world.new_id()),
        "application_id": str(application.id),
        "version": str(world.new_id()),
        "type": body.get("type") or CHAT,
        # discord.py's sync dies without it, even where there is none: on context menus.
        "description": body.get("description") or "",
        **({"guild_id": str(guild)} if guild else {"contexts": body.get("contexts")}),
    }


def _check(path: str, body: Json) -> None:
    name = str(body.get("name") or "")
    if not 1 <= len(name) <= 32:
        raise errors.bad_length(f"{path}.name", 1, 32)
    if (body.get("type") or CHAT) == CHAT:
        _check_chat_name(f"{path}.name", name)
        _check_description(path, body)
        _check_options(path, body.get("options") or [])


def _check_chat_name(path: str, name: str) -> None:
    if not _CHAT_NAME.fullmatch(name) or name != name.lower():
        message = "Command name is invalid"
        raise errors.invalid_form(path, "APPLICATION_COMMAND_INVALID_NAME", message)


def _check_description(path: str, body: Json) -> None:
    if not 1 <= len(body.get("description") or "") <= DESCRIPTION_CHARS:
        raise errors.bad_length(f"{path}.description", 1, DESCRIPTION_CHARS)


def _check_options(path: str, options: list[Json]) -> None:
    if len(options) > MOST_OPTIONS:
        raise errors.bad_length(f"{path}.options", 0, MOST_OPTIONS)
    optional = False
    for index, option in enumerate(options):
        here = f"{path}.options.{index}"
        _check_chat_name(f"{here}.name", str(option.get("name") or ""))
        _check_description(here, option)
        _check_options(here, option.get("options") or [])
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            raise errors.invalid_form(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = not option.get("required") and option["type"] not in {SUB_COMMAND, SUB_COMMAND_GROUP}


def usable(world: World, user: User, channel: Channel) -> Iterator[tuple[Application, Json]]:
    """Give the commands that `user` may use in `channel`."""
    bits = permissions_in(channel, user)
    for application in world.applications.values():
        is_here = _is_here(application, channel)
        if not is_here and user.id not in application.installed_by:
            continue
        guild = channel.guild.id if channel.guild else EVERYWHERE
        for where in dict.fromkeys((EVERYWHERE, guild)):
            for command in application.commands.get(where, {}).values():
                if _shows(command, channel, bits, is_here=is_here):
                    yield application, command


def _is_here(application: Application, channel: Channel) -> bool:
    if channel.guild is None:
        return application.user in channel.recipients
    return application.id in channel.guild.members


def _shows(command: Json, channel: Channel, bits: int, *, is_here: bool) -> bool:
    contexts = command.get("contexts")
    here = IN_GUILD if channel.guild else IN_BOT_DM if is_here else IN_PRIVATE
    if contexts is not None and here not in contexts:
        return False
    if not is_here and 1 not in command["integration_types"]:
        return False
    if channel.guild is None:
        return True
    wanted = int(command["default_member_permissions"] or 0)
    return bool(bits & Permission.USE_APPLICATION_COMMANDS) and bits & wanted == wanted
