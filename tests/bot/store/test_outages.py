"""A database that is out of order: StoreError with a fitting hint, soon, and a way back without a restart."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Engine, event

from bot.core.errors import StoreError
from bot.store import faults
from bot.store.database import Database
from bot.store.store import open_store
from tests.bot.store.material import entry, url_of

LIMIT_S = 4.0
"""About two seconds, on a machine that has much else to do."""


async def fails(operation, hint):
    with pytest.raises(StoreError) as caught:
        async with asyncio.timeout(LIMIT_S):
            await operation
    assert caught.value.hint == hint
    assert "/" not in str(caught.value), "a path may be in it"


def levels(caplog):
    return [record.levelname for record in caplog.records if record.name.startswith("bot.store")]


@pytest.fixture(autouse=True)
def _from_info_on(caplog):
    caplog.set_level("INFO")


@contextmanager
def locked(path, *pragmas):
    other = sqlite3.connect(path, isolation_level=None)
    for pragma in pragmas:
        other.execute(f"PRAGMA {pragma}").fetchall()
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def mounted(directory, size):
    """A file system of its own; skips the test for those who may not mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    if not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a file system is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(directory)], check=True)


class TestLocked:
    async def test_writes_fail_while_reads_go_on(self, path, caplog):
        async with open_store(url_of(path), retry_s=0) as store:
            with locked(path):
                await fails(store.journal.begin(entry()), faults.LOCKED)
                await fails(store.journal.begin(entry()), faults.LOCKED)
                assert await store.journal.unfinished() == []
            await store.journal.begin(entry())
            assert await store.journal.unfinished() == [entry()]
        assert levels(caplog) == ["WARNING", "INFO"]

    async def test_from_the_start(self, path, caplog):
        with locked(path, "locking_mode = EXCLUSIVE"):
            async with open_store(url_of(path), retry_s=0) as store:
                await fails(store.journal.unfinished(), faults.LOCKED)
                await fails(store.journal.begin(entry()), faults.LOCKED)
        assert levels(caplog) == ["WARNING"]

    async def test_nobody_waits_again_before_it_is_time(self, path):
        async with open_store(url_of(path), retry_s=60) as store:
            with locked(path):
                waiting = [store.journal.begin(entry(str(number))) for number in range(300)]
                async with asyncio.timeout(LIMIT_S):
                    results = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(result) for result in results} == {StoreError}
            await fails(store.journal.begin(entry()), faults.LOCKED)  # though it is well
            assert await store.journal.unfinished() == []


class TestFull:
    async def test_writes_fail_while_reads_go_on(self, path, turns, caplog):
        pages = [100]

        def limit(connection, _record):
            connection.execute(f"PRAGMA max_page_count = {pages[0]}")

        event.listen(Engine, "connect", limit)
        try:
            async with open_store(url_of(path), retry_s=0) as store:
                await self._fill(store, turns)
        finally:
            event.remove(Engine, "connect", limit)
        assert levels(caplog) == ["WARNING", "INFO"]

    async def test_a_disk_without_a_byte_left(self, migrated, tmp_path, turns, caplog):
        with mounted(tmp_path, "400k"):
            path = shutil.copy(migrated, tmp_path / "patter.db")
            async with open_store(url_of(path), retry_s=0) as store:
                await self._fill(store, turns)
                filler = tmp_path / "filler"
                with suppress(OSError), filler.open("wb", buffering=0) as file:
                    while file.write(bytes(1024)):
                        pass
                await fails(store.conversations.add(turns.ask("x" * 300_000)), faults.FULL)
                assert await store.conversations.showing(1) is not None
                filler.unlink()
                await store.conversations.add(turns.ask("fits again"))
        assert levels(caplog) == ["WARNING", "INFO", "WARNING", "INFO"]

    async def _fill(self, store, turns):
        small = turns.ask("small")
        await store.conversations.add(small, shown_by={small.id: [1]})
        await fails(store.conversations.add(turns.ask("x" * 1_000_000)), faults.FULL)
        await fails(store.conversations.add(turns.ask("x" * 1_000_000)), faults.FULL)
        assert await store.conversations.path(small.id) == [small]
        await store.conversations.add(turns.ask("fits"))


