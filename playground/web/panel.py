"""What is usually invisible, told to the page several times a second."""

import asyncio
import contextlib
import time
from typing import Any

import msgspec
from aiohttp import web

from playground.chat.faults import CHANNEL_MESSAGE, TOKEN_MESSAGE
from playground.play import Play
from playground.web.buckets import buckets
from playground.web.switches import Switches
from playground.web.unseen import Unseen

EVERY_S = 0.25
EDITS_S = 5.0
EDITS = {CHANNEL_MESSAGE, TOKEN_MESSAGE}


class Panel:
    def __init__(self, play: Play, switches: Switches) -> None:
        self._play, self._switches = play, switches
        self._unseen = Unseen(play.model.front.tap, play.chat.world, play.chat.world.bot)
        self._began = time.monotonic()
        self._closing = asyncio.Event()

    def install(self, app: web.Application) -> None:
        app.router.add_get("/web/panel", self._stream)
        app.on_shutdown.append(self._close)

    def state(self) -> dict[str, Any]:
        play, tap = self._play, self._play.model.front.tap
        served, shown = self._unseen.look()
        return {
            "t": round(time.monotonic() - self._began, 3),
            "buckets": buckets(play.chat),
            "edits_per_s": self._edits() / EDITS_S,
            "http_429": play.chat.record.count(status=429),
            "tokens_per_s": tap.tokens_per_s,
            "served_chars": served,
            "shown_chars": shown,
            "unseen_chars": served - shown,
            "streams": tap.open,
            "bot": play.bot_state,
            "bot_says": play.bot.tail() if play.bot.has_died else "",
            "faults": self._switches.state(),
            "speed": tap.speed,
        }

    def _edits(self) -> int:
        """Count the edits of the bot that were done of late."""
        chat = self._play.chat
        return sum(
            entry.method == "PATCH" and entry.route in EDITS and entry.status == 200
            for entry in chat.record.since(chat.world.clock() - EDITS_S)
            if entry.by in {None, self._play.bot_id}
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while not self._closing.is_set():
                await response.write(b"data: " + msgspec.json.encode(self.state()) + b"\n\n")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S):
                        await self._closing.wait()
        return response

    async def _close(self, _: web.Application) -> None:
        self._closing.set()
