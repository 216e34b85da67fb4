"""What has to be done to a store from time to time: nothing is kept for longer than it may be."""

import asyncio
import logging
import time

from bot.core.errors import StoreError
from bot.core.ports import Conversations, Journal

TOKEN_LIFE_S = 15 * 60.0
"""What Discord gives an interaction's token."""

EVERY_S = 60.0
EXPIRE_EVERY_S = 3600.0
DAY_S = 86400.0

log = logging.getLogger(__name__)


async def keep_up(journal: Journal, conversations: Conversations, *, retention_days: float) -> None:
    """Erase dead tokens and conversations that are too old, over and over. Runs until it is cancelled."""
    expire_at = 0.0
    loop = asyncio.get_running_loop()
    while True:
        try:
            await journal.erase_tokens(time.time() - TOKEN_LIFE_S)
            if loop.time() >= expire_at:
                gone = await conversations.expire(time.time() - retention_days * DAY_S)
                expire_at = loop.time() + EXPIRE_EVERY_S
                if gone:
                    log.info("forgot %d turns of more than %g days ago", gone, retention_days)
        except StoreError:  # the store itself has logged it
            pass
        except Exception:
            log.exception("upkeep failed in a way that nobody foresaw")
        await asyncio.sleep(EVERY_S)
