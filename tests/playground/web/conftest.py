import json
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.bot_process import BotProcess
from playground.chat import ChatServer, Limits, Member
from playground.llm.choice import scripted_model
from playground.llm.stage import Stage
from playground.play import Play
from playground.web.site import page

IDLE = ("-c", "import time; time.sleep(60)")


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
async def play(stage):
    """The playground with its page, where an idle program stands for the bot."""
    async with scripted_model(stage) as model:
        chat = ChatServer(Limits(), extend=lambda app: page()(app, play))
        play = Play(chat, model, BotProcess(dict, sys.executable, *IDLE))
        async with chat, play.bot:
            yield play


class Page:
    """Calls the page's endpoints as the page does."""

    def __init__(self, http):
        self.http = http

    async def get(self, path, **headers):
        async with self.http.get(path, headers=headers) as answer:
            return answer, await answer.text()

    async def post(self, path, value, **headers):
        """Give the status and what was answered: JSON, or a sentence."""
        async with self.http.post(path, json=value, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()

    @asynccontextmanager
    async def panel(self):
        async with self.http.get("/web/panel") as answer:
            assert answer.content_type == "text/event-stream"
            yield States(answer.content)


class States:
    """The states of the panel as they come."""

    def __init__(self, content):
        self._content = content

    async def next(self):
        line = await self._content.readline()
        assert line.startswith(b"data: "), line
        assert await self._content.readline() == b"\n"
        return json.loads(line[6:])

    async def until(self, predicate):
        while not predicate(state := await self.next()):
            pass
        return state


def origin_of(play):
    return play.chat.api_url.removesuffix("/api/v10")


@pytest.fixture
async def web(play):
    async with aiohttp.ClientSession(origin_of(play)) as http:
        yield Page(http)


@pytest.fixture
def origin(play):
    return origin_of(play)


@pytest.fixture
async def ann(play):
    async with Member(play.chat.api_url, play.chat.gateway_url, play.chat.world.ann.token) as ann:
        yield ann
