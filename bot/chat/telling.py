"""Words for one person alone."""

import logging
from typing import Any

import aiohttp
import discord

NOBODY = discord.AllowedMentions.none()

log = logging.getLogger(__name__)


async def tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    """Say something to one person alone, whether or not the interaction has been answered; it may come too late."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
    except discord.HTTPException as error:
        log.info("could not answer an interaction: status %d, code %d", error.status, error.code)
    except (aiohttp.ClientError, OSError) as error:
        log.info("could not answer an interaction: %s", type(error).__name__)
