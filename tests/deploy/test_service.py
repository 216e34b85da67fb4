"""The unit for systemd: what it promises is what the bot needs, and systemd has nothing to say against it."""

import re
import shutil
import subprocess
from collections import defaultdict

import pytest

from bot.__main__ import EX_CONFIG, parse
from bot.composition import CLOSE_S, GRACE_S
from tests.deploy.dockerfile import ROOT

FILE = ROOT / "deploy" / "patter.service"
MOST_EXPOSED = 15
"""In tenths, from 0 to 100: what is left is that it speaks to the network, as a bot has to."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def read():
    found = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found[name].append(value)
    return found


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


@needs_systemd
def test_systemd_understands_every_line(tmp_path):
    """Of a copy that starts a program that is here: else it says that there is none in /opt/patter."""
    copy = tmp_path / FILE.name
    copy.write_text(
        re.sub(r"^ExecStart=\S+", "ExecStart=/bin/sh", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    told = analyze("verify", "--man=no", str(copy))
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@needs_systemd
def test_systemd_finds_it_well_shut_in():
    told = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(FILE))
    assert told.returncode == 0, told.stdout[-2000:]


def test_it_is_started_again_except_when_only_a_person_can_help():
    unit = read()
    assert unit["Restart"] == ["on-failure"]
    assert unit["RestartPreventExitStatus"] == [str(EX_CONFIG)]


def test_the_bot_has_time_to_end_its_answers():
    assert int(read()["TimeoutStopSec"][0]) > GRACE_S + 2 * CLOSE_S


def test_it_starts_the_bot_with_a_command_that_there_is():
    _, *words = read()["ExecStart"][0].split()
    assert words[:2] == ["-m", "bot"]
    assert parse(words[2:]).command == "run"


def test_the_memory_lies_in_the_one_directory_that_may_be_written():
    unit = read()
    assert unit["ProtectSystem"] == ["strict"]
    (directory,) = unit["StateDirectory"]
    (url,) = [value for line in unit["Environment"] for value in line.split() if value.startswith("DATABASE_URL=")]
    assert url.endswith(f":////var/lib/{directory}/patter.db")


def test_no_secret_stands_in_the_unit():
    assert read()["EnvironmentFile"] == ["/etc/patter.env"]
    assert "TOKEN" not in "".join(read()["Environment"])
