"""Each thing that can be wrong, brought about in the playground, and the line that tells of it."""

import json
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from bot.core.findings import Level, is_well
from bot.doctor.report import to_json, to_text
from bot.store.migrating import HEAD
from bot.store.store import open_store
from playground.chat.faults import Fault, drop, hang, server_error, too_many_requests
from playground.chat.payloads import application_json
from playground.chat.permissions import EVERYONE, Permission
from playground.llm.models import Model
from playground.llm.script import error, hold, say, status

APPLICATION, GUILDS, LOGINS = "/oauth2/applications/@me", "/users/@me/guilds", "/gateway/bot"


async def fails(ward, check, text, fix):
    finding = await ward.finds(check)
    assert (finding.level, finding.check) == (Level.FAIL, check)
    assert text in finding.text
    assert fix in finding.fix


async def warns(ward, check, text, fix):
    finding = await ward.finds(check)
    assert finding.level is Level.WARN
    assert text in finding.text
    assert fix in finding.fix


async def test_where_all_is_well_every_line_says_so(ward):
    found = await ward.examine()
    assert {finding.level for finding in found} == {Level.OK}, to_text(found)
    assert [finding.check for finding in found] == [
        "settings", "token", "application", "intents", "servers", "permissions", "commands", "logins", "clock",
        "ollama", "model", "speed", "context", "database", "disk",
    ]  # fmt: skip
    assert json.loads(to_json(found))["ok"] is True


async def test_nothing_secret_is_in_a_diagnosis(ward):
    ward.written |= {"ollama_api_key": "hunter2", "system_prompt": "hunter3", "discord_token": "hunter4"}
    ward.written |= {"ollama_url": "http://me:hunter5@127.0.0.1:9", "ollama_num_ctx": "hunter6"}
    found = await ward.examine()
    said = to_text(found) + to_json(found)
    assert "hunter" not in said
    assert str(ward.folder) not in said


# Settings


async def test_a_wrong_setting_is_named_and_the_rest_is_examined_all_the_same(ward):
    ward.written["ollama_num_ctx"] = "much"
    await fails(ward, "settings", "OLLAMA_NUM_CTX is wrong", "256 or more")
    assert (await ward.finds("speed")).level is Level.OK


async def test_without_a_token_ollama_is_examined_all_the_same(ward):
    del ward.written["discord_token"]
    await fails(ward, "settings", "DISCORD_TOKEN is missing.", "Reset Token")
    assert (await ward.finds("ollama")).level is Level.OK


async def test_a_name_that_is_mistyped_in_the_file_brings_the_right_one(ward):
    ward.about["in_file"] = ["OLLAMA_MODLE", "COMPOSE_PROJECT_NAME"]
    await warns(ward, "settings", "OLLAMA_MODLE, in .env, is no setting", "Did you mean OLLAMA_MODEL?")


async def test_a_name_that_is_mistyped_in_the_environment_is_told_but_others_names_are_not(ward):
    ward.about["environment"] = ["DISCORD_TOKN", "PATH", "OLLAMA_MODELS", "OLLAMA_MODEL"]
    await warns(ward, "settings", "DISCORD_TOKN, in the environment", "Did you mean DISCORD_TOKEN?")


async def test_a_line_that_says_nothing_is_told_by_its_number(ward):
    ward.about["unreadable_lines"] = [3]
    await warns(ward, "settings", "Line 3 of .env cannot be understood.", "NAME=value")


# Discord


async def test_a_token_that_is_refused(ward):
    ward.written["discord_token"] = "stale"
    await fails(ward, "token", "Discord refuses the token", "Reset Token")


@pytest.mark.parametrize("fault", [drop(), hang()])
async def test_discord_that_does_not_answer(ward, fault):
    ward.bounds["discord_s"] = 0.5
    ward.chat.faults.plan(fault, times=None)
    found = await ward.finds("discord")
    assert found.level is Level.FAIL
    assert found.text in {"Discord cannot be reached.", "Nothing was heard within 0.5 s."}


async def test_discord_in_trouble(ward):
    ward.chat.faults.plan(server_error(502), "GET", APPLICATION)
    await fails(ward, "discord", "status 502", "discordstatus.com")


@pytest.mark.parametrize("route", [GUILDS, LOGINS, "/applications/{application}/commands"])
async def test_one_answer_that_fails_leaves_the_others(ward, route):
    ward.chat.faults.plan(too_many_requests(), "GET", route)
    await fails(ward, "discord", "status 429", "Try again")
    assert (await ward.finds("token")).level is Level.OK


def application_with(ward, **changed):
    answer = application_json(ward.chat.world.application) | changed
    ward.chat.faults.plan(Fault("answer", status=200, body=answer), "GET", APPLICATION)


async def test_an_endpoint_that_takes_the_commands_away(ward):
    application_with(ward, interactions_endpoint_url="https://example.org")
    await fails(ward, "application", "Interactions Endpoint URL is set", "Empty that field")


async def test_a_code_grant_that_keeps_the_bot_from_being_invited(ward):
    application_with(ward, bot_require_code_grant=True)
    await fails(ward, "application", "Code Grant is on", "Switch it off")


