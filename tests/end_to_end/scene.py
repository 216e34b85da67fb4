"""The whole of it: the real bot over the real discord.py, against the playground, with a scripted Ollama."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory

from bot.chat.client import serve
from bot.composition import Timing, compose
from bot.model import ollama_options
from bot.settings import load
from playground.chat import ChatServer, Limits, Member, Rate
from playground.llm.models import Model
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.pings import pinging

STOP = "stop:"

QUICK = Limits(
    edit=Rate(5, 0.5), send=Rate(5, 0.5), token=Rate(5, 0.2), reaction=Rate(1, 0.025), everything=Rate(50, 0.1)
)
"""Discord's limits with all windows a tenth as long, so that a test need not wait."""


UNLIMITED = {
    "max_running": 1000,
    "person_asks_per_minute": 0,
    "person_asks_at_once": 0,
    "guild_asks_per_minute": 0,
    "guild_asks_at_once": 0,
}
"""What one may ask where a test is about something else."""


class Scene:
    """A bot at work, the people around it, and the model behind it."""

    def __init__(self, chat, stage, llm, folder, ann, bob):
        self.chat, self.stage, self.llm, self.bot = chat, stage, llm, None
        self.folder, self.ann, self.bob = folder, ann, bob
        self.channel = ann.channel("general")

    @asynccontextmanager
    async def at_work(self, timing=None, ollama=None, **settings):
        wanted = settings_for(self.chat, self.llm, **{"database_url": database_in(self.folder), **settings})
        async with bot_running(wanted, timing, ollama or quick_retries(wanted)) as self.bot:
            yield self.bot

    async def ask(self, prompt="Why?", by=None, channel=None, **options):
        """Use /ask; return the id of the message that answers it, as soon as it is there."""
        by = by or self.ann
        channel = channel or self.channel
        seen = {message["id"] for message in by.messages(channel)}
        await by.command(channel, "ask", prompt=prompt, **options)
        answer = await by.until(
            lambda message: (
                int(message["channel_id"]) == channel and message["id"] not in seen and self.is_answer(message)
            )
        )
        return int(answer["id"])

    def is_answer(self, message):
        return int(message["author"]["id"]) == self.chat.world.bot.id

    async def shows(self, message_id, *parts, by=None, within_s=5.0):
        """Wait until a message shows all of `parts`; return it."""
        return await (by or self.ann).until(
            lambda message: int(message["id"]) == message_id and all(part in message["content"] for part in parts),
            within_s,
        )

    def now(self, message_id, by=None):
        return next(m for m in (by or self.ann).messages(self.channel) if int(m["id"]) == message_id)

    async def idle(self):
        """Wait until no answer is under way."""
        async with asyncio.timeout(5):
            while len(self.bot.services.runs):
                await asyncio.gather(*self.bot.services.runs._tasks)

    def prompt(self, number=-1):
        """What the model was given for an ask, as (role, text), less the system prompt."""
        messages = self.stage.asks[number].body["messages"]
        return [(one["role"], one["content"]) for one in messages if one["role"] != "system"]

    def requests(self, method=None, part=""):
        return [
            entry for entry in self.chat.record if (method is None or entry.method == method) and part in entry.route
        ]


def buttons(message):
    return [one for row in message.get("components") or [] for one in row["components"]]


def labels(message):
    return [one["label"] for one in buttons(message)]


def stop_button(message):
    """The custom_id of a message's Stop button; None if it has none."""
    return next((one["custom_id"] for one in buttons(message) if one["custom_id"].startswith(STOP)), None)


def settings_for(chat, llm, **more):
    return load(
        None,
        discord_token=chat.world.bot.token,
        discord_api_url=chat.api_url,
        discord_gateway_url=chat.gateway_url,
        ollama_url=llm.url,
        **{"ollama_model": "smol", "ollama_models": ["*"], "edit_interval_s": 0.2, **UNLIMITED, **more},
    )


@asynccontextmanager
async def bot_running(settings, timing=None, ollama=None):
    """A bot that is ready; it leaves at the end, and whatever it raised comes up."""
    timing = timing or Timing(guild_ready_timeout_s=0.05, loading_after_s=0.3, line_every_s=0.1)
    async with compose(settings, timing=timing, ollama=ollama) as bot:
        ready = asyncio.Event()

        async def on_ready():
            ready.set()

        bot.add_listener(on_ready)
        serving = asyncio.create_task(serve(bot, settings.discord_token.get_secret_value()))
        becoming_ready = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait({serving, becoming_ready}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            assert ready.is_set(), "the bot did not get ready in 10 s"
            yield bot
            await bot.services.runs.close(5.0)
            await bot.close()
        finally:
            for task in (serving, becoming_ready):
                task.cancel()
            await asyncio.wait({serving, becoming_ready})


@asynccontextmanager
async def scene(*models, limits=QUICK, timing=None, ollama=None, **settings):
    """A fresh world with a bot in it."""
    async with town(*models, limits=limits) as play, play.at_work(timing, ollama, **settings):
        yield play


@asynccontextmanager
async def town(*models, limits=QUICK):
    """A fresh world without a bot; `at_work` starts one there, as often as one likes, with the same memory."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        chat = await stack.enter_async_context(ChatServer(limits))
        stage = Stage(*models)
        llm = await stack.enter_async_context(LlmServer(stage.respond))
        world = chat.world
        ann, bob = [
            await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, user.token))
            for user in (world.ann, world.bob)
        ]
        yield Scene(chat, stage, llm, folder, ann, bob)
        assert pinging(chat.record, world.bot) == [], "whatever is tried, nothing may ping"


def database_in(folder):
    return f"sqlite+aiosqlite:///{folder}/patter.db"


def quick_retries(settings):
    return replace(ollama_options(settings), first_pause_s=0.02, longest_pause_s=0.1, retries=3)


__all__ = ["Model", "Scene", "bot_running", "buttons", "labels", "scene", "settings_for", "stop_button", "town"]
