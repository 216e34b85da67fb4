"""The bot's own messages as the gateway shows them: a follow-up whose response was lost has no other trace."""

import weakref
from typing import Protocol

import discord


class Poster(Protocol):
    """Somebody who posts further messages in answer to an interaction."""

    async def echoed(self, message_id: int, text: str) -> None:
        """Take note of a message that is there, whoever has heard of it already."""
        ...


class Echoes:
    def __init__(self) -> None:
        self._posters: weakref.WeakValueDictionary[int, Poster] = weakref.WeakValueDictionary()

    def add(self, interaction_id: int, poster: Poster) -> None:
        """Tell `poster`, for as long as it lives, what is posted in answer to an interaction."""
        self._posters[interaction_id] = poster

    async def hear(self, message: discord.Message) -> None:
        metadata = message.interaction_metadata
        poster = self._posters.get(metadata.id) if metadata else None
        if poster is not None:
            await poster.echoed(message.id, message.content)
