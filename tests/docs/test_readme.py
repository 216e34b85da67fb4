"""
Every command in README.md is run here, or what stands for it: Discord and Ollama are those of the playground.

A line of a `sh` block without an entry in COMMANDS is an error, and so is an entry without a line.
"""

import asyncio
import os
import re
import signal
import urllib.request

import pytest
from ruamel.yaml import YAML

from bot.settings import Settings, example
from playground.chat import ChatServer
from playground.llm.script import say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.docs.clone import ROOT, Clone, line_with
from tests.end_to_end.process import addresses

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(text):
    """Give the commands of all `sh` blocks, in order, without what is said about them."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    lines = (re.sub(r"\s+#\s.*", "", line).strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


@pytest.fixture
async def world():
    """What a bot needs in its environment to find the playground's Discord and a model that says one sentence."""
    stage = Stage(director=lambda ask: [say("The sky is blue.")])
    async with ChatServer() as chat, LlmServer(stage.respond) as llm:
        yield chat, addresses(chat, llm)


async def shows_a_page(command, clone, world):
    """With prepared words in the place of a model, and no browser."""
    async with clone.started(f"{command} --scripted --no-browser") as play:
        url = re.search(r"http://\S+", await line_with(play, "http://127.0.0.1"))[0]
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
        assert b"<html" in page
        os.killpg(play.pid, signal.SIGTERM)
        async with asyncio.timeout(20):
            await play.communicate()


async def answers_once(command, clone, world):
    """With prepared words in the place of a model."""
    status, said = await clone.run(f"{command} --scripted")
    assert status == 0, said
    assert "the answer" in said


async def chats_in_the_terminal(command, clone, world):
    """With prepared words in the place of a model, and a pipe in the place of somebody who types."""
    status, said = await clone.run(f"(echo '/ask Why?'; cat) | {command} --scripted")
    assert status == 0, said
    assert "You are ann" in said
    assert "tokens/s" in said


async def pulls_the_usual_model(command, clone, world):
    """There is no Ollama; but the name has to be that of the model that answers if nothing is set."""
    assert command == f"ollama pull {Settings.model_fields['ollama_model'].default}"


async def says_what_it_would_ask(command, clone, world):
    """Without a terminal; tests/end_to_end/test_init.py is the conversation in one."""
    status, said = await clone.run(command)
    assert status == 78
    assert "DISCORD_TOKEN" in said
    assert "Traceback" not in said


async def runs_until_told_to_end(command, clone, world):
    """The signal goes to the script's own process, and so has to reach the bot."""
    chat, settings = world
    async with clone.started(f"exec {command}", **settings) as bot, asyncio.timeout(30):
        await chat.record.until_identified()
        bot.send_signal(signal.SIGTERM)
        said, _ = await bot.communicate()
    assert bot.returncode == 0, said.decode()
    assert (clone.folder / "data" / "patter.db").exists()


async def prints_what_the_model_says(command, clone, world):
    _, settings = world
    assert await clone.run(command, **settings) == (0, "The sky is blue.\n")


async def says_how_all_is(command, clone, world):
    _, settings = world
    status, said = await clone.run(command, **settings)
    assert status in {0, 1}, said
    assert re.search(r"ok +token ", said), said
    assert re.search(r"ok +ollama ", said), said


async def makes_an_env_file(command, clone, world):
    status, said = await clone.run(command)
    assert status == 0, said
    assert (clone.folder / ".env").read_text(encoding="utf-8") == example()


async def starts_the_containers(command, clone, world):
    """There may be no engine; tests/deploy looks at the file that this reads, and at the image that it builds."""
    services = YAML(typ="safe").load((clone.folder / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["bot"]["build"] == "."
    assert services["bot"]["env_file"] == ".env"


async def is_run_by_ci(command, clone, world):
    """In CI this very test is part of it."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert command in [line.partition(" || ")[0] for line in lines]


async def tells_its_options(command, clone, world):
    """What it makes takes a browser and a while."""
    status, said = await clone.run(f"{command} --help")
    assert status == 0, said


COMMANDS = {
    "scripts/play": shows_a_page,
    'scripts/play --ask "Give three tips for learning a language."': answers_once,
    "scripts/play --console": chats_in_the_terminal,
    "scripts/play --reload": shows_a_page,
    "ollama pull llama3.2": pulls_the_usual_model,
    "scripts/patter init": says_what_it_would_ask,
    "scripts/patter": runs_until_told_to_end,
    'scripts/patter generate "Why is the sky blue?"': prints_what_the_model_says,
    "scripts/patter doctor": says_how_all_is,
    "cp .env.example .env": makes_an_env_file,
    "docker compose up --detach": starts_the_containers,
    "scripts/test": is_run_by_ci,
    "scripts/lint": is_run_by_ci,
    "scripts/screenshot": tells_its_options,
}


def test_each_command_of_the_readme_has_its_test_and_each_test_its_command():
    assert sorted(set(commands(README))) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_command_does_what_the_readme_says(command, clone, world):
    await COMMANDS[command](command, clone, world)
