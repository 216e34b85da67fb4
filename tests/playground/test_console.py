"""The console over the real chat server, where a few lines play the bot."""

import asyncio
import io
from contextlib import AsyncExitStack

import aiohttp
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from playground.chat.member import Member
from playground.chat.server import ChatServer
from playground.console import Console
from playground.lines import Become, Click, React, Say, Use
from playground.plain_console import converse_in_lines
from playground.seat import Seat
from tests.playground.chat.callers import ASK, STOP, Caller, Socket


@pytest.fixture
async def chat():
    async with ChatServer() as server:
        yield server


@pytest.fixture
async def seat(chat):
    async with AsyncExitStack() as stack:
        people = {
            user.name: await stack.enter_async_context(Member(chat.api_url, chat.gateway_url, user.token))
            for user in (chat.world.ann, chat.world.bob)
        }
        yield Seat(people, chat.world.general.id)


@pytest.fixture
async def bot(chat):
    """A bot that answers /ask with the question and a Stop button; a click takes the button away."""
    token = chat.world.bot.token
    async with aiohttp.ClientSession() as http, http.ws_connect(chat.gateway_url) as ws:
        call, socket = Caller(http, chat.api_url, f"Bot {token}"), Socket(ws)
        await call("PUT", f"/applications/{chat.world.bot.id}/commands", [ASK])
        await socket.identify(token)
        serving = asyncio.create_task(serve(call, socket))
        yield
        serving.cancel()
        await asyncio.wait([serving])


async def serve(call, socket):
    while True:
        asked = await socket.event("INTERACTION_CREATE")
        path = f"/interactions/{asked['id']}/{asked['token']}/callback"
        if asked["type"] == 2:
            question = asked["data"]["options"][0]["value"]
            await call("POST", path, {"type": 4, "data": {"content": f"> {question}", "components": STOP}})
        else:
            await call("POST", path, {"type": 7, "data": {"content": "stopped", "components": []}})


async def test_what_is_said_is_in_the_channel(seat):
    assert await seat.perform(Say("hello")) == ""
    found = await seat.member.until(lambda message: message["content"] == "hello")
    assert found["author"]["username"] == "ann"


async def test_a_command_is_answered_and_its_button_can_be_pressed(seat, bot):
    assert await seat.perform(Use("ask", {"prompt": "Why?"})) == ""
    assert [message["content"] for message in seat.messages] == ["> Why?"]
    assert seat.is_busy
    assert await seat.perform(Click("sToP")) == ""
    assert [message["content"] for message in seat.messages] == ["stopped"]
    assert not seat.is_busy


async def test_what_cannot_be_done_is_a_sentence(seat, bot):
    assert await seat.perform(Use("dance")) == "There is no command /dance. Type /help to see what there is."
    assert await seat.perform(Click("Stop")) == "There is no button 'Stop'."
    assert await seat.perform(React("🛑")) == "There is no message yet."
    assert await seat.perform(Become("eve")) == "There is no 'eve'. Be one of ann, bob."
    assert (await seat.perform(Use("ask", {"prompt": "x" * 6001}))).startswith("Refused: ")


async def test_one_can_be_somebody_else(seat, chat):
    assert await seat.perform(Become("bob")) == "You are bob now."
    await seat.perform(Say("hello"))
    found = await seat.member.until(lambda message: message["content"] == "hello")
    assert found["author"]["username"] == "bob"


async def test_a_reaction_goes_to_the_newest_message(seat, chat):
    await seat.perform(Say("old"))
    await seat.perform(Say("new"))
    await seat.member.until(lambda message: message["content"] == "new")
    assert await seat.perform(React("🛑")) == "ann reacted with 🛑."
    old, new = chat.world.general.messages.values()
    assert (list(old.reactions), list(new.reactions)) == ([], ["🛑"])


async def test_lines_from_a_pipe_are_done_and_what_comes_of_them_is_printed(seat, bot):
    printed = []
    typed = io.StringIO("/ask Why?\n/click Stop\n/nonsense here\n")
    await converse_in_lines(seat, printed.append, typed)
    text = "\n".join(printed)
    assert "> Why?\n[Stop]" in text
    assert "edit 1" in text
    assert "stopped" in text
    assert "NAME:VALUE" in text


async def test_the_end_of_a_pipe_waits_for_what_is_being_written(seat, bot, chat):
    printed = []
    talk = asyncio.create_task(converse_in_lines(seat, printed.append, io.StringIO("/ask Why?\n")))
    await seat.member.until(lambda message: bool(message["components"]))
    assert not talk.done()
    assert await seat.perform(Click("Stop")) == ""
    await talk


async def test_quit_leaves_at_once_whatever_is_being_written(seat, bot):
    await converse_in_lines(seat, lambda _: None, io.StringIO("/ask Why?\n/quit\n/ask Never?\n"))
    assert seat.is_busy


@pytest.mark.parametrize("keys", ["/quit\r", "\x03", "\x04"])
async def test_the_console_is_left_by_word_and_by_key(seat, keys):
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        console = Console(seat)
        typed.send_text(keys)
        await console.run()


async def test_a_line_typed_into_the_console_is_done(seat):
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        console = asyncio.create_task(Console(seat).run())
        typed.send_text("hello\r")
        await seat.member.until(lambda message: message["content"] == "hello")
        typed.send_text("/quit\r")
        await console
