"""A bot's first response to an interaction."""

from collections.abc import Callable
from enum import IntEnum

from playground.chat import errors, messages
from playground.chat.draft import read_draft
from playground.chat.events import to_user
from playground.chat.interactions import is_loading, succeed, unanswered
from playground.chat.message_payloads import message_json
from playground.chat.model import Interaction, InteractionKind, Json, Message, MessageFlag
from playground.chat.rest.call import NO_CONTENT, Call, Reply, Route

MOST_CHOICES = 25
TITLE_CHARS = 45


class Callback(IntEnum):
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


def respond(call: Call) -> Reply:
    """Apply the response; `with_response` asks to see what it made."""
    interaction = unanswered(call.world, call.limiter.limits, call.id("interaction"), call.params["token"])
    try:
        kind = Callback(call.body.get("type"))
    except ValueError:
        kinds = tuple(map(int, Callback))
        raise errors.invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {kinds}.") from None
    _check_fits(kind, interaction)
    message = _ANSWERS[kind](call, interaction, call.body.get("data") or {})
    succeed(call.world, interaction)
    if call.query.get("with_response", "").lower() not in {"1", "true"}:
        return NO_CONTENT
    return Reply(200, _made(interaction, kind, message))


def _check_fits(kind: Callback, interaction: Interaction) -> None:
    """Refuse a kind of response that this kind of interaction does not take."""
    is_typing = interaction.kind is InteractionKind.AUTOCOMPLETE
    changes_message = kind in {Callback.DEFERRED_UPDATE, Callback.UPDATE}
    fits = (
        is_typing == (kind is Callback.AUTOCOMPLETE)
        and (not changes_message or interaction.message is not None)
        and (kind is not Callback.MODAL or interaction.kind is not InteractionKind.MODAL)
    )
    if not fits:
        message = f"Interaction callback type {int(kind)} does not fit an interaction of type {int(interaction.kind)}"
        raise errors.invalid_form("type", "INTERACTION_CALLBACK_INVALID", message)


def _message(call: Call, interaction: Interaction, data: Json) -> Message:
    message = messages.answer(call.world, interaction, read_draft(data, call.uploads))
    interaction.original = message
    return message


def _deferred_message(call: Call, interaction: Interaction, data: Json) -> Message:
    """Show that the bot is thinking. Of all a message may have, this takes the EPHEMERAL flag alone."""
    message = messages.blank_answer(call.world, interaction)
    message.flags = MessageFlag.LOADING | (data.get("flags") or 0) & MessageFlag.EPHEMERAL
    messages.add(call.world, message)
    interaction.original = message
    return message


def _deferred_update(_: Call, interaction: Interaction, __: Json) -> None:
    interaction.original = interaction.message


def _update(call: Call, interaction: Interaction, data: Json) -> Message:
    message = interaction.message
    if message is None or message.id not in message.channel.messages:
        raise errors.unknown_message()
    messages.edit(call.world, message, read_draft(data, call.uploads))
    interaction.original = message
    return message


def _autocomplete(call: Call, interaction: Interaction, data: Json) -> None:
    choices = data.get("choices") or []
    if len(choices) > MOST_CHOICES:
        raise errors.bad_length("data.choices", 0, MOST_CHOICES)
    for index, choice in enumerate(choices):
        if not 1 <= len(choice["name"]) <= 100:
            raise errors.bad_length(f"data.choices.{index}.name", 1, 100)
    shown = {"nonce": interaction.nonce, "choices": choices}
    call.world.publish(to_user("APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", interaction.user, shown))


def _modal(call: Call, interaction: Interaction, data: Json) -> None:
    if not 1 <= len(data.get("title") or "") <= TITLE_CHARS:
        raise errors.bad_length("data.title", 1, TITLE_CHARS)
    if not data.get("custom_id") or not data.get("components"):
        raise errors.required("data.components" if data.get("custom_id") else "data.custom_id")
    interaction.modal = data
    shown = data | {
        "id": str(interaction.id),
        "nonce": interaction.nonce,
        "channel_id": str(interaction.channel.id),
        "application_id": str(interaction.application.id),
    }
    call.world.publish(to_user("INTERACTION_MODAL_CREATE", interaction.user, shown))


_ANSWERS: dict[Callback, Callable[[Call, Interaction, Json], Message | None]] = {
    Callback.MESSAGE: _message,
    Callback.DEFERRED_MESSAGE: _deferred_message,
    Callback.DEFERRED_UPDATE: _deferred_update,
    Callback.UPDATE: _update,
    Callback.AUTOCOMPLETE: _autocomplete,
    Callback.MODAL: _modal,
}


def _made(interaction: Interaction, kind: Callback, message: Message | None) -> Json:
    shown: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    made: Json = {"interaction": shown}
    if message is not None:
        shown["response_message_id"] = str(message.id)
        shown["response_message_loading"] = is_loading(message)
        shown["response_message_ephemeral"] = message.only_for is not None
        # Discord knows two kinds of resource: what was made, deferred or not, and what was updated.
        resource = Callback.UPDATE if kind is Callback.UPDATE else Callback.MESSAGE
        made["resource"] = {"type": int(resource), "message": message_json(message)}
    return made


ROUTES = (Route("POST", "/interactions/{interaction}/{token}/callback", respond, caller="open"),)
