"""The world's records as the JSON that Discord sends. Snowflakes are strings."""

from playground.chat.model import (
    Application,
    Channel,
    ChannelKind,
    Guild,
    Json,
    Membership,
    Overwrite,
    Role,
    User,
)
from playground.chat.permissions import permissions_of
from playground.chat.snowflakes import created_at


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def own_user_json(owner: User) -> Json:
    """Show a user to itself."""
    return {**user_json(owner), "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def application_json(app: Application) -> Json:
    """Show an application to its own bot."""
    return {
        "id": str(app.id),
        "name": app.user.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_json(app.owner),
        "team": None,
        "verify_key": "0" * 64,
        "flags": app.flags,
        "flags_new": str(app.flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": len(app.installed_by),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "bot": user_json(app.user),
    }


def member_json(member: Membership, *, with_user: bool = True) -> Json:
    shown: Json = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in member.roles],
        "joined_at": member.joined_at,
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "mute": False,
        "deaf": False,
        "flags": 0,
    }
    if with_user:
        shown["user"] = user_json(member.user)
    return shown


def role_json(role: Role, guild: Guild) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": list(guild.roles).index(role.id),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def _overwrite_json(target: int, overwrite: Overwrite) -> Json:
    return {
        "id": str(target),
        "type": int(overwrite.is_member),
        "allow": str(overwrite.allow),
        "deny": str(overwrite.deny),
    }


def channel_json(channel: Channel, viewer: User | None = None) -> Json:
    """Show a channel, thread or DM; of a DM's recipients, `viewer` is left out."""
    shown: Json = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "flags": 0,
        "last_message_id": _last_message_id(channel),
    }
    if channel.kind is ChannelKind.DM:
        shown["recipients"] = [user_json(one) for one in channel.recipients if one is not viewer]
        return shown
    assert channel.guild is not None
    shown |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": 0}
    if channel.thread is not None:
        return shown | _thread_json(channel, viewer)
    return shown | {
        "position": list(channel.guild.channels).index(channel.id),
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "permission_overwrites": [_overwrite_json(*pair) for pair in channel.overwrites.items()],
    }


def _last_message_id(channel: Channel) -> str | None:
    last = next((m.id for m in reversed(channel.messages.values()) if m.only_for is None), None)
    return str(last) if last else None


def _thread_json(channel: Channel, viewer: User | None) -> Json:
    thread = channel.thread
    assert thread is not None
    assert channel.parent is not None
    shown: Json = {
        "parent_id": str(channel.parent.id),
        "owner_id": str(thread.owner.id),
        "message_count": len(channel.messages),
        "total_message_sent": len(channel.messages),
        "member_count": len(thread.members),
        "thread_metadata": {
            "archived": thread.archived,
            "auto_archive_duration": thread.archive_minutes,
            "archive_timestamp": thread.archive_changed_at,
            "locked": thread.locked,
            "create_timestamp": created_at(channel.id),
        },
    }
    if viewer is not None and viewer.id in thread.members:
        joined_at = thread.members[viewer.id]
        shown["member"] = {"id": str(channel.id), "user_id": str(viewer.id), "join_timestamp": joined_at, "flags": 0}
    return shown


def own_guild_json(guild: Guild, viewer: User) -> Json:
    """Show a guild in the list of those that `viewer` is in."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": guild.owner is viewer,
        "permissions": str(permissions_of(guild, guild.members[viewer.id])),
        "features": [],
    }


def guild_json(guild: Guild, viewer: User) -> Json:
    """Show a guild as GUILD_CREATE does, with what `viewer` may see."""
    channels = guild.channels.values()
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "owner_id": str(guild.owner.id),
        "unavailable": False,
        "large": False,
        "member_count": len(guild.members),
        "joined_at": guild.members[viewer.id].joined_at,
        "roles": [role_json(one, guild) for one in guild.roles.values()],
        "members": [member_json(one) for one in guild.members.values()],
        "channels": [channel_json(one) for one in channels if one.thread is None],
        "threads": [channel_json(one, viewer) for one in channels if one.thread and not one.thread.archived],
        "emojis": [],
        "stickers": [],
        "features": [],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "system_channel_flags": 0,
        "system_channel_id": None,
        "afk_timeout": 300,
    }
