"""The page as routes of the chat server's application: one origin for REST, gateway and page."""

from collections.abc import Callable

from aiohttp import web

from playground.play import Play
from playground.web import files, guard
from playground.web.controls import Controls
from playground.web.panel import Panel
from playground.web.rendering import Rendering
from playground.web.switches import Switches


def page(*, reloads: bool = False) -> Callable[[web.Application, Play], None]:
    """Give what adds the page to an application; `reloads` is told to those who look at it."""

    def install(app: web.Application, play: Play) -> None:
        switches = Switches(play.chat, play.model.front)
        guard.install(app)
        files.install(app)
        Controls(play, switches, reloads=reloads).install(app)
        Rendering(play.chat.world).install(app)
        Panel(play, switches).install(app)

    return install
