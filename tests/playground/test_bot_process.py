"""The bot's process as the playground owns it, played by small programs."""

import asyncio
import os
import sys

import pytest

from playground.bot_process import BotDied, BotProcess

FOR_EVER = "import time; time.sleep(60)"


def bot(program, **settings):
    return BotProcess(lambda: settings, sys.executable, "-c", program)


async def test_a_bot_that_dies_is_told_with_its_last_lines():
    async with bot("print('DISCORD_TOKEN is missing'); raise SystemExit(78)") as process:
        with pytest.raises(BotDied, match=r"(?s)status 78.*DISCORD_TOKEN is missing"):
            await process.alive_while(asyncio.Event().wait())


async def test_what_is_done_while_the_bot_lives_gives_its_result():
    async with bot(FOR_EVER) as process:
        assert await process.alive_while(asyncio.sleep(0, "done")) == "done"


async def test_only_the_playgrounds_own_settings_reach_the_bot(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKEN=secret\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYSTEM_PROMPT", "be rude")
    program = "import os; print(os.environ.get('SYSTEM_PROMPT'), os.environ['DISCORD_TOKEN'], os.listdir('.'))"
    async with bot(program, DISCORD_TOKEN="ours") as process:
        with pytest.raises(BotDied, match=r"None ours \['bot.log'\]"):
            await process.alive_while(asyncio.Event().wait())


async def test_a_bot_that_ignores_sigterm_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr("playground.bot_process.END_S", 0.2)
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    ignoring = "import os, signal; signal.signal(15, signal.SIG_IGN); open(os.environ['READY'], 'w').close(); "
    async with bot(ignoring + FOR_EVER, READY=str(ready)) as process:
        await asyncio.to_thread(ready.read_text)
        pid = process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_nothing_is_left_of_the_bot():
    async with bot(FOR_EVER) as process:
        folder, pid = process.log.parent, process.pid
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
