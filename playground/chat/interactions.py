"""The life of an interaction: opened by a person, answered within seconds, its token good for minutes."""

import secrets

from playground.chat import errors
from playground.chat.events import to_user
from playground.chat.limits import Limits
from playground.chat.message_payloads import integration_owners, message_json
from playground.chat.model import (
    Application,
    Channel,
    Interaction,
    InteractionKind,
    Json,
    Message,
    MessageFlag,
    User,
)
from playground.chat.payloads import channel_json, member_json, user_json
from playground.chat.permissions import permissions_in
from playground.chat.world import World

ATTACHMENT_BYTES = 10 * 1024 * 1024
SWEEP_AT = 10_000


def open_interaction(
    world: World,
    application: Application,
    kind: InteractionKind,
    user: User,
    channel: Channel,
    data: Json,
    *,
    message: Message | None = None,
    nonce: str | None = None,
) -> Interaction:
    """Make an interaction and tell its bot."""
    token = secrets.token_urlsafe(48)
    interaction = Interaction(world.new_id(), token, application, kind, user, channel, world.clock(), data)
    interaction.nonce, interaction.message = nonce, message
    world.interactions[token] = interaction
    event = to_user("INTERACTION_CREATE", application.user, _payload(interaction))
    event.guild = channel.guild
    world.publish(event)
    return interaction


def sweep(world: World, limits: Limits) -> None:
    """Forget interactions whose tokens are over, once there are many."""
    if len(world.interactions) > SWEEP_AT:
        oldest = world.clock() - limits.token_life_s
        world.interactions = {token: one for token, one in world.interactions.items() if one.born >= oldest}


def unanswered(world: World, limits: Limits, interaction_id: int, token: str) -> Interaction:
    """Give an interaction for its first response. Raises ApiError if it is too late or has had one."""
    interaction = world.interactions.get(token)
    if interaction is None or interaction.id != interaction_id:
        raise errors.unknown_interaction()
    if interaction.answered:
        raise errors.already_acknowledged()
    if world.clock() - interaction.born > limits.first_response_s:
        raise errors.unknown_interaction()
    return interaction


def answered(world: World, limits: Limits, application: int, token: str) -> Interaction:
    """Give an interaction for edits and follow-ups. Raises ApiError if its token is bad or over."""
    interaction = world.interactions.get(token)
    if interaction is None or interaction.application.id != application:
        raise errors.invalid_webhook_token()
    if world.clock() - interaction.born > limits.token_life_s:
        raise errors.invalid_webhook_token()
    if not interaction.answered:
        raise errors.unknown_webhook()
    if interaction.channel.id not in world.channels:
        raise errors.unknown_channel()
    return interaction


def succeed(world: World, interaction: Interaction) -> None:
    interaction.answered = True
    _tell(world, interaction, "INTERACTION_SUCCESS")


def fail(world: World, interaction: Interaction) -> None:
    """Tell the person that the application did not respond, unless it has."""
    if not interaction.answered:
        _tell(world, interaction, "INTERACTION_FAILURE")


def _tell(world: World, interaction: Interaction, name: str) -> None:
    data: Json = {"id": str(interaction.id), "nonce": interaction.nonce}
    world.publish(to_user(name, interaction.user, data))


def _payload(interaction: Interaction) -> Json:
    channel, user, app = interaction.channel, interaction.user, interaction.application
    permissions = str(permissions_in(channel, user))
    shown: Json = {
        "id": str(interaction.id),
        "application_id": str(app.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_json(channel, app.user) | {"permissions": permissions},
        "app_permissions": str(permissions_in(channel, app.user)),
        "attachment_size_limit": ATTACHMENT_BYTES,
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": integration_owners(interaction),
        "context": _context(interaction),
    }
    if interaction.message is not None:
        shown["message"] = message_json(interaction.message, app.user)
    return shown | (_in_guild(channel, user, permissions) if channel.guild else {"user": user_json(user)})


def _context(interaction: Interaction) -> int:
    """0 in a guild, 1 in a DM with the bot, 2 in other DMs."""
    channel = interaction.channel
    if channel.guild is not None:
        return 0
    return 1 if interaction.application.user in channel.recipients else 2


def _in_guild(channel: Channel, user: User, permissions: str) -> Json:
    guild = channel.guild
    assert guild is not None
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "member": member_json(guild.members[user.id]) | {"permissions": permissions},
    }


def is_loading(message: Message | None) -> bool:
    return message is not None and bool(message.flags & MessageFlag.LOADING)
