"""Lets the bytes of a response come together, so that one is not woken for each of them."""

import asyncio
import socket
from contextlib import suppress

import aiohttp

MANY_BYTES = 4096
"""For fewer, about 30 tokens, the system does not wake us while they gather, where it can be told so."""


class Gathering:
    """
    What arrives of a response is left alone until it is wanted, all of it is there, or that took `longest_s` seconds.

    Setting `wanted` ends the wait. All is there when the connection closes, or when as much has come as was announced.
    """

    def __init__(self, response: aiohttp.ClientResponse, wanted: asyncio.Event, longest_s: float) -> None:
        self._content, self._wanted, self._longest_s = response.content, wanted, longest_s
        self._transport = response.connection.transport if response.connection else None
        self._content.on_eof(wanted.set)

    async def wait(self) -> None:
        """Return when it is time to read; what there is can be read after another turn of the event loop."""
        self._wanted.clear()
        if self._content.is_eof():
            return
        alarm = asyncio.get_running_loop().call_later(self._longest_s, self._wanted.set)
        self._wake_for(MANY_BYTES)
        try:
            await self._wanted.wait()
        finally:
            alarm.cancel()
            self._wake_for(1)

    def _wake_for(self, count: int) -> None:
        if self._transport is None or self._transport.is_closing():  # another may have its socket's number by now
            return
        with suppress(OSError, AttributeError):  # not every system knows it
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