async def test_message_content_that_is_not_granted(ward):
    ward.chat.world.application.flags = 0
    await warns(ward, "intents", "Message Content is not granted", "Message Content Intent")


async def test_an_intent_that_is_granted_for_nothing(ward):
    ward.chat.world.application.flags = 1 << 19 | 1 << 15
    _, unused = [finding for finding in await ward.examine() if finding.check == "intents"]
    assert "never used: Server Members" in unused.text


async def test_a_bot_that_is_in_no_server_gets_its_invite_link(ward):
    world = ward.chat.world
    world.leave(world.playground, world.bot)
    await warns(ward, "servers", "in no server", f"client_id={world.application.id}&scope=bot+applications.commands")


async def test_what_is_missing_in_a_server_is_named_with_what_it_is_for(ward):
    world = ward.chat.world
    world.set_permissions(world.playground, None, EVERYONE & ~Permission.SEND_MESSAGES & ~Permission.ATTACH_FILES)
    found = await ward.finds("permissions")
    assert found.level is Level.FAIL
    assert '"Playground": Send Messages (to answer), Attach Files (to attach' in found.text


async def test_what_it_can_do_without_is_a_warning(ward):
    world = ward.chat.world
    world.set_permissions(world.playground, None, EVERYONE & ~Permission.CREATE_PUBLIC_THREADS)
    await warns(ward, "permissions", "Create Public Threads", "invite link")


async def test_of_many_servers_those_are_named_in_which_something_is_missing(ward):
    world = ward.chat.world
    for number in range(12):
        guild = world.add_guild(f"g{number}", world.owner)
        world.join(guild, world.bot)
        world.set_permissions(guild, None, EVERYONE if number else 0)
    well, lacking = [finding for finding in await ward.examine() if finding.check == "permissions"]
    assert "12 of them" in well.text
    assert '"g0"' in lacking.text


async def test_all_pages_of_servers_are_read(ward):
    world = ward.chat.world
    for number in range(250):
        world.join(world.add_guild(f"g{number}", world.owner), world.bot)
    assert "251 servers" in (await ward.finds("servers")).text


async def test_no_command_registered(ward):
    ward.chat.world.application.commands.clear()
    await warns(ward, "commands", "No command is registered", "Start the bot once")


async def test_a_dev_guild_that_the_bot_is_not_in(ward):
    ward.written["dev_guild"] = 12345
    await fails(ward, "commands", "DEV_GUILD", "Empty DEV_GUILD")


@pytest.mark.parametrize(("left", "level"), [(0, Level.FAIL), (50, Level.WARN)])
async def test_starts_that_are_used_up(ward, left, level):
    limit = {"total": 1000, "remaining": left, "reset_after": 7_200_000, "max_concurrency": 1}
    answer = Fault("answer", status=200, body={"url": "", "shards": 1, "session_start_limit": limit})
    ward.chat.faults.plan(answer, "GET", LOGINS)
    found = await ward.finds("logins")
    assert found.level is level
    assert "again and again" in found.fix


@pytest.mark.parametrize(("off_s", "level", "text"), [(-300, Level.FAIL, "ahead of"), (20, Level.WARN, "behind")])
async def test_a_clock_that_is_wrong(ward, off_s, level, text):
    wrong = Fault("answer", status=401, body={}, headers={"Date": formatdate(time.time() + off_s, usegmt=True)})
    ward.chat.faults.plan(wrong, times=None)
    found = await ward.finds("clock")
    assert found.level is level
    assert text in found.text
    assert "timedatectl" in found.fix


# Ollama


async def test_ollama_that_does_not_run(ward):
    await ward.llm.refuse()
    await fails(ward, "ollama", "cannot be reached", "ollama serve")


async def test_inside_a_container_localhost_is_explained(ward):
    await ward.llm.refuse()
    ward.about["in_container"] = True
    await fails(ward, "ollama", "cannot be reached", "OLLAMA_URL=http://host.docker.internal:11434")


async def test_something_else_where_ollama_should_be(ward):
    ward.written["ollama_url"] = ward.chat.api_url
    await fails(ward, "ollama", "not as Ollama does", "OLLAMA_URL")


async def test_a_proxy_that_asks_for_a_key(ward):
    ward.stage.instead["/api/version"] = [status(401, "{}")]
    await fails(ward, "ollama", "not as Ollama does", "OLLAMA_API_KEY")


async def test_a_model_that_is_not_installed(ward):
    ward.written["ollama_model"] = "big"
    await fails(
        ward, "model", "big is not installed", "ollama pull big, or set OLLAMA_MODEL to one that is there: smol"
    )


async def test_a_model_that_cannot_write(ward):
    ward.stage.models[:] = [Model("smol", capabilities=("embedding",))]
    await fails(ward, "model", "cannot write", "OLLAMA_MODEL")


async def test_a_model_that_breaks(ward):
    ward.stage.play(error("runner died"))
    await fails(ward, "speed", "no answer to a short question", "journalctl")


