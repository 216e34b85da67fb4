import asyncio
import shutil

import pytest

from bot.store.store import open_store
from tests.bot.store.material import Turns, url_of


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A database file without rows, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "patter.db"

    async def make():
        async with open_store(url_of(path)):
            pass

    asyncio.run(make())
    return path


@pytest.fixture
def path(migrated, tmp_path):
    return shutil.copy(migrated, tmp_path / "patter.db")


@pytest.fixture
async def store(path):
    async with open_store(url_of(path), retry_s=0.05) as store:
        yield store


@pytest.fixture
def conversations(store):
    return store.conversations


@pytest.fixture
def turns():
    return Turns()
