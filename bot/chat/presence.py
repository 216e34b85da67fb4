"""What stands under the bot's name: nothing as a rule, and that the model is out of reach while it is."""

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.core.errors import ModelError
from bot.core.ports import ChatModel

if TYPE_CHECKING:
    from bot.chat.client import Patter

EVERY_S = 15.0
"""How often the model's server is asked; the gateway takes far more changes of presence than that."""

OUT_OF_REACH = "The model is out of reach"

log = logging.getLogger(__name__)


class Presence:
    def __init__(self, model: ChatModel, client: "Patter") -> None:
        self._model, self._client = model, client
        self._is_out = self._is_shown_out = False
        self._task = asyncio.create_task(self._watch(), name="presence")

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def show(self, *, anew: bool = False) -> None:
        """Show what is true. `anew` says that the session is, which begins with nothing shown."""
        if anew:
            self._is_shown_out = False
        if self._is_out is self._is_shown_out or not self._client.is_ready():
            return
        is_out = self._is_out
        status = discord.Status.idle if is_out else discord.Status.online
        activity = discord.CustomActivity(OUT_OF_REACH) if is_out else None
        try:
            await self._client.change_presence(status=status, activity=activity)
        except (ConnectionError, discord.DiscordException) as error:  # the gateway is away; it is shown next time
            log.info("the presence could not be changed: %s", type(error).__name__)
        else:
            self._is_shown_out = is_out

    async def _watch(self) -> None:
        while True:
            is_out = await self._is_out_of_reach()
            if is_out is not self._is_out:
                log.warning("the model's server %s", "is out of reach" if is_out else "is back")
            self._is_out = is_out
            await self.show()
            await asyncio.sleep(EVERY_S)

    async def _is_out_of_reach(self) -> bool:
        try:
            await self._model.loaded()
        except ModelError:
            return True
        return False
