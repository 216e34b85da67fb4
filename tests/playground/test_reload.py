"""The bot again after a change of its code."""

import asyncio
import sys

import pytest

from playground.bot_process import BotProcess
from playground.reload import Code, keep_reloaded


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bot" / "core").mkdir(parents=True)
    (tmp_path / "bot" / "core" / "run.py").write_text("one")
    return tmp_path / "bot"


@pytest.fixture
def next_change(folder):
    code = Code([folder], every_s=0.02)
    return lambda: asyncio.wait_for(code.change(), 5)


async def test_a_file_that_is_written_made_or_deleted_is_a_change(folder, next_change):
    run, new = folder / "core" / "run.py", folder / "new.py"
    run.write_text("two words")
    assert await next_change() == run
    new.write_text("new")
    assert await next_change() == new
    new.unlink()
    assert await next_change() == new


async def test_other_files_are_none(folder, next_change):
    (folder / "notes.txt").write_text("x")
    (folder / "core" / "run.pyc").write_text("x")
    waiting = asyncio.create_task(next_change())
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    (folder / "core" / "run.py").write_text("the first change that counts")
    assert await waiting == folder / "core" / "run.py"


async def test_the_bot_is_restarted_and_that_is_said(folder):
    said = asyncio.Queue()
    async with BotProcess(dict, sys.executable, "-c", "import time; time.sleep(60)") as bot:
        before = bot.pid
        keeping = asyncio.create_task(keep_reloaded(bot, said.put_nowait, folder.parent))
        await asyncio.sleep(0)  # it has looked
        (folder / "core" / "run.py").write_text("two words")
        assert await asyncio.wait_for(said.get(), 5) == "bot/core/run.py changed: starting the bot anew."
        async with asyncio.timeout(5):
            await bot._until_replaced(bot._process)
        keeping.cancel()
        await asyncio.wait([keeping])
        assert bot.pid != before
