"""A real Chromium before the playground's page. Every test has a world of its own; all share the browser."""

import sys
from contextlib import AsyncExitStack, asynccontextmanager
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio

from playground.bot_process import BotProcess
from playground.chat import ChatServer
from playground.llm.choice import scripted_model
from playground.llm.stage import Stage
from playground.play import Play, open_play
from playground.web.serve import page_url
from playground.web.site import page
from tests.browser import chromium
from tests.browser.window import Window
from tests.end_to_end.scene import QUICK, bot_running, database_in, quick_retries, settings_for

PATIENCE_S = 15.0  # the machine may be busy
IDLE = ("-c", "import time; time.sleep(600)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    if chromium.installed() is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed: scripts/setup")
    playwright.expect.set_options(timeout=PATIENCE_S * 1000)
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium.installed(), args=chromium.FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def limits():
    return QUICK


@pytest_asyncio.fixture(loop_scope="session")
async def play(stage, limits):
    """The playground with its page and the real bot, in this process so that it is there at once."""
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(scripted_model(stage))
        chat = ChatServer(limits, extend=lambda app: page()(app, play))
        play = Play(chat, model, BotProcess(dict, sys.executable, *IDLE))
        await stack.enter_async_context(chat)
        await stack.enter_async_context(play.bot)
        database = database_in(stack.enter_context(TemporaryDirectory()))
        settings = settings_for(chat, model.front, database_url=database)
        await stack.enter_async_context(bot_running(settings, ollama=quick_retries(settings)))
        yield play


@pytest_asyncio.fixture(loop_scope="session")
async def whole_play(stage):
    """The playground as scripts/play starts it: the bot is a process of its own, and the limits are Discord's."""
    async with open_play(scripted_model(stage), lambda _: None, page=page()) as play:
        await play.bot_up()
        yield play


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser):
    """
    Opens windows, each as of a new visitor; none of them may complain, or reach beyond loopback.

    To be named after the play: what is set up later ends earlier, and a window complains of a server that has left it.
    """
    async with AsyncExitStack() as stack:

        async def open_window(play, **options):
            return await stack.enter_async_context(_window(browser, page_url(play), options))

        yield open_window


@pytest_asyncio.fixture(loop_scope="session")
async def window(play, opened):
    return await opened(play)


@asynccontextmanager
async def _window(browser, url, options):
    still = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}  # so that nothing is half open
    context = await browser.new_context(**still | options)
    context.set_default_timeout(PATIENCE_S * 1000)
    try:
        window = Window(await context.new_page(), url)
        await window.open()
        yield window
        assert window.complaints == []
        assert window.requests_elsewhere() == []
    finally:
        await context.close()
