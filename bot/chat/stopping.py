"""Who may stop an answer, and what they are told."""

from typing import TYPE_CHECKING

import discord

from bot.core.runs import Asked

if TYPE_CHECKING:
    from bot.chat.client import Patter

NOT_YOURS = "Only the one who asked, a moderator (Manage Messages) or the bot's owner can stop this answer."
ENDED = "This answer has already ended."
STOPPED = "Stopped."


def may_moderate(client: "Patter", user_id: int, permissions: discord.Permissions) -> bool:
    """Tell whether a user who has `permissions` in a channel may do there what is otherwise for who asked alone."""
    return permissions.manage_messages or user_id in client.owners


def may_stop(client: "Patter", user_id: int, permissions: discord.Permissions, asked: Asked) -> bool:
    """Tell whether a user who has `permissions` in the answer's channel may stop it."""
    return user_id == asked.asker_id or may_moderate(client, user_id, permissions)


def stop_from(interaction: "discord.Interaction[Patter]", asked: Asked | None) -> str:
    """Stop an answer on behalf of whoever made `interaction`; return the sentence for them."""
    if asked is None:
        return ENDED
    if not may_stop(interaction.client, interaction.user.id, interaction.permissions, asked):
        return NOT_YOURS
    return STOPPED if asked.run.stop(by=interaction.user.display_name) else ENDED
