"""What a person typed into a command's options, checked against the registered command and resolved."""

from typing import Any

from playground.chat import errors
from playground.chat.message_payloads import message_json
from playground.chat.model import Channel, Json, User
from playground.chat.payloads import channel_json, member_json, role_json, user_json
from playground.chat.permissions import permissions_in
from playground.chat.world import World

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)
STRING_CHARS = 6000
TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
    USER: (str, int),
    CHANNEL: (str, int),
    ROLE: (str, int),
    MENTIONABLE: (str, int),
}


class Options:
    """
    Reads the options of one use of a command; `resolved` gathers what ids among them stand for.

    With `partial` the person is still typing: required options may be missing and values are not checked.
    """

    def __init__(self, world: World, channel: Channel, *, partial: bool = False) -> None:
        self._world, self._channel, self._partial = world, channel, partial
        self.resolved: dict[str, Json] = {}

    def read(self, known: list[Json], given: list[Json]) -> list[Json]:
        """Give what the bot gets. Raises ApiError (50035) for what the command does not take."""
        by_name = {one["name"]: one for one in known}
        for one in given:
            if one.get("name") not in by_name:
                raise errors.invalid_form("data.options", "UNKNOWN_OPTION", f"Unknown option {one.get('name')!r}")
        self._check_required(known, {one["name"] for one in given})
        return [self._read_one(by_name[one["name"]], one) for one in given]

    def _check_required(self, known: list[Json], given: set[str]) -> None:
        for option in known:
            if option.get("required") and option["name"] not in given and not self._partial:
                raise errors.required(f"data.options.{option['name']}")
        subs = [one["name"] for one in known if one["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}]
        if subs and not given:
            raise errors.required("data.options")

    def _read_one(self, known: Json, given: Json) -> Json:
        kind: int = known["type"]
        if kind in {SUB_COMMAND, SUB_COMMAND_GROUP}:
            below = self.read(known.get("options") or [], given.get("options") or [])
            return {"name": known["name"], "type": kind, "options": below}
        value = given.get("value")
        if not self._partial:
            self._check(known, value)
        shown = {"name": known["name"], "type": kind, "value": value}
        if given.get("focused") and self._partial:
            shown["focused"] = True
        return shown

    def _check(self, known: Json, value: Any) -> None:
        path = f"data.options.{known['name']}.value"
        kind: int = known["type"]
        if not _is_of(kind, value):
            raise errors.invalid_form(path, "BASE_TYPE_BAD_TYPE", f"Not a value of an option of type {kind}.")
        if kind == STRING:
            self._check_length(path, known, value)
        choices = known.get("choices")
        if choices and value not in [one["value"] for one in choices]:
            raise errors.invalid_form(path, "BASE_TYPE_CHOICES", "Value must be one of the choices.")
        if kind in {INTEGER, NUMBER} and not known.get("min_value", value) <= value <= known.get("max_value", value):
            raise errors.invalid_form(path, "NUMBER_TYPE_RANGE", "Value is out of range.")
        if kind in {USER, CHANNEL, ROLE, MENTIONABLE}:
            self._resolve(path, int(value))

    @staticmethod
    def _check_length(path: str, known: Json, value: str) -> None:
        least, most = known.get("min_length") or 0, known.get("max_length") or STRING_CHARS
        if not least <= len(value) <= most:
            raise errors.bad_length(path, least, most)
        if known.get("required") and not value:
            raise errors.required(path)

    def _resolve(self, path: str, target: int) -> None:
        guild = self._channel.guild
        if target in self._world.users:
            self.resolve_user(self._world.users[target])
        elif guild is not None and target in guild.channels:
            self._put("channels", target, channel_json(guild.channels[target]) | {"permissions": "0"})
        elif guild is not None and target in guild.roles:
            self._put("roles", target, role_json(guild.roles[target], guild))
        else:
            raise errors.invalid_form(path, "UNRESOLVED", "Nothing has this id here.")

    def resolve_user(self, user: User) -> None:
        self._put("users", user.id, user_json(user))
        guild = self._channel.guild
        if guild is not None and user.id in guild.members:
            permissions = str(permissions_in(self._channel, user))
            member = member_json(guild.members[user.id], with_user=False) | {"permissions": permissions}
            self._put("members", user.id, member)

    def resolve_message(self, message_id: int) -> None:
        """Resolve the target of a message command: its content is there whatever the bot's intents."""
        message = self._channel.messages.get(message_id)
        if message is None or message.only_for is not None:
            raise errors.unknown_message()
        self._put("messages", message_id, message_json(message))

    def _put(self, kind: str, target: int, shown: Json) -> None:
        self.resolved.setdefault(kind, {})[str(target)] = shown


def _is_of(kind: int, value: Any) -> bool:
    """Tell whether a value has an option's type; a bool is an int to Python, not to Discord."""
    return kind in TYPES and isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == BOOLEAN)
