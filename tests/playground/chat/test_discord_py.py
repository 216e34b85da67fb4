"""The real, unmodified discord.py against the server."""

import asyncio
from contextlib import asynccontextmanager

import discord
import pytest
import yarl
from discord import app_commands

from playground.chat import ChatServer, Member

INTENTS = 13825


class Bot(discord.Client):
    """One command that answers at once, edits its answer, follows up, and stops by a button."""

    def __init__(self, intents):
        super().__init__(intents=discord.Intents(intents), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.ready = asyncio.Event()
        self.errors = []

        @self.tree.command(description="Ask")
        @app_commands.describe(prompt="What", model="Which")
        async def ask(interaction, prompt: str, model: str = "small", private: bool = False):
            await interaction.response.send_message("waiting", view=Stop(), ephemeral=private, suppress_embeds=True)
            await interaction.edit_original_response(content=f"{model}: {prompt}")
            await interaction.followup.send("more", ephemeral=private)

        @ask.autocomplete("model")
        async def models(interaction, current):
            return [app_commands.Choice(name=current + "all", value="small")]

        @self.tree.context_menu(name="Repeat")
        async def repeat(interaction, message: discord.Message):
            await interaction.response.defer(ephemeral=True)
            await interaction.edit_original_response(content=message.content)

        @self.tree.error
        async def on_error(interaction, error):
            self.errors.append(error)

    async def setup_hook(self):
        await self.tree.sync()

    async def on_ready(self):
        self.ready.set()

    async def on_message(self, message):
        if self.user in message.mentions:
            sent = await message.reply("hello", allowed_mentions=discord.AllowedMentions.none())
            await sent.edit(content="hello again")
            await sent.add_reaction("🛑")
            thread = await sent.create_thread(name="talk")
            await thread.send("inside")


class Stop(discord.ui.View):
    @discord.ui.button(label="Stop", custom_id="stop")
    async def stop_it(self, interaction, _):
        await interaction.response.edit_message(content="stopped", view=None)


@pytest.fixture
async def server():
    """A server by real time: discord.py waits for windows to end."""
    async with ChatServer() as server:
        yield server


@asynccontextmanager
async def running(server, monkeypatch, intents=INTENTS):
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    bot = Bot(intents)
    async with bot, asyncio.timeout(20):
        task = asyncio.create_task(bot.start(server.world.bot.token))
        ready = asyncio.create_task(bot.ready.wait())
        await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
        assert ready.done(), task.exception()
        yield bot
        await bot.close()
        await task
    assert bot.errors == []


@pytest.fixture
async def bot(server, monkeypatch):
    async with running(server, monkeypatch) as bot:
        yield bot


@pytest.fixture
async def ann(server):
    async with Member(server.api_url, server.gateway_url, server.world.ann.token) as ann:
        yield ann


async def test_a_command_is_answered_edited_followed_up_and_stopped(bot, server, ann):
    general = ann.channel("general")
    await ann.command(general, "ask", prompt="hi")
    answer = await ann.until(lambda m: m["content"] == "small: hi")
    await ann.until(lambda m: m["content"] == "more")
    await ann.click(answer, "stop")
    stopped = await ann.until(lambda m: m["content"] == "stopped")
    assert (stopped["id"], stopped["components"], stopped["flags"]) == (answer["id"], [], 4)
    assert (server.record.identify_count, server.record.count(status=429)) == (1, 0)
    assert {entry.status for entry in server.record} <= {200, 201, 204}


async def test_a_private_answer_an_autocomplete_and_a_context_menu(bot, server, ann):
    general = ann.channel("general")
    assert await ann.autocomplete(general, "ask", focused="model", model="sm", prompt="") == [
        {"name": "small", "value": "small"}
    ]
    await ann.command(general, "ask", prompt="hi", private=True)
    assert (await ann.until(lambda m: m["content"] == "small: hi"))["flags"] & 64
    said = await ann.say(general, "what I said")
    await ann.context(general, "Repeat", int(said["id"]))
    await ann.until(lambda m: m["content"] == "what I said" and m["flags"] & 64)


async def test_a_mention_is_replied_to_edited_reacted_to_and_gets_a_thread(bot, server, ann):
    await ann.say(ann.channel("general"), f"<@{server.world.bot.id}> hi")
    inside = await ann.until(lambda m: m["content"] == "inside")
    assert int(inside["channel_id"]) == ann.channel("talk")
    replied = await ann.until(lambda m: m["content"] == "hello again" and "thread" in m)
    assert replied["referenced_message"]["author"]["username"] == "ann"
    assert "🛑" in server.world.general.messages[int(replied["id"])].reactions


async def test_it_resumes_after_a_lost_connection(bot, server, ann):
    server.gateway.close(4000)
    await ann.command(ann.channel("general"), "ask", prompt="meanwhile")
    await ann.until(lambda m: m["content"] == "small: meanwhile", timeout=15)
    assert [one.resumed for one in server.record.identifies if one.user == server.world.bot.id] == [False, True]


async def test_it_learns_who_types_of_whom_it_knew_nothing(server, monkeypatch, as_user):
    async with running(server, monkeypatch, INTENTS | discord.Intents.guild_typing.flag) as bot:
        general = bot.get_channel(server.world.general.id)
        ann = server.world.ann
        assert general.guild.get_member(ann.id) is None
        typed = f"/channels/{general.id}/typing"
        (channel, user, _), _ = await asyncio.gather(bot.wait_for("typing", timeout=5), as_user(ann)("POST", typed))
    assert (channel, user.id, user.name) == (general, ann.id, ann.name)
    assert [role.name for role in user.roles] == ["@everyone"]