async def test_a_model_that_still_loads(ward):
    ward.bounds["answer_s"] = 0.1
    ward.stage.play(hold())
    await warns(ward, "speed", "no short answer within 0.1 s", "still be loading")


async def test_a_model_that_is_slower_than_one_reads(ward):
    ward.bounds["slow_tokens_per_s"] = 1000.0
    ward.stage.play(say("one two three", pace=0.02))
    await warns(ward, "speed", "tokens/s", "smaller model")


async def test_the_answer_is_asked_for_as_the_bot_asks_so_that_no_model_is_loaded_again(ward):
    ward.written["ollama_num_ctx"] = 4096
    await ward.examine()
    assert ward.stage.asks[0].body["options"] == {"num_predict": 16, "seed": 1, "num_ctx": 4096}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"ollama_num_ctx": 9000}, "made for 8192"),
        ({"ollama_num_ctx": 8000}, "loaded with 4096"),
        ({"answer_max_tokens": 3000}, "little is left"),
    ],
)
async def test_a_context_that_does_not_fit(ward, written, text):
    ward.written |= written
    await warns(ward, "context", text, "OLLAMA_NUM_CTX" if "loaded" not in text else "loads the model again")


async def test_a_proxy_that_keeps_the_context_to_itself(ward):
    ward.stage.instead["/api/show"] = [status(403, "{}")]
    await warns(ward, "context", "does not tell", "proxy")


# This machine


async def test_a_database_that_is_there_is_written_to_and_left_as_it_was(ward):
    (ward.folder / "data").mkdir()
    async with open_store(ward.written["database_url"]):
        pass
    before = (ward.folder / "data/patter.db").read_bytes()
    assert (await ward.finds("database")).text == "It can be written and is of this version."
    assert (ward.folder / "data/patter.db").read_bytes() == before


async def test_a_database_that_is_not_there_is_not_made(ward):
    assert "the first start makes it" in (await ward.finds("database")).text
    assert list(ward.folder.iterdir()) == []


async def test_an_empty_database_waits_for_the_next_start(ward):
    ward.written["database_url"] = f"sqlite+aiosqlite:///{ward.folder}/empty.db"
    (ward.folder / "empty.db").touch()
    assert "the next start brings it" in (await ward.finds("database")).text


async def make_database(ward, *statements):
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - as the store does

    (ward.folder / "data").mkdir()
    engine = create_async_engine(ward.written["database_url"])
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


async def test_a_database_of_a_newer_version(ward):
    later = f"INSERT INTO alembic_version VALUES ('{HEAD}9')"
    await make_database(ward, "CREATE TABLE alembic_version (version_num TEXT)", later)
    await fails(ward, "database", "newer version", "DATABASE_URL")


async def test_a_database_that_may_only_be_read(ward):
    await make_database(ward, "CREATE TABLE x (x)")
    ward.written["database_url"] = f"sqlite+aiosqlite:///file:{ward.folder}/data/patter.db?mode=ro&uri=true"
    await fails(ward, "database", "may not write", "DATABASE_URL")


async def test_a_file_that_is_no_database(ward):
    (ward.folder / "data").mkdir()
    (ward.folder / "data/patter.db").write_text("Dear diary, " * 100)
    await fails(ward, "database", "damaged", "DATABASE_URL")


async def test_a_place_where_no_file_can_be(ward):
    (ward.folder / "data").write_text("a file")
    await fails(ward, "database", "may not write", "DATABASE_URL")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no file system here that refuses all")
async def test_a_place_that_refuses_even_root(ward):
    ward.written["database_url"] = "sqlite+aiosqlite:////proc/nowhere/patter.db"
    await fails(ward, "database", "may not write", "DATABASE_URL")


async def test_an_address_that_is_none(ward):
    ward.written["database_url"] = "nosuch+driver://x"
    await fails(ward, "database", "address of my memory is wrong", "DATABASE_URL")


@pytest.mark.parametrize(("least", "level"), [(1 << 62, Level.FAIL), (1, Level.WARN)])
async def test_a_disk_that_is_full(ward, least, level):
    ward.bounds |= {"disk_fail_bytes": least, "disk_warn_bytes": 1 << 62}
    found = await ward.finds("disk")
    assert found.level is level
    assert "RETENTION_DAYS" in found.fix


# The whole


async def test_a_check_that_hangs_is_cut_off_and_the_others_tell(ward):
    ward.bounds["discord_s"] = 0.2
    ward.chat.faults.plan(hang(), "GET", GUILDS)
    await fails(ward, "discord", "Nothing was heard within 0.2 s", "Try again")
    assert (await ward.finds("database")).level is Level.OK


async def test_a_server_cannot_steer_the_terminal_by_its_name(ward):
    world = ward.chat.world
    world.playground.name = "\x1b[2Jevil\n"
    world.set_permissions(world.playground, None, 0)
    assert "\x1b" not in to_text(await ward.examine())


async def test_one_failure_makes_the_whole_ill_and_a_warning_does_not(ward):
    ward.chat.world.application.flags = 0
    assert is_well(await ward.examine())
    await ward.llm.refuse()
    assert not is_well(await ward.examine())
