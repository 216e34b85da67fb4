"""
Keeps the last IDENTIFYs of a day.

Discord takes a thousand in 24 hours, and then resets the bot's token: a crash loop must not get there.
"""

import asyncio
import logging

import aiohttp
import discord
from discord.http import HTTPClient

KEPT = 20
"""Left for a person who mends what used up all the others."""

LEAST_WAIT_S = 1.0

log = logging.getLogger(__name__)


async def wait_for_identify(http: HTTPClient) -> None:
    """Return once there are enough IDENTIFYs left to spend one. If Discord does not say, there are."""
    while True:
        try:
            _, _, limit = await http.get_bot_gateway()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord does not say how often one may connect: %s", type(error).__name__)
            return
        if limit["remaining"] > KEPT:
            return
        wait_s = max(LEAST_WAIT_S, limit["reset_after"] / 1000)
        log.error(
            "only %d of %d connections to Discord are left; waiting %.0f s, lest it resets the token. "
            "Find out what restarts this bot so often.",
            limit["remaining"], limit["total"], wait_s,
        )  # fmt: skip
        await asyncio.sleep(wait_s)
