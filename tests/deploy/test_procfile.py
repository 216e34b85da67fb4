"""The Procfile, run by honcho as a host would run it."""

import asyncio
import signal
import sys
from pathlib import Path

from tests.deploy.dockerfile import ROOT


def honcho(tmp_path):
    no_env_file = tmp_path / "empty"
    no_env_file.touch()
    return [sys.executable, "-m", "honcho", "--app-root", ROOT, "--env", no_env_file, "start", "worker"]


def surroundings(tmp_path):
    """`python` of the Procfile is the one that runs the tests; its memory is elsewhere than in the repository."""
    programs = Path(sys.executable).parent
    return {"PATH": f"{programs}:/usr/bin:/bin", "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/patter.db"}


async def test_at_sigterm_its_worker_ends_in_words_what_is_under_way(tmp_path, world):
    async with world.bot(*honcho(tmp_path), environment=surroundings(tmp_path)) as host, asyncio.timeout(20):
        await world.ann.command(world.ann.channel("general"), "ask", prompt="Why?")
        await world.ann.until(lambda message: "word" in message["content"])
        host.send_signal(signal.SIGTERM)
        said = (await host.communicate())[0].decode()
        await world.ann.until(lambda message: "interrupted by a restart" in message["content"])
    assert "stopping: 1 answers under way" in said
    assert "Traceback" not in said


async def test_without_settings_the_host_sees_status_78(tmp_path):
    host = await asyncio.create_subprocess_exec(
        *honcho(tmp_path), env=surroundings(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        said = (await host.communicate())[0].decode()
    assert "DISCORD_TOKEN is missing" in said
    assert host.returncode == 78
