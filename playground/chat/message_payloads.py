"""Messages, reactions and what they answer, as the JSON that Discord sends."""

from playground.chat.model import Attachment, Interaction, InteractionKind, Json, Message, MessageFlag, User
from playground.chat.payloads import channel_json, user_json


def emoji_json(key: str) -> Json:
    """Show an emoji as reactions name it: a unicode emoji, or `name:id`."""
    name, _, emoji_id = key.partition(":")
    return {"id": emoji_id or None, "name": name}


def _attachment_json(attachment: Attachment) -> Json:
    shown = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.data),
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.content_type,
    }
    return shown | ({"description": attachment.description} if attachment.description else {})


def interaction_metadata(interaction: Interaction) -> Json:
    shown: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": user_json(interaction.user),
        "authorizing_integration_owners": integration_owners(interaction),
    }
    if interaction.kind is InteractionKind.COMMAND:
        shown |= {"name": interaction.data["name"], "command_type": interaction.data["type"]}
    elif interaction.opener is not None:
        shown["triggering_interaction_metadata"] = interaction_metadata(interaction.opener)
    elif interaction.message is not None:
        shown["interacted_message_id"] = str(interaction.message.id)
    return shown


def integration_owners(interaction: Interaction) -> dict[str, str]:
    """Tell who installed the application: the guild (0; "0" in a DM with its bot), the person (1), or both."""
    guild, app = interaction.channel.guild, interaction.application
    owners: dict[str, str] = {}
    if guild is None:
        owners["0"] = "0"
    elif app.id in guild.members:
        owners["0"] = str(guild.id)
    if interaction.user.id in app.installed_by:
        owners["1"] = str(interaction.user.id)
    return owners


def message_json(message: Message, viewer: User | None = None, *, with_reply: bool = True) -> Json:
    """
    Show a message; `viewer` is whose own reactions are marked.

    A reply shows its target, but of that neither its own target nor its reactions.
    """
    shown: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "type": int(message.kind),
        "content": message.content,
        "author": user_json(message.author),
        "timestamp": message.sent_at,
        "edited_timestamp": message.edited_at,
        "embeds": message.embeds,
        "components": message.components,
        "attachments": [_attachment_json(one) for one in message.attachments],
        "flags": message.flags,
        "mentions": [user_json(one) for one in message.mentions],
        "mention_roles": [str(one) for one in message.mention_roles],
        "mention_everyone": message.mention_everyone,
        "pinned": False,
        "tts": False,
    }
    if message.reactions and with_reply:
        shown["reactions"] = [_reaction_json(key, users, viewer) for key, users in message.reactions.items()]
    if message.interaction is not None:
        shown |= _answered(message.interaction)
    if message.webhook_id is not None:
        shown["webhook_id"] = str(message.webhook_id)
    if message.nonce is not None:
        shown["nonce"] = message.nonce
    if message.replies_to is not None:
        shown |= _reference(message.replies_to)
        if with_reply:
            shown["referenced_message"] = _target(message.replies_to, viewer)
    if message.thread is not None:
        shown["thread"] = channel_json(message.thread, viewer)
        shown["flags"] |= MessageFlag.HAS_THREAD
    return shown


def _answered(interaction: Interaction) -> Json:
    app_id = str(interaction.application.id)
    return {
        "application_id": app_id,
        "webhook_id": app_id,
        "interaction_metadata": interaction_metadata(interaction),
    }


def _reference(target: Message) -> Json:
    reference: Json = {"type": 0, "channel_id": str(target.channel.id), "message_id": str(target.id)}
    if target.channel.guild is not None:
        reference["guild_id"] = str(target.channel.guild.id)
    return {"message_reference": reference}


def _target(target: Message, viewer: User | None) -> Json | None:
    is_there = target.id in target.channel.messages
    return message_json(target, viewer, with_reply=False) if is_there else None


def _reaction_json(key: str, users: dict[int, User], viewer: User | None) -> Json:
    return {
        "emoji": emoji_json(key),
        "count": len(users),
        "count_details": {"normal": len(users), "burst": 0},
        "burst_colors": [],
        "me": viewer is not None and viewer.id in users,
        "me_burst": False,
    }
