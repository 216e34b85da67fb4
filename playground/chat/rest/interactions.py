"""What a person does with an application: commands, clicks, typing in an option, modals."""

import asyncio
from typing import Any

from playground.chat import commands, errors
from playground.chat.audience import sees
from playground.chat.draft import BUTTON
from playground.chat.interactions import fail, open_interaction, sweep
from playground.chat.model import (
    Application,
    Channel,
    Interaction,
    InteractionKind,
    Json,
    Message,
)
from playground.chat.options import Options
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route, snowflake


def interact(call: Call) -> Reply:
    """Answer 204 and tell the bot; what comes of it comes by the gateway."""
    try:
        kind = InteractionKind(call.body.get("type"))
    except ValueError:
        raise errors.invalid_form("type", "BASE_TYPE_CHOICES", "Value must be one of (2, 3, 4, 5).") from None
    channel = call.world.channel(_id(call.body, "channel_id"))
    if not sees(call.user, channel):
        raise errors.missing_access()
    limits = call.limiter.limits
    sweep(call.world, limits)
    interaction = _OPENERS[kind](call, kind, channel, call.body.get("data") or {})
    if kind is not InteractionKind.AUTOCOMPLETE:
        asyncio.get_running_loop().call_later(limits.first_response_s, fail, call.world, interaction)
    return NO_CONTENT


def _id(body: Json, name: str) -> int:
    return snowflake(str(body.get(name, "")))


def _open(call: Call, app: Application, channel: Channel, data: Json, message: Message | None = None) -> Interaction:
    kind, nonce = InteractionKind(call.body["type"]), call.body.get("nonce")
    return open_interaction(call.world, app, kind, call.user, channel, data, message=message, nonce=nonce)


def _command(call: Call, kind: InteractionKind, channel: Channel, data: Json) -> Interaction:
    app, command = _usable(call, channel, _id(data, "id"))
    options = Options(call.world, channel, partial=kind is InteractionKind.AUTOCOMPLETE)
    shown: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if command["type"] == commands.CHAT:
        shown["options"] = options.read(command.get("options") or [], data.get("options") or [])
    else:
        shown["target_id"] = str(_target(call, options, command["type"], data))
    if options.resolved:
        shown["resolved"] = options.resolved
    if "guild_id" in command:
        shown["guild_id"] = command["guild_id"]
    return _open(call, app, channel, shown)


def _usable(call: Call, channel: Channel, command_id: int) -> tuple[Application, Json]:
    for app, command in commands.usable(call.world, call.user, channel):
        if command["id"] == str(command_id):
            return app, command
    raise errors.unknown_command()


def _target(call: Call, options: Options, command_type: int, data: Json) -> int:
    """Resolve what a context menu was opened on."""
    target = _id(data, "target_id")
    if command_type == commands.USER:
        options.resolve_user(call.world.user(target))
    else:
        options.resolve_message(target)
    return target


def _component(call: Call, _: InteractionKind, channel: Channel, data: Json) -> Interaction:
    message = channel.messages.get(_id(call.body, "message_id"))
    if message is None or message.only_for not in (None, call.user):
        raise errors.unknown_message()
    component = _find(message.components, data.get("custom_id"))
    app = call.world.applications.get(message.author.id)
    if component is None or component.get("disabled") or app is None:
        raise errors.invalid_form("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    shown: Json = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
    if component["type"] != BUTTON:
        shown["values"] = data.get("values") or []
    return _open(call, app, channel, shown, message)


def _find(components: list[Json], custom_id: Any) -> Json | None:
    for component in components:
        if custom_id is not None and component.get("custom_id") == custom_id:
            return component
        inner = [*(component.get("components") or []), *filter(None, [component.get("accessory")])]
        found = _find(inner, custom_id)
        if found is not None:
            return found
    return None


def _modal(call: Call, _: InteractionKind, channel: Channel, data: Json) -> Interaction:
    """Submit the modal that answered the interaction `data.id`."""
    opener = next((one for one in call.world.interactions.values() if one.id == _id(data, "id")), None)
    if opener is None or opener.modal is None or opener.user is not call.user:
        raise errors.unknown_interaction()
    if opener.modal["custom_id"] != data.get("custom_id"):
        raise errors.invalid_form("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    shown = {"custom_id": data["custom_id"], "components": data.get("components") or []}
    interaction = _open(call, opener.application, channel, shown, opener.message)
    interaction.opener = opener
    return interaction


_OPENERS = {
    InteractionKind.COMMAND: _command,
    InteractionKind.AUTOCOMPLETE: _command,
    InteractionKind.COMPONENT: _component,
    InteractionKind.MODAL: _modal,
}

ROUTES = (Route("POST", "/interactions", interact, caller="person"),)
