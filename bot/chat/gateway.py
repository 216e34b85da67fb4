"""Tells an Observer what becomes of the connection to Discord's gateway."""

from typing import TYPE_CHECKING

from bot.core.events import GatewayConnected, GatewayLost
from bot.core.ports import Observer

if TYPE_CHECKING:
    from bot.chat.client import Patter


class Gateway:
    def __init__(self, observer: Observer, client: "Patter") -> None:
        self._observer = observer
        self._connected = False
        client.add_listener(self._on_identified, "on_connect")
        client.add_listener(self._on_resumed, "on_resumed")
        client.add_listener(self._on_lost, "on_disconnect")

    async def _on_identified(self) -> None:
        self._connect(resumed=False)

    async def _on_resumed(self) -> None:
        self._connect(resumed=True)

    async def _on_lost(self) -> None:
        if self._connected:  # discord.py tells it again for each try to connect that fails
            self._connected = False
            self._observer(GatewayLost())

    def _connect(self, *, resumed: bool) -> None:
        self._connected = True
        self._observer(GatewayConnected(resumed))
