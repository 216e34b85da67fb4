"""The endpoint that draws messages for the page."""

import asyncio
from dataclasses import dataclass

import msgspec
from aiohttp import web

from playground.chat.world import World
from playground.web.exchange import answer, read
from playground.web.markdown.code import stylesheet
from playground.web.markdown.draw import draw
from playground.web.markdown.names import Names

TEXTS = 200
TEXT_CHARS = 8000  # twice what any one field of a message may have
ALL_CHARS = 200_000


class Given(msgspec.Struct):
    users: dict[str, str] = {}
    channels: dict[str, str] = {}
    roles: dict[str, str] = {}


class Wanted(msgspec.Struct):
    texts: list[str]
    names: Given = msgspec.field(default_factory=Given)


@dataclass(frozen=True, slots=True)
class Rendering:
    world: World

    def install(self, app: web.Application) -> None:
        app.router.add_post("/web/render", self._render)
        app.router.add_get("/web/pygments.css", self._stylesheet)

    async def _render(self, request: web.Request) -> web.Response:
        wanted = await read(request, Wanted)
        chars = [len(text) for text in wanted.texts]
        if len(chars) > TEXTS or max(chars, default=0) > TEXT_CHARS or sum(chars) > ALL_CHARS:
            limits = f"At most {TEXTS} texts of {TEXT_CHARS} characters each, {ALL_CHARS} in all."
            raise web.HTTPRequestEntityTooLarge(ALL_CHARS, text=limits)
        names = self._names(wanted.names)
        # In a thread: the chat server and the model's proxy share this loop.
        return answer({"html": await asyncio.to_thread(lambda: [draw(text, names) for text in wanted.texts])})

    def _names(self, given: Given) -> Names:
        """Name who and what there is, above all by what the page says."""
        users = {str(one.id): one.name for one in self.world.users.values()}
        channels = {str(one.id): one.name for one in self.world.channels.values() if one.name}
        roles = {str(one.id): one.name for guild in self.world.guilds.values() for one in guild.roles.values()}
        return Names(users | given.users, channels | given.channels, roles | given.roles)

    async def _stylesheet(self, _: web.Request) -> web.Response:
        return web.Response(text=stylesheet(), content_type="text/css")
