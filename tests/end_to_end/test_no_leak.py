"""What a whole run leaves behind, searched for what nobody is to find there."""

import asyncio
import json
import re
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from playground.chat import ChatServer, Member
from playground.chat.errors import invalid_webhook_token
from playground.chat.faults import CALLBACK, CHANNEL_MESSAGES, TOKEN_MESSAGE, Fault, server_error, too_many_requests
from playground.chat.faults import drop as lose
from playground.llm.script import drop, error, hold, say, status
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.pings import pinging
from tests.end_to_end.ports import free_port
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import QUICK, stop_button
from tests.openapi import at_hand, request_problems

QUESTION, ANSWER, OLLAMAS = "zanzibar-question", "quetzal-answer", "xylophone-detail"
"""Words that stand nowhere else: in what people ask, in what the model says, and in Ollama's errors."""

SECRET = "wolpertinger"
API_KEY = "ollama-key-0123456789"
WORDS = [f"{ANSWER}{number} " for number in range(400)]


class Run:
    """A bot process, those who use it, and all that it has shown to anybody by now."""

    def __init__(self, chat, stage, people, process, port):
        self.chat, self.stage = chat, stage
        self.ann, self.bob, self.owner = people
        self._process, self._port = process, port
        self.channel = self.ann.channel("general")
        self.pages = []
        self._output = asyncio.create_task(process.communicate())  # read at once, so that the process never waits
        self.log = ""

    async def ask(self, *steps, shows, channel=None, **options):
        """Let the model answer with `steps`; return the message once it shows a text that no earlier one has shown."""
        self.stage.play(*steps)
        seen = {message["id"] for message in self._shown()}
        await self.ann.command(channel or self.channel, "ask", prompt=QUESTION, **options)
        return await self.ann.until(lambda message: message["id"] not in seen and shows in message["content"], 10.0)

    async def hear(self, number, *steps, shows, **reply):
        """Likewise for a mention."""
        self.stage.play(*steps)
        await self.ann.say(self.channel, f"<@{self.chat.world.bot.id}> {QUESTION} {number}", **reply)
        seen = {message["id"] for message in self._shown()}
        return await self.ann.until(lambda message: message["id"] not in seen and shows in message["content"], 10.0)

    async def look(self):
        """Look at all of the health pages."""
        async with aiohttp.ClientSession() as session:
            for path in ("/healthz", "/readyz", "/metrics"):
                async with session.get(f"http://127.0.0.1:{self._port}{path}") as response:
                    self.pages.append(await response.text())

    async def aclose(self):
        """Leave the output to whoever ends the process."""
        self._output.cancel()
        await asyncio.wait({self._output})

    async def leave(self):
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            out, err = await self._output
        self.log = (out + err).decode()

    @property
    def tokens(self):
        """Whatever would let its reader act in the bot's name."""
        interactions = {entry.params["token"] for entry in self.chat.record if "token" in entry.params}
        return interactions | {self.chat.world.bot.token, API_KEY}

    @property
    def said(self):
        """All that the bot has sent to Discord for people to read."""
        return "\n".join(json.dumps(entry.body, ensure_ascii=False) for entry in self.chat.record if _by_bot(entry))

    def _shown(self):
        return [message for channel in self.ann._inbox.channels for message in self.ann.messages(channel)]


def _by_bot(entry):
    return entry.body is not None and entry.route != "/interactions"


@asynccontextmanager
async def run(folder, *arguments, **environment):
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(ChatServer(QUICK))
        stage = Stage()
        llm = await stack.enter_async_context(LlmServer(stage.respond))
        people = [
            await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, user.token))
            for user in (chat.world.ann, chat.world.bob, chat.world.owner)
        ]
        port = free_port()
        settings = addresses(chat, llm) | {"HEALTH_PORT": str(port), "OLLAMA_API_KEY": API_KEY} | environment
        process = await stack.enter_async_context(patter(*arguments, folder=folder, **settings))
        bot = Run(chat, stage, people, process, port)
        stack.push_async_callback(bot.aclose)
        await chat.record.until_identified(within_s=20)
        yield bot