class TestReadOnly:
    async def test_writes_fail_while_reads_go_on(self, path, turns):
        question = turns.ask()
        async with open_store(url_of(path)) as store:
            await store.conversations.add(question)
        async with open_store(f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true", retry_s=0) as store:
            await fails(store.journal.begin(entry()), faults.READ_ONLY)
            assert await store.conversations.path(question.id) == [question]

    async def test_a_file_system_that_is_so_at_first(self, migrated, tmp_path, caplog):
        def remount(how):
            subprocess.run(["mount", "-o", f"remount,{how}", str(tmp_path)], check=True)

        with mounted(tmp_path, "10m"):
            path = shutil.copy(migrated, tmp_path / "patter.db")
            remount("ro")
            async with open_store(url_of(path), retry_s=0) as store:
                await fails(store.journal.begin(entry()), faults.UNREACHABLE)
                await fails(store.journal.unfinished(), faults.UNREACHABLE)
                remount("rw")
                await store.journal.begin(entry())
                assert await store.journal.unfinished() == [entry()]
        assert levels(caplog) == ["WARNING", "INFO"]


class TestGone:
    async def test_a_deleted_file_is_noticed_and_begun_anew(self, path, caplog):
        async with open_store(url_of(path), retry_s=0) as store:
            await store.journal.begin(entry("old"))
            path.unlink()
            await fails(store.journal.begin(entry("lost")), faults.GONE)
            await store.journal.begin(entry("new"))
            assert await store.journal.unfinished() == [entry("new")]
        assert levels(caplog) == ["WARNING", "INFO"]

    async def test_reads_notice_it_too(self, path):
        async with open_store(url_of(path), retry_s=0) as store:
            shutil.move(path, path.with_suffix(".bak"))
            await fails(store.journal.unfinished(), faults.GONE)
            assert await store.journal.unfinished() == []

    async def test_another_file_in_its_place_is_opened(self, path, migrated):
        async with open_store(url_of(path), retry_s=0) as store:
            await store.journal.begin(entry("old"))
            path.unlink()
            shutil.copy(migrated, path)
            await fails(store.journal.unfinished(), faults.GONE)
            await store.journal.begin(entry("new"))


class TestNotADatabase:
    async def test_a_directory(self, tmp_path, caplog):
        async with open_store(url_of(tmp_path), retry_s=0) as store:
            await fails(store.journal.unfinished(), faults.UNREACHABLE)
            await fails(store.journal.begin(entry()), faults.UNREACHABLE)
        assert levels(caplog) == ["WARNING"]
        assert "`patter doctor`" in caplog.records[0].getMessage()

    async def test_a_file_where_its_directory_should_be(self, tmp_path):
        (tmp_path / "data").touch()
        async with open_store(url_of(tmp_path / "data" / "patter.db"), retry_s=0) as store:
            await fails(store.journal.begin(entry()), faults.UNREACHABLE)
            (tmp_path / "data").unlink()
            await store.journal.begin(entry())

    async def test_garbage(self, tmp_path):
        path = tmp_path / "patter.db"
        path.write_bytes(b"no database " * 1000)
        async with open_store(url_of(path), retry_s=0) as store:
            await fails(store.journal.begin(entry()), faults.DAMAGED)
            await fails(store.places.first_time(1, "x"), faults.DAMAGED)
        assert path.read_bytes() == b"no database " * 1000

    async def test_garbage_in_the_midst_of_one(self, path, turns):
        async with open_store(url_of(path)) as store:
            await store.conversations.add(*(turns.ask("x" * 500) for _ in range(500)))
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        async with open_store(url_of(path), retry_s=0) as store:
            await fails(store.conversations.showing(1), faults.DAMAGED)
            await fails(store.conversations.add(turns.ask()), faults.DAMAGED)
            await fails(store.journal.begin(entry()), faults.DAMAGED)

    @pytest.mark.parametrize(
        "url",
        ["", "no url", "sqlite:///x.db", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "what+ever://host/x"],
    )
    async def test_a_bad_address(self, url, caplog, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # one of them does name a file
        async with open_store(url, retry_s=0) as store:
            await fails(store.journal.begin(entry()), faults.BAD_URL)
            await fails(store.journal.unfinished(), faults.BAD_URL)
        assert levels(caplog) == ["WARNING"]


class TestSlow:
    async def test_a_disk_that_does_not_answer_keeps_nobody_waiting(self, path, caplog):
        stuck = asyncio.Event()
        store = Database(url_of(path), retry_s=0, patience_s=0.5)
        await store.open()
        writes = [asyncio.create_task(store.write(lambda _: stuck.wait())) for _ in range(3)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [result.hint for result in results] == [faults.SLOW] * 3
        await fails(store.read(lambda _: stuck.wait()), faults.SLOW)
        stuck.set()
        assert await store.write(lambda _: stuck.wait()) is True
        assert await store.read(lambda _: stuck.wait()) is True
        await store.aclose()
        assert levels(caplog) == ["WARNING", "INFO"]


def test_the_process_ends_though_the_store_is_out_of_order(tmp_path):
    script = f"""
import asyncio
from bot.core.errors import StoreError
from bot.store.store import open_store

async def main():
    async with open_store("{url_of(tmp_path)}") as store:
        try:
            await store.journal.unfinished()
        except StoreError:
            print("told")

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, timeout=30, capture_output=True)
    assert done.stdout == b"told\n"
    assert str(tmp_path).encode() not in done.stderr
