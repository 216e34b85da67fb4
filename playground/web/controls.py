"""What the page asks once: who is there, and the switches that it turns."""

import asyncio
from dataclasses import asdict

import msgspec
from aiohttp import web

from playground.chat.limits import Lane
from playground.chat.model import User
from playground.chat.permissions import Permission, may
from playground.play import Play
from playground.web.exchange import answer, read
from playground.web.switches import Switches, Wanted

MIN_SPEED, MAX_SPEED = 1.0, 500.0  # tokens a second
MESSAGE_CHARS = 2000
UPLOAD_BYTES = 10 * 1024 * 1024


class Speed(msgspec.Struct, forbid_unknown_fields=True):
    tokens_per_s: float | None


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty object."""


class Controls:
    def __init__(self, play: Play, switches: Switches, *, reloads: bool) -> None:
        self._play, self._switches, self._reloads = play, switches, reloads
        self._restarting: asyncio.Task[None] | None = None

    def install(self, app: web.Application) -> None:
        app.router.add_get("/web/config", self._config)
        app.router.add_post("/web/speed", self._speed)
        app.router.add_post("/web/faults", self._faults)
        app.router.add_post("/web/bot/restart", self._restart)
        app.on_cleanup.append(self._finish)

    async def _config(self, _: web.Request) -> web.Response:
        play, world = self._play, self._play.chat.world
        return answer(
            {
                "users": [self._user(user) for user in (world.ann, world.bob, world.owner)],
                "bot": {"id": str(world.bot.id), "name": world.bot.name},
                "guild_id": str(world.playground.id),
                "first_channel_id": str(world.general.id),
                "suggestions": play.model.suggestions,
                "model": {
                    "name": play.model.name,
                    "description": play.model.description,
                    "scripted": play.model.scripted,
                    "speed": {"min": MIN_SPEED, "max": MAX_SPEED, "now": play.model.front.tap.speed},
                },
                "limits": self._limits(),
                "reload": self._reloads,
            }
        )

    def _user(self, user: User) -> dict[str, object]:
        moderator = may(self._play.chat.world.general, user, Permission.MANAGE_MESSAGES)
        return {"name": user.name, "id": str(user.id), "token": user.token, "moderator": moderator}

    def _limits(self) -> dict[str, object]:
        limits = self._play.chat.limits.limits
        rates = {lane.value: asdict(getattr(limits, lane.value)) for lane in Lane}
        return {"message_chars": MESSAGE_CHARS, "upload_bytes": UPLOAD_BYTES, "rates": rates}

    async def _speed(self, request: web.Request) -> web.Response:
        wanted = (await read(request, Speed)).tokens_per_s
        if wanted is not None and not MIN_SPEED <= wanted <= MAX_SPEED:
            raise web.HTTPBadRequest(text=f"A speed is between {MIN_SPEED:g} and {MAX_SPEED:g} tokens a second.")
        self._play.model.front.tap.speed = wanted
        return answer({"speed": wanted})

    async def _faults(self, request: web.Request) -> web.Response:
        wanted = await read(request, Wanted)
        try:
            await self._switches.turn(wanted)
        except OSError as error:
            raise web.HTTPServiceUnavailable(text=f"The model's port was taken meanwhile: {error.strerror}.") from error
        return answer(self._switches.state())

    async def _restart(self, request: web.Request) -> web.Response:
        """Begin a restart, which the panel shows; one that is under way is enough."""
        await read(request, Nothing)
        if not self._play.bot.is_restarting:
            self._restarting = asyncio.create_task(self._play.bot.restart())
            await asyncio.sleep(0)  # so that the answer tells of it
        return answer({"bot": self._play.bot_state})

    async def _finish(self, _: web.Application) -> None:
        if self._restarting is not None:
            await asyncio.wait({self._restarting})
