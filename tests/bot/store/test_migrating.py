import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command, config
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert

from bot.core.errors import StoreError
from bot.store import migrating
from bot.store.rows import to_row
from bot.store.schema import metadata
from bot.store.store import open_store
from tests.bot.store.material import entry, url_of


def test_head_is_the_newest_script():
    scripts = ScriptDirectory(str(Path(migrating.__file__).parent / "migrations"))
    assert scripts.get_current_head() == migrating.HEAD
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "versions are compared as text"


def test_the_scripts_make_the_tables_that_the_code_uses(migrated):
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_an_empty_file_becomes_a_database(tmp_path):
    (tmp_path / "patter.db").touch()
    async with open_store(url_of(tmp_path / "patter.db")) as store:
        await store.journal.begin(entry())
        assert await store.journal.unfinished() == [entry()]


@pytest.mark.parametrize("version", ["0001"])
async def test_what_an_older_version_has_kept_stays(tmp_path, turns, version):
    path = tmp_path / "patter.db"
    script = Path(migrating.__file__).parent / "migrations"
    settings = config.Config()
    settings.set_main_option("script_location", str(script))
    settings.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    question = turns.ask()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, version)
        connection.execute(insert(metadata.tables["turns"]), to_row(question))
    engine.dispose()
    async with open_store(url_of(path)) as store:
        assert await store.conversations.path(question.id) == [question]
        await store.conversations.forget(question.speaker.id, 5)
        assert await store.conversations.forgotten() == {question.speaker.id: 5}


async def test_file_and_directory_are_made_for_their_owner_alone(tmp_path):
    path = tmp_path / "new" / "data" / "patter.db"
    before = os.umask(0)
    try:
        async with open_store(url_of(path)) as store:
            await store.journal.begin(entry())
            files = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert files == {"patter.db": 0o600, "patter.db-wal": 0o600, "patter.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_database_of_a_newer_version_is_left_alone(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = path.read_bytes()
    async with open_store(url_of(path)) as store:
        with pytest.raises(StoreError, match="9999") as caught:
            await store.journal.begin(entry())
        with pytest.raises(StoreError):
            await store.journal.unfinished()
    assert "newer version" in caught.value.hint
    assert path.read_bytes() == before


async def test_a_migration_that_fails_leaves_nothing_half_done(tmp_path):
    path = tmp_path / "patter.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE runs (somebody_elses)")
    async with open_store(url_of(path)) as store:
        with pytest.raises(StoreError):
            await store.journal.begin(entry())
    with sqlite3.connect(path) as again:
        tables = again.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    again.close()
    database.close()
    assert tables == [("runs",)]


def test_nothing_is_imported_that_is_not_needed(path):
    """SQLAlchemy only to open a store, Alembic only to migrate one."""
    script = f"""
import asyncio, sys
from bot.store.store import open_store
assert "sqlalchemy" not in sys.modules

async def main():
    async with open_store("{url_of(path)}") as store:
        await store.journal.unfinished()

asyncio.run(main())
assert "sqlalchemy" in sys.modules
assert "alembic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
