"""Words for one person alone."""

import logging
from typing import Any

import discord

from bot.chat.faults import translated
from bot.core.errors import SurfaceError

NOBODY = discord.AllowedMentions.none()

log = logging.getLogger(__name__)


async def tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    """Say something to one person alone, whether or not the interaction has been answered; it may come too late."""
    try:
        with translated():
            if interaction.response.is_done():
                await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=NOBODY)
            else:
                await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
    except SurfaceError as error:
        log.info("could not answer an interaction: %s", error)
