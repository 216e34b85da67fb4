"""The page for as long as somebody wants it."""

import asyncio
import contextlib
import os
import sys
import webbrowser
from collections.abc import Callable

from playground.play import Play
from playground.reload import keep_reloaded


async def serve_page(play: Play, say: Callable[[str], None], *, opens: bool, reloads: bool) -> None:
    """Tell where the page is, open it if wanted and possible, and stay until cancelled."""
    url = page_url(play)
    say(f"Patter is at {url} (Ctrl-C ends it)")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_tell_of_deaths(play, say))
        if reloads:
            tasks.create_task(keep_reloaded(play.bot, say))
        if opens and has_display():
            tasks.create_task(_open(url))


def page_url(play: Play) -> str:
    return play.chat.api_url.removesuffix("/api/v10") + "/"


def has_display() -> bool:
    """Tell whether a browser has somewhere to appear; one that draws into this terminal is not meant."""
    if sys.platform in {"win32", "darwin"}:
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


async def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error):  # the address is said already
        await asyncio.to_thread(webbrowser.open, url)


async def _tell_of_deaths(play: Play, say: Callable[[str], None]) -> None:
    async for obituary in play.bot.deaths():
        say(f"{obituary}\nThe page stays; there it can be started again.")
