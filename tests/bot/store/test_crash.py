"""The process is killed while it writes."""

import asyncio
import shutil
import signal
import sqlite3
import sys

from bot.store.store import open_store
from tests.bot.store.material import url_of

WRITER = """
import asyncio, itertools, sys
from bot.core.memory import JournalEntry, Place, Speaker, StoredTurn
from bot.store.store import open_store

async def main():
    async with open_store(sys.argv[1]) as store:
        async def write(writer):
            for number in itertools.count():
                name = f"{writer}-{number}"
                await store.journal.begin(JournalEntry(name, Place(1), Speaker(2, "x"), False, "m", 0.0))
                question = StoredTurn(writer << 32 | number * 2 + 2, None, "user", name, Place(1), Speaker(2, "x"))
                answer = StoredTurn(question.id + 1, question.id, "assistant", name, Place(1), Speaker(2, "x"))
                await store.conversations.add(question, answer, shown_by={question.id: [question.id]})
                print(name, question.id, flush=True)
        await asyncio.gather(*map(write, range(1, 9)))

asyncio.run(main())
"""


async def test_what_was_written_outlives_a_kill(migrated, tmp_path):
    path = shutil.copy(migrated, tmp_path / "patter.db")
    for round_ in range(3):
        written = await _write_and_be_killed(url_of(path), 40 + 15 * round_)
        assert len(written) >= 40
        async with open_store(url_of(path)) as store:
            begun = {found.run_id for found in await store.journal.unfinished()}
            assert begun >= written.keys()
            for name, turn_id in written.items():
                assert [turn.text for turn in await store.conversations.path(turn_id + 1)] == [name, name]
                assert (await store.conversations.showing(turn_id)).id == turn_id
            await asyncio.gather(*map(store.journal.end, begun))
            await store.conversations.forget(2, 0)
        _check_integrity(path)


async def _write_and_be_killed(url, least):
    """Return what a child process said that it has written, before it was killed in the midst of more."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, stdout=asyncio.subprocess.PIPE)
    try:
        lines = [await asyncio.wait_for(child.stdout.readline(), 30) for _ in range(least)]
    finally:
        child.kill()
    rest, _ = await child.communicate()
    assert child.returncode == -signal.SIGKILL
    whole = [line.split() for line in (b"".join(lines) + rest).splitlines(keepends=True) if line.endswith(b"\n")]
    return {name.decode(): int(turn_id) for name, turn_id in whole}


def _check_integrity(path):
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()
