"""compose.yaml: what it promises is what the bot needs. There may be no engine here to try it on."""

import os
import re
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from bot.composition import CLOSE_S, GRACE_S
from bot.settings import Settings, load
from tests.deploy import dockerfile
from tests.deploy.dockerfile import ROOT

FILE = ROOT / "compose.yaml"
TEXT = FILE.read_text(encoding="utf-8")
COMPOSE = YAML(typ="safe").load(TEXT)
BOT, JOB, OLLAMA = (COMPOSE["services"][name] for name in ("bot", "model", "ollama"))


def given(value, **environment):
    """Put in what compose would, of `${NAME:-default}` and `$$`."""
    filled = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: environment.get(found[1]) or found[2], str(value))
    return filled.replace("$$", "$")


def test_it_is_what_the_specification_of_compose_files_allows():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_bot_waits_for_the_model_and_the_model_for_a_server_that_answers():
    assert BOT["depends_on"] == {"model": {"condition": "service_completed_successfully"}}
    assert JOB["depends_on"] == {"ollama": {"condition": "service_healthy"}}
    assert OLLAMA["healthcheck"]["test"][0] == "CMD"
    assert JOB["restart"] == "no"


def test_the_bot_can_write_its_volume_and_nothing_else():
    assert BOT["read_only"]
    assert BOT["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in BOT["security_opt"]
    assert BOT["volumes"] == [f"memory:{dockerfile.last('VOLUME').text}"]


def test_what_is_to_be_kept_lies_in_named_volumes():
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"]) == {"memory", "models"}


def test_nothing_has_a_fixed_address_and_nothing_is_open_to_the_outside():
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", TEXT)
    assert not any(
        {"ports", "network_mode", "container_name"} & set(service) for service in COMPOSE["services"].values()
    )


def test_the_bot_has_time_to_end_its_answers():
    assert int(BOT["stop_grace_period"].removesuffix("s")) > GRACE_S + 2 * CLOSE_S


@pytest.mark.parametrize("environment", [{}, {"OLLAMA_MODEL": "smol", "MAX_RUNNING": "2"}])
def test_all_three_agree_on_the_model_and_on_how_many_answers_there_are(environment):
    of_bot, of_job, of_ollama = (
        {name: given(value, **environment) for name, value in one["environment"].items()} for one in (BOT, JOB, OLLAMA)
    )
    settings = load(None, discord_token="x", **{name.lower(): value for name, value in of_bot.items()})
    usual = Settings.model_fields
    assert settings.ollama_model == environment.get("OLLAMA_MODEL", usual["ollama_model"].default)
    assert settings.max_running == int(environment.get("MAX_RUNNING", usual["max_running"].default))
    assert of_job["OLLAMA_MODEL"] == settings.ollama_model
    assert of_job["OLLAMA_HOST"] == settings.ollama_url == "http://ollama:11434"
    assert of_ollama["OLLAMA_NUM_PARALLEL"] == str(settings.max_running)
    assert JOB["image"] == OLLAMA["image"]


def test_every_setting_that_it_gives_the_bot_is_one():
    assert {name.lower() for name in BOT["environment"]} <= set(Settings.model_fields)


@pytest.mark.parametrize(
    ("is_there", "pull_status", "status", "asked"),
    [
        (True, 0, 0, ["show a/b:1"]),
        (False, 0, 0, ["show a/b:1", "pull a/b:1"]),
        (False, 1, 1, ["show a/b:1", "pull a/b:1"]),
    ],
    ids=["there", "pulled", "not to be had"],
)
def test_the_job_pulls_what_is_not_there_and_fails_if_it_cannot(tmp_path, is_there, pull_status, status, asked):
    ollama = tmp_path / "ollama"
    ollama.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n'
        f"case $1 in show) exit {int(not is_there)} ;; pull) exit {pull_status} ;; esac\n"
    )
    ollama.chmod(0o755)
    command = [given(word) for word in JOB["entrypoint"]]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "OLLAMA_MODEL": "a/b:1"}
    assert subprocess.run(command, env=environment, check=False).returncode == status
    assert (tmp_path / "asked").read_text().splitlines() == asked
