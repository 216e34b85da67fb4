"""`patter doctor` as a process, `/doctor` in Discord, and the line on start."""

import asyncio
import json
from contextlib import asynccontextmanager

from playground.chat import ChatServer, Member
from playground.chat.permissions import EVERYONE, Permission
from playground.llm.script import say
from playground.llm.server import LlmServer
from playground.llm.stage import Stage
from tests.end_to_end.process import addresses, patter
from tests.end_to_end.scene import scene, town

ONLY_THE_OWNER = "Only the owner of this bot may ask that."


@asynccontextmanager
async def world():
    stage = Stage(director=lambda _: [say("one two three")])
    async with ChatServer() as chat, LlmServer(stage.respond) as llm:
        yield chat, llm


async def examined(*arguments, folder, **environment):
    async with patter("doctor", *arguments, folder=folder, **environment) as process, asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_warnings_leave_the_status_at_0(tmp_path):
    async with world() as (chat, llm):
        told = await examined(folder=tmp_path, **addresses(chat, llm))
        status, out, err = told
        assert (status, err) == (0, "")
        assert "ok    token        Discord knows the bot as patter." in out
        assert "warn  commands     No command is registered" in out
        assert "\x1b" not in out, "there are no colours where there is no terminal"
        assert chat.world.bot.token not in out
        assert list(tmp_path.iterdir()) == [], "nothing is made"


async def test_a_failure_is_status_1_and_json_says_the_same(tmp_path):
    async with world() as (chat, llm):
        (tmp_path / ".env").write_text("OLLAMA_MODLE=smol\nwhat is this\n")
        settings = addresses(chat, llm) | {"OLLAMA_MODEL": "big"}
        status, out, _ = await examined("--json", folder=tmp_path, **settings)
        assert status == 1
        told = json.loads(out)
        assert told["ok"] is False
        assert "Line 2 of .env cannot be understood." in out
        found = {finding["check"]: finding for finding in told["findings"]}
        assert found["model"] | {"fix": ""} == {
            "check": "model",
            "level": "fail",
            "text": "The model big is not installed.",
            "fix": "",
        }
        assert found["settings"]["fix"] == "Did you mean OLLAMA_MODEL?"


async def test_without_any_settings_it_says_so_and_looks_at_the_rest(tmp_path):
    status, out, err = await examined(folder=tmp_path, OLLAMA_URL="http://127.0.0.1:9")
    assert (status, err) == (1, "")
    assert "fail  settings     DISCORD_TOKEN is missing." in out
    assert "fail  ollama       Ollama cannot be reached where OLLAMA_URL says." in out
    assert "ok    database" in out


async def test_an_env_that_cannot_be_read_is_a_sentence_and_78(tmp_path):
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")
    status, _, err = await examined(folder=tmp_path)
    assert status == 78
    assert "cannot be read" in err
    assert "Traceback" not in err


async def diagnosis(play, person):
    await person.command(play.channel, "doctor")
    told = await person.until(lambda one: one["flags"] & 64 and one["content"])
    return told["content"]


@asynccontextmanager
async def owner_of(play):
    world = play.chat.world
    async with Member(play.chat.api_url, play.chat.gateway_url, world.owner.token) as owner:
        yield owner


async def test_the_owner_sees_what_is_missing_first():
    async with scene() as play, owner_of(play) as owner:
        world = play.chat.world
        world.set_permissions(world.playground, None, EVERYONE & ~Permission.ATTACH_FILES)
        await play.llm.refuse()
        lines = (await diagnosis(play, owner)).splitlines()
        assert lines[0] == "❌ The model's server does not answer."
        assert "⚠️ Missing in this channel: Attach Files (to attach an answer that is too long for messages)." in lines
        assert any(line.startswith("⚠️ Missing in **Playground**: Attach Files") for line in lines)
        assert any(line.startswith("⚠️ Message Content is not granted") for line in lines)
        assert "patter doctor" in lines[-1]
        assert play.chat.world.bot.token not in "".join(lines)


async def test_all_is_well_with_the_model_that_is_set():
    async with scene() as play, owner_of(play) as owner:
        told = await diagnosis(play, owner)
        assert "✅ The model's server answers; `smol` is installed." in told
        assert "✅ All that is needed is granted in this channel." in told
        assert "❌" not in told


async def test_a_model_that_is_not_installed_is_told():
    async with scene(ollama_model="big") as play, owner_of(play) as owner:
        assert "ollama pull big" in await diagnosis(play, owner)


async def test_nobody_else_sees_it():
    async with scene() as play:
        world = play.chat.world
        admins = world.add_role(world.playground, "admins", Permission.ADMINISTRATOR)
        world.set_roles(world.playground, world.bob, admins)
        async with Member(play.chat.api_url, play.chat.gateway_url, world.bob.token) as bob:
            assert await diagnosis(play, bob) == ONLY_THE_OWNER


async def test_a_start_says_who_where_with_which_model_and_how_to_invite_it(caplog):
    caplog.set_level("INFO")
    async with town() as play, play.at_work():
        (line,) = [record.message for record in caplog.records if "is on Discord" in record.message]
        assert line.startswith("patter is on Discord, in 1 server; smol answers. To bring it to a server: https://")
        assert f"client_id={play.chat.world.application.id}&" in line
