"""Registering an application's commands, and showing people which ones they may use."""

from playground.chat import commands, errors
from playground.chat.model import Json
from playground.chat.payloads import user_json
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route

GLOBAL = "/applications/{application}/commands"
OF_GUILD = "/applications/{application}/guilds/{guild}/commands"


def _where(call: Call) -> int:
    """Give the guild in the path, or EVERYWHERE. Raises ApiError if the application is not the caller's."""
    if call.id("application") != call.application.id:
        raise errors.unknown_application()
    if "guild" not in call.params:
        return commands.EVERYWHERE
    guild = call.world.guild(call.id("guild"))
    if call.application.id not in guild.members:
        raise errors.missing_access()
    return guild.id


def _registered(call: Call) -> dict[int, Json]:
    return call.application.commands.get(_where(call), {})


def read(call: Call) -> Reply:
    return Reply(200, list(_registered(call).values()))


def overwrite(call: Call) -> Reply:
    if not isinstance(call.body, list):
        raise errors.invalid_form("_", "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
    return Reply(200, commands.register(call.world, call.application, _where(call), call.body))


def add(call: Call) -> Reply:
    """Register one more command, in place of the one of its name."""
    key = (call.body.get("type") or commands.CHAT, call.body.get("name"))
    registered = list(_registered(call).values())
    others = [one for one in registered if (one["type"], one["name"]) != key]
    everything = commands.register(call.world, call.application, _where(call), [*others, call.body])
    return Reply(200 if len(others) < len(registered) else 201, everything[-1])


def read_one(call: Call) -> Reply:
    command = _registered(call).get(call.id("command"))
    if command is None:
        raise errors.unknown_command()
    return Reply(200, command)


def delete(call: Call) -> Reply:
    if _registered(call).pop(call.id("command"), None) is None:
        raise errors.unknown_command()
    return NO_CONTENT


def index(call: Call) -> Reply:
    """List what the caller may use in a channel, as Discord's own client asks for it."""
    usable = list(commands.usable(call.world, call.user, call.channel()))
    applications = {app.id: app for app, _ in usable}
    return Reply(
        200,
        {
            "applications": [
                {"id": str(app.id), "name": app.user.name, "icon": None, "bot": user_json(app.user)}
                for app in applications.values()
            ],
            "application_commands": [command for _, command in usable],
        },
    )


ROUTES = (
    Route("GET", GLOBAL, read, caller="bot"),
    Route("PUT", GLOBAL, overwrite, caller="bot"),
    Route("POST", GLOBAL, add, caller="bot"),
    Route("GET", GLOBAL + "/{command}", read_one, caller="bot"),
    Route("DELETE", GLOBAL + "/{command}", delete, caller="bot"),
    Route("GET", OF_GUILD, read, caller="bot"),
    Route("PUT", OF_GUILD, overwrite, caller="bot"),
    Route("POST", OF_GUILD, add, caller="bot"),
    Route("GET", OF_GUILD + "/{command}", read_one, caller="bot"),
    Route("DELETE", OF_GUILD + "/{command}", delete, caller="bot"),
    Route("GET", "/channels/{channel}/application-command-index", index, caller="person"),
)
