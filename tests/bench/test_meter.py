import asyncio
import time

import pytest

from bench.meter import STAT, Meter, machine_s


@pytest.fixture
def meter():
    meter = Meter()
    for at, cpu_s in ((1.0, 0.1), (2.0, 0.5), (4.0, 0.9)):
        meter.note(at, cpu_s)
    return meter


@pytest.mark.parametrize(
    ("begin", "end", "spent_s"), [(1.0, 4.0, 0.8), (1.5, 3.0, 0.4), (0.0, 2.0, 0.4), (2.0, 9.0, 0.4)]
)
def test_a_meter_tells_what_was_spent_between_any_two_moments(meter, begin, end, spent_s):
    assert meter.spent_s(begin, end) == pytest.approx(spent_s)


def test_cores_are_time_spent_for_time_passed(meter):
    assert meter.cores(2.0, 4.0) == pytest.approx(0.2)


async def test_a_running_meter_sees_this_process_work():
    meter, seen_again = Meter(), asyncio.Event()

    def read():
        if meter.at:
            seen_again.set()
        return time.process_time()

    meter.run(read)
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    async with asyncio.timeout(5):
        await seen_again.wait()
    assert meter.spent_s(meter.at[0], meter.at[-1]) >= 0.1


@pytest.mark.skipif(not STAT.exists(), reason="only Linux tells")
def test_the_machine_has_been_busy_for_longer_than_this_process():
    assert machine_s() > time.process_time()
