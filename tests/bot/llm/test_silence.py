"""The bound on silence, in virtual time."""

import asyncio

import pytest

from bot.llm.silence import Silence
from tests import virtual_time


def test_many_short_waits_may_last_longer_than_the_limit_and_so_may_the_time_between_them():
    async def main():
        with Silence(10.0) as silence:
            for _ in range(5):
                await silence.bound(asyncio.sleep(9.0))
                await asyncio.sleep(30.0)
            return await silence.bound(asyncio.sleep(9.0, "value"))

    assert virtual_time.run(main()) == "value"


@pytest.mark.parametrize("before_s", [0.0, 3.0, 12.0])
def test_a_wait_ends_in_a_timeout_once_it_has_lasted_the_limit(before_s):
    async def main():
        loop = asyncio.get_running_loop()
        with Silence(10.0) as silence:
            await asyncio.sleep(before_s)
            began = loop.time()
            with pytest.raises(TimeoutError, match="silent for 10 s"):
                await silence.bound(asyncio.sleep(1e6))
            assert asyncio.current_task().cancelling() == 0
            return loop.time() - began

    assert virtual_time.run(main()) == pytest.approx(10.0)


def test_cancelling_the_task_stays_a_cancellation():
    async def wait():
        with Silence(10.0) as silence:
            await silence.bound(asyncio.sleep(1e6))

    async def main():
        task = asyncio.create_task(wait())
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled()

    assert virtual_time.run(main())


def test_a_cancellation_at_the_very_limit_is_not_lost():
    async def wait():
        with Silence(10.0) as silence:
            await silence.bound(asyncio.sleep(1e6))

    async def main():
        task = asyncio.create_task(wait())
        asyncio.get_running_loop().call_later(10.0, task.cancel)
        await asyncio.wait({task})
        return task.cancelled()

    assert virtual_time.run(main())


def test_leaving_it_leaves_no_timer():
    async def main():
        with Silence(10.0):
            pass
        with pytest.raises(RuntimeError, match="deadlock"):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="deadlock"):
        virtual_time.run(main())