async def everything(bot):
    """Let all happen that ends in a line somewhere: good answers, and all kinds of faults on both sides."""
    plan = bot.chat.faults.plan
    await bot.ask(say(WORDS[:20]), shows="20 tokens")
    await bot.ask(say(WORDS[:20]), shows="20 tokens", private=True)
    await bot.ask(say(WORDS), shows="400 tokens")  # several messages
    await bot.hear(1, say(WORDS[:20]), shows="20 tokens")
    for steps, sign in (
        ([say(WORDS[:5]), error(OLLAMAS)], "cut off"),
        ([status(400, json.dumps({"error": OLLAMAS}))], "refused"),
        ([status(404, json.dumps({"error": f"model {OLLAMAS} not found"}))], "ollama pull"),
        ([status(500, OLLAMAS, "text/plain")], "refused"),
        ([say(WORDS[:5]), drop()], "cut off"),
    ):
        bot.stage.director = lambda _, steps=steps: steps  # for when it is asked again
        await bot.ask(*steps, shows=sign)

    plan(too_many_requests(0.1), "PATCH", TOKEN_MESSAGE)
    plan(server_error(502, html=True), "PATCH", TOKEN_MESSAGE, skip=1)
    plan(lose(), "PATCH", TOKEN_MESSAGE, skip=2)
    plan(Fault("answer", status=401, body=invalid_webhook_token().body()), "PATCH", TOKEN_MESSAGE, skip=3)
    await bot.ask(say(WORDS[:80], pace=0.03), shows="80 tokens")
    plan(lose(), "POST", CALLBACK)
    await bot.ask(say(WORDS[:5]), shows="5 tokens")
    plan(lose(applied=True), "POST", CHANNEL_MESSAGES, where=lambda entry: entry.by == bot.chat.world.bot.id)
    await bot.hear(2, say(WORDS[:5]), shows="5 tokens")

    stopped = await bot.ask(say(WORDS, pace=0.01), shows=WORDS[3].strip())
    await bot.ann.click(stopped, stop_button(stopped))
    await bot.ann.until(lambda message: message["id"] == stopped["id"] and "stopped by" in message["content"])
    deleted = await bot.ask(say(WORDS, pace=0.01), shows=WORDS[3].strip())
    await bot.bob.delete(bot.channel, int(deleted["id"]))
    bot.chat.gateway.drop(bot.chat.world.bot)
    await bot.chat.record.until_identified(2)
    for who, command, sign in (
        (bot.ann, "stats", "Since the start"),
        (bot.ann, "privacy", "What I keep"),
        (bot.owner, "doctor", "the model's speed"),
        (bot.owner, "settings", "What is set for"),
        (bot.ann, "forget", "Forgotten"),
    ):
        await who.command(bot.channel, command)
        await who.until(lambda message, sign=sign: sign in message["content"])
    await bot.look()
    await bot.ask(say(WORDS[:30], pace=0.01), hold(), shows=WORDS[3].strip())
    await bot.leave()


def hidden(folder):
    """Give what stands in a database's address that nobody but the bot is to know, and that address."""
    place = folder / "a-folder-of-nobodys-business"
    place.mkdir()
    return [place.name, str(folder), str(Path.cwd())], f"sqlite+aiosqlite:///{place}/patter.db"


def found(words, text):
    return [word for word in words if word in text]


async def test_no_log_page_or_message_tells_a_secret_a_path_a_question_or_an_answer(tmp_path):
    paths, database = hidden(tmp_path)
    async with run(tmp_path, LOG_FORMAT="json", DATABASE_URL=database) as bot:
        await everything(bot)
    assert pinging(bot.chat.record, bot.chat.world.bot) == []
    assert not at_hand() or request_problems(bot.chat.record, bot.chat.world.bot) == []
    public = bot.log + "\n".join(bot.pages)
    assert len(bot.tokens) > 10
    assert bot.log.count("answer") > 10
    assert "patter_answers_total" in public
    assert found([QUESTION, ANSWER, OLLAMAS, "Traceback", *paths, *bot.tokens], public) == []
    assert found([OLLAMAS, "Traceback", *paths, *bot.tokens], bot.said) == []
    assert QUESTION in bot.said
    assert ANSWER in bot.said


async def test_not_even_all_that_the_libraries_say_tells_a_secret_nor_the_rest_of_it_a_word(tmp_path):
    """The same in the lines for people: below INFO no secret, and from INFO on nothing that was said either."""
    paths, database = hidden(tmp_path)
    async with run(tmp_path, "-vv", DATABASE_URL=database) as bot:
        await everything(bot)
    lines = re.split(r"\n(?=\d{4}-\d\d-\d\d )", bot.log)
    public = "\n".join(line for line in lines if " DEBUG " not in line.partition("\n")[0])
    assert len(public) < len(bot.log) / 2
    assert public.count("answer") > 10
    assert "INTERACTION_CREATE" in bot.log
    assert found(bot.tokens, bot.log) == []
    assert found([QUESTION, ANSWER, OLLAMAS, "Traceback", *paths], public) == []


@pytest.mark.parametrize(
    "address", ["postgresql+asyncpg://me:{word}@127.0.0.1:1/{word}", "sqlite+aiosqlite:////dev/null/{word}/patter.db"]
)
async def test_a_database_that_is_out_of_reach_tells_nothing_of_its_address(tmp_path, address):
    async with run(tmp_path, DATABASE_URL=address.format(word=SECRET)) as bot:
        await bot.ask(say(WORDS[:5]), shows="5 tokens")
        for who, command, sign in ((bot.ann, "forget", "memory"), (bot.owner, "doctor", "the model's speed")):
            await who.command(bot.channel, command)
            await who.until(lambda message, sign=sign: sign in message["content"])
        await bot.look()
        await bot.leave()
    async with patter("doctor", folder=tmp_path, DATABASE_URL=address.format(word=SECRET)) as process:
        told = b"".join(await process.communicate()).decode()
    assert "memory" in bot.log
    assert "database" in told
    assert found([SECRET, "me:", "Traceback"], bot.log + bot.said + told + "\n".join(bot.pages)) == []
