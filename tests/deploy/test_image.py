"""The image: what its recipe says, and what comes of its steps in a folder, for there may be no container engine."""

import asyncio
import platform
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.composition import CLOSE_S, GRACE_S
from bot.settings import load
from tests.deploy import dockerfile
from tests.deploy.dockerfile import ROOT
from tests.deploy.image import Image, interpreter

HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the linter's wheel is for Linux on x86-64"
)
def test_the_linter_for_dockerfiles_has_nothing_to_say():
    told = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_build_sees_what_it_copies_and_nothing_else():
    assert dockerfile.copied() == dockerfile.allowed()
    assert all((ROOT / name).exists() for name in dockerfile.allowed())


def test_no_secret_can_get_into_a_layer():
    assert not any(word in name for name in dockerfile.allowed() for word in (".env", "data", ".git"))
    assert not [one for one in dockerfile.of_repository() if one.name in {"ARG", "ADD"}]
    secrets = {"DISCORD_TOKEN", "OLLAMA_API_KEY"}
    assert not secrets & set(dockerfile.environment())


def test_it_runs_as_a_numbered_user_who_is_not_root():
    """A number, so that an engine can tell that it is not root without looking into the image."""
    uid, _, gid = dockerfile.last("USER").text.partition(":")
    assert int(uid) > 0
    assert int(gid) > 0
    names = [one.name for one in dockerfile.of_repository()]
    assert "RUN" not in names[names.index("USER") :]


@pytest.mark.parametrize("name", ["ENTRYPOINT", "CMD"])
def test_no_shell_stands_between_the_engine_and_the_bot(name):
    assert dockerfile.last(name).words


def test_the_health_check_needs_no_shell_either():
    words = dockerfile.instructions("\n".join([re.sub("^.* CMD ", "CMD ", dockerfile.last("HEALTHCHECK").text)]))
    assert words[0].words[0] == "python"


def test_what_the_recipe_says_of_the_time_to_end_is_so():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "within 11 seconds" in text
    assert GRACE_S + 2 * CLOSE_S <= 11


def test_the_settings_in_the_image_are_good_settings():
    values = {name.lower(): value for name, value in dockerfile.environment().items()}
    settings = load(None, discord_token="x", **{n: values[n] for n in ("database_url", "health_port")})
    assert settings.database_url.endswith("////data/patter.db")
    assert settings.health_port == 8080
    assert dockerfile.last("VOLUME").text == "/data"


# What comes of its steps

BUILD_S = 300
"""Some forty packages are unpacked; that is 16 s of CPU, and as long as it takes to fetch them the first time."""


@pytest.fixture(autouse=True)
def _bounded():
    """In the place of the usual bound for a test, which is too short here; the test below has its own."""


async def test_its_steps_make_a_bot_that_runs_is_healthy_writes_only_its_data_and_ends_when_told(tmp_path, world):
    image = Image(tmp_path)
    version = re.search(r"python:([\d.]+)-slim", dockerfile.last("FROM").text)[1]
    async with asyncio.timeout(BUILD_S):
        await image.build(interpreter(version))
    assert len(image.skipped) == 1

    before, port = image.files(), free_port()
    environment = image.environment() | {"HEALTH_PORT": str(port)}
    assert await check(image, environment) != 0
    command = dockerfile.last("ENTRYPOINT").words + dockerfile.last("CMD").words
    async with world.bot(*command, environment=environment, cwd=image.workdir) as bot, asyncio.timeout(60):
        assert await check(image, environment) == 0
        assert await said_by(image, environment, "patter", "--help") == 0
        bot.send_signal(signal.SIGTERM)
        said, _ = await bot.communicate()
        assert bot.returncode == 0, said.decode()
    assert await check(image, environment) != 0
    assert image.files() == before
    assert (image.root / "data" / "patter.db").stat().st_size > 0


async def check(image, environment):
    """Give the exit status of the health check."""
    words = re.sub("^.* CMD ", "CMD ", dockerfile.last("HEALTHCHECK").text)
    return await said_by(image, environment, *dockerfile.instructions(words)[0].words)


async def said_by(image, environment, *command):
    process = await asyncio.create_subprocess_exec(
        *command, cwd=image.workdir, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(20):
        return await process.wait()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
