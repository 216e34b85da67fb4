import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bot.core.scheduler import PATIENCE_TURNS, ROUND_TRIP_S, Allowance, Lane, Scheduler, Urgency


def now():
    return asyncio.get_running_loop().time()


@dataclass(eq=False)
class Somebody:
    urgency: Urgency = Urgency.TEXT
    unseen_since: float = field(default_factory=now)


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


@pytest.mark.parametrize(("limit", "window_s"), [(5, 5.0), (5, 2.0), (2, 10.0), (1, 3.0), (30, 1.0)])
async def test_a_lane_never_exceeds_a_limit_that_it_had_to_learn(limit, window_s):
    window = Window(Lane(Allowance(5, 5.0)), limit, window_s)
    await window.request(Somebody())
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(window.request(Somebody(Urgency(number % 3), now() + number)))
    assert window.refused == 0
    assert len(window.times) == 41


async def test_text_alone_in_its_lane_is_spread_over_the_window_with_the_last_gap_a_little_shorter():
    window = Window(Lane(Allowance(5, 5.0)))
    for _ in range(21):
        await window.request(Somebody())
    gaps = [later - earlier for earlier, later in pairwise(window.times[5:])]  # from the second window on
    assert max(gaps) < 1.045
    assert sum(gaps[:5]) == pytest.approx(5.1, abs=0.01)
    assert min(gaps) == pytest.approx(0.945, abs=0.01)


async def test_where_several_share_a_lane_one_request_of_a_window_is_kept_for_an_ending():
    window = Window(Lane(Allowance(5, 5.0)), round_trip_s=0.0)
    start = now()
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(window.request(Somebody()))
        await asyncio.sleep(4.9)
        assert len(window.times) == 4
        await window.request(Somebody(Urgency.ENDING))
        assert window.times[-1] - start == pytest.approx(4.9, abs=0.01)


async def test_text_that_has_run_out_of_patience_goes_before_an_ending():
    window = Window(Lane(Allowance(1, 5.0)), limit=1, round_trip_s=0.0)
    await window.request(Somebody())
    order = []

    async def write(name, urgency):
        await window.request(Somebody(urgency))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(write("text", Urgency.TEXT))
        for number in range(8):
            group.create_task(write(f"ending {number}", Urgency.ENDING))
    patience_s = PATIENCE_TURNS * 9 * 5.0
    assert 3 <= order.index("text") <= patience_s / 5.0


async def test_endings_go_first_then_first_texts_then_the_longest_unseen():
    window = Window(Lane(Allowance(1, 1.0)), limit=1, window_s=1.0, round_trip_s=0.0)
    await window.request(Somebody())
    order = []

    async def write(name, urgency, unseen_since):
        await window.request(Somebody(urgency, unseen_since))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(write("young text", Urgency.TEXT, now() - 1))
        group.create_task(write("old text", Urgency.TEXT, now() - 3))
        group.create_task(write("first text", Urgency.FIRST, now()))
        group.create_task(write("ending", Urgency.ENDING, now()))
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
        assert now() - start == pytest.approx(5.0 + ROUND_TRIP_S, abs=0.01)


@pytest.mark.parametrize("limit", [1, 5])
async def test_requests_in_flight_over_a_reset_that_never_answer_do_not_close_the_lane(limit):
    lane = Lane(Allowance(limit, 5.0))

    async def lose():
        async with lane.turn(Somebody(Urgency.ENDING)):
            await asyncio.sleep(7.0)

    lost = [asyncio.create_task(lose()) for _ in range(limit)]
    await asyncio.sleep(6.0)
    start = now()
    async with asyncio.timeout(60), lane.turn(Somebody(Urgency.ENDING)):
        assert now() - start < 10
    await asyncio.gather(*lost)


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


async def test_idle_lanes_are_forgotten_and_busy_ones_are_not():
    scheduler = Scheduler()
    first = scheduler.lane("busy", Allowance(5, 5.0), counts_globally=False)
    async with first.turn(Somebody()):
        for number in range(5000):
            scheduler.lane(number, Allowance(5, 5.0), counts_globally=False)
        assert scheduler.lane("busy", Allowance(5, 5.0), counts_globally=False) is first
        assert len(scheduler._lanes) < 1000
