"""What is done to a store from time to time, in virtual time."""

import asyncio
import time

import pytest

from bot.core.errors import StoreError
from bot.core.upkeep import DAY_S, EVERY_S, EXPIRE_EVERY_S, TOKEN_LIFE_S, keep_up


class Shelf:
    """Journal and conversations in one; `failing` exceptions are raised one after another."""

    def __init__(self, *failing):
        self.erased, self.expired, self.failing = [], [], list(failing)

    def _fail(self):
        if self.failing:
            raise self.failing.pop(0)

    async def erase_tokens(self, begun_before):
        self._fail()
        self.erased.append(begun_before)

    async def expire(self, said_before):
        self._fail()
        self.expired.append(said_before)
        return 1


async def kept_up(shelf, seconds):
    keeping = asyncio.create_task(keep_up(shelf, shelf, retention_days=30))
    await asyncio.sleep(seconds)
    going_on = not keeping.done()
    keeping.cancel()
    await asyncio.wait({keeping})
    return going_on


async def test_dead_tokens_are_erased_at_once_and_every_minute():
    shelf = Shelf()
    await kept_up(shelf, 10 * EVERY_S - 1)
    assert len(shelf.erased) == 10
    assert all(before == pytest.approx(time.time() - TOKEN_LIFE_S, abs=60) for before in shelf.erased)


async def test_old_turns_are_forgotten_at_once_and_every_hour():
    shelf = Shelf()
    await kept_up(shelf, 3 * EXPIRE_EVERY_S - 1)
    assert len(shelf.expired) == 3
    assert all(before == pytest.approx(time.time() - 30 * DAY_S, abs=60) for before in shelf.expired)


async def test_after_a_failure_it_tries_again_within_a_minute():
    shelf = Shelf(StoreError())
    assert await kept_up(shelf, EVERY_S + 1)
    assert len(shelf.erased) == len(shelf.expired) == 1


async def test_a_mistake_is_logged_and_ends_nothing(caplog):
    shelf = Shelf(ValueError())
    assert await kept_up(shelf, EVERY_S + 1)
    assert len(shelf.erased) == 1
    assert "nobody foresaw" in caplog.text
