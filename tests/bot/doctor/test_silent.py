"""`docs/silent.md` says how each cause looks in `patter doctor`. Here each is brought about, and the line is there."""

import re
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from bot.doctor.report import to_text
from playground.chat.faults import Fault, drop
from playground.chat.payloads import application_json
from playground.chat.permissions import EVERYONE, Permission
from playground.llm.script import hold

DOCS = Path(__file__).parents[3] / "docs/silent.md"
ROW = re.compile(r"^\| ([^|]+) \|(?: [^|]+ \|)? `((?:fail|warn)  [^`]+)` \|$", re.MULTILINE)


def _answers(ward, path, body, **headers):
    ward.chat.faults.plan(Fault("answer", status=200, body=body, headers=headers), "GET", path)


async def _wrong_setting(ward):
    ward.written["ollama_num_ctx"] = "much"


async def _wrong_token(ward):
    ward.written["discord_token"] = "stale"


async def _no_network(ward):
    ward.chat.faults.plan(drop(), times=None)


async def _not_invited(ward):
    ward.chat.world.leave(ward.chat.world.playground, ward.chat.world.bot)


async def _no_permission(ward):
    ward.chat.world.set_permissions(ward.chat.world.playground, None, EVERYONE & ~Permission.SEND_MESSAGES)


async def _endpoint(ward):
    application = application_json(ward.chat.world.application)
    _answers(ward, "/oauth2/applications/@me", application | {"interactions_endpoint_url": "https://example.org"})


async def _no_content(ward):
    ward.chat.world.application.flags = 0


async def _no_ollama(ward):
    await ward.llm.refuse()


async def _no_model(ward):
    ward.stage.models.clear()


async def _too_big(ward):
    ward.bounds["answer_s"] = 0.1
    ward.stage.play(hold())


async def _no_starts(ward):
    limit = {"total": 1000, "remaining": 0, "reset_after": 1000, "max_concurrency": 1}
    _answers(ward, "/gateway/bot", {"url": "", "shards": 1, "session_start_limit": limit})


async def _wrong_clock(ward):
    wrong = {"Date": formatdate(time.time() - 3600, usegmt=True)}
    ward.chat.faults.plan(Fault("answer", status=401, body={}, headers=wrong), times=None)


async def _wrong_guild(ward):
    ward.written["dev_guild"] = 12345


async def _mistyped(ward):
    ward.about["in_file"] = ["OLLAMA_MODLE"]


CAUSES = {
    "A setting is wrong or missing": _wrong_setting,
    "The token was reset or mistyped": _wrong_token,
    "This machine cannot reach Discord": _no_network,
    "Nobody has opened the invite link": _not_invited,
    "A permission is missing": _no_permission,
    "An Interactions Endpoint URL is set": _endpoint,
    "Message Content is not granted": _no_content,
    "Ollama does not run": _no_ollama,
    "The model was never pulled": _no_model,
    "The model is too big for the machine": _too_big,
    "The bot was started so often that Discord lets it in no more today": _no_starts,
    "This machine's clock is wrong": _wrong_clock,
    "`DEV_GUILD` names a server that the bot is not in, so no command is anywhere": _wrong_guild,
    "The name of a setting is mistyped, so it counts for nothing": _mistyped,
}


def documented():
    rows = DOCS.read_text(encoding="utf-8")
    return dict(ROW.findall(rows))


def test_every_row_is_brought_about():
    assert documented().keys() == CAUSES.keys()


@pytest.mark.parametrize("cause", CAUSES)
async def test_the_cause_looks_as_documented(ward, cause):
    line = documented()[cause]
    assert line not in to_text(await ward.examine()), "where all is well the line is not there"
    await CAUSES[cause](ward)
    assert any(one.startswith(line) for one in to_text(await ward.examine()).splitlines())
