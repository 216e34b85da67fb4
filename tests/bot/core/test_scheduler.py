import asyncio
from dataclasses import dataclass

import pytest

from bot.core.scheduler import Allowance, Lane, Scheduler, Urgency


@dataclass(eq=False)
class Somebody:
    urgency: Urgency = Urgency.TEXT
    unseen_since: float = 0.0


class Window:
    """Discord's side of a bucket: a fixed window from the first request. Refuses what is over the limit."""

    def __init__(self, lane, limit=5, window_s=5.0, round_trip_s=0.1):
        self.lane, self.limit, self.window_s, self.round_trip_s = lane, limit, window_s, round_trip_s
        self.reset_at, self.used, self.times, self.refused = 0.0, 0, [], 0

    async def request(self, somebody):
        async with self.lane.turn(somebody) as grant:
            await asyncio.sleep(self.round_trip_s / 2)
            self._count()
            remaining, reset_after = self.limit - self.used, self.reset_at - now()
            await asyncio.sleep(self.round_trip_s / 2)
            grant.learn(self.limit, remaining, reset_after)

    def _count(self):
        if now() >= self.reset_at:
            self.reset_at, self.used = now() + self.window_s, 0
        self.used += 1
        self.refused += self.used > self.limit
        self.times.append(now())


def now():
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(("limit", "window_s"), [(5, 5.0), (5, 2.0), (2, 10.0), (1, 3.0), (30, 1.0)])
async def test_a_lane_never_exceeds_a_limit_that_it_had_to_learn(limit, window_s):
    window = Window(Lane(Allowance(5, 5.0)), limit, window_s)
    await window.request(Somebody())
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(window.request(Somebody(Urgency(number % 3), number)))
    assert window.refused == 0
    assert len(window.times) == 41


async def test_text_is_spread_over_the_window_and_leaves_one_request_for_an_ending():
    window = Window(Lane(Allowance(5, 5.0)), round_trip_s=0.0)
    start = now()
    for _ in range(4):
        await window.request(Somebody())
    assert [time - start for time in window.times] == pytest.approx([0, 1.25, 2.5, 3.75], abs=0.01)
    await window.request(Somebody(Urgency.ENDING))
    assert window.times[-1] - start == pytest.approx(3.75, abs=0.01)


async def test_endings_go_first_then_first_texts_then_the_longest_unseen():
    window = Window(Lane(Allowance(1, 1.0)), limit=1, window_s=1.0, round_trip_s=0.0)
    await window.request(Somebody())
    order = []

    async def write(name, urgency, unseen_since):
        await window.request(Somebody(urgency, unseen_since))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(write("young text", Urgency.TEXT, 3.0))
        group.create_task(write("old text", Urgency.TEXT, 1.0))
        group.create_task(write("first text", Urgency.FIRST, 5.0))
        group.create_task(write("ending", Urgency.ENDING, 9.0))
    assert order == ["ending", "first text", "old text", "young text"]


async def test_somebody_who_becomes_urgent_while_waiting_goes_at_once():
    window = Window(Lane(Allowance(5, 5.0)), round_trip_s=0.0)
    await window.request(Somebody())
    waiting = Somebody()
    start = now()
    task = asyncio.create_task(window.request(waiting))
    await asyncio.sleep(0.2)
    assert not task.done()
    waiting.urgency = Urgency.ENDING
    window.lane.reconsider()
    await task
    assert now() - start == pytest.approx(0.2, abs=0.01)


async def test_a_429_closes_the_lane_until_its_time():
    lane = Lane(Allowance(5, 5.0))
    window = Window(lane, round_trip_s=0.0)
    start = now()
    async with lane.turn(Somebody()) as grant:
        grant.close_lane(start + 8)
    await window.request(Somebody(Urgency.ENDING))
    assert window.times[0] - start == pytest.approx(8.0, abs=0.01)


async def test_a_global_429_closes_all_lanes_also_those_opened_later():
    scheduler = Scheduler()
    early = scheduler.lane("early", Allowance(5, 5.0), counts_globally=False)
    start = now()
    scheduler.close_all(start + 3)
    late = scheduler.lane("late", Allowance(5, 5.0), counts_globally=False)
    for lane in (early, late):
        async with lane.turn(Somebody(Urgency.ENDING)):
            assert now() - start == pytest.approx(3.0, abs=0.01)


async def test_a_request_without_an_answer_counts_as_made():
    lane = Lane(Allowance(2, 5.0))
    start = now()
    for _ in range(2):
        async with lane.turn(Somebody(Urgency.ENDING)):
            pass
    async with lane.turn(Somebody(Urgency.ENDING)):
        assert now() - start == pytest.approx(5.0, abs=0.01)


async def test_a_turn_given_back_costs_nothing():
    lane = Lane(Allowance(1, 5.0))
    start = now()
    for _ in range(3):
        async with lane.turn(Somebody(Urgency.ENDING)) as grant:
            grant.give_back()
    assert now() == pytest.approx(start, abs=1e-6)


@pytest.mark.parametrize("cancel_after_s", [0.0, 0.5, 2.0])
async def test_somebody_who_gives_up_waiting_takes_no_place_with_him(cancel_after_s):
    lane = Lane(Allowance(1, 2.0))
    window = Window(lane, limit=1, window_s=2.0, round_trip_s=0.0)
    await window.request(Somebody())
    start = now()
    quitter = asyncio.create_task(window.request(Somebody(Urgency.ENDING)))
    patient = asyncio.create_task(window.request(Somebody()))
    await asyncio.sleep(cancel_after_s)
    quitter.cancel()
    await asyncio.wait({quitter, patient})
    assert window.times[-1] - start <= 4.1
    assert lane._in_flight == 0


async def test_no_second_holds_more_than_49_requests_of_those_that_count_globally():
    scheduler = Scheduler()
    times = []

    async def write(number):
        async with scheduler.lane(number, Allowance(5, 5.0), counts_globally=True).turn(Somebody()):
            times.append(now())

    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(write(number))
    assert max(sum(start <= time < start + 1 for time in times) for start in times) <= 49


async def test_idle_lanes_are_forgotten_and_busy_ones_are_not():
    scheduler = Scheduler()
    first = scheduler.lane("busy", Allowance(5, 5.0), counts_globally=False)
    async with first.turn(Somebody()):
        for number in range(5000):
            scheduler.lane(number, Allowance(5, 5.0), counts_globally=False)
        assert scheduler.lane("busy", Allowance(5, 5.0), counts_globally=False) is first
        assert len(scheduler._lanes) < 1000
