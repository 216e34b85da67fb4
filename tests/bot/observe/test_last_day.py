import asyncio

import pytest

from bot.core.events import EditLanded, FirstToken, GatewayConnected, GatewayLost, RateLimited
from bot.core.model import Ending
from bot.core.statistics import HOURS, Hour
from bot.observe.last_day import DAY_SLOTS, HOUR_S, SLOT_S, LastDay
from tests.bot.observe.events import ended, without_usage


class Clock:
    def __init__(self):
        self.now = 5_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def last_day(clock):
    return LastDay(clock)


def tell(listener, *events):
    for event in events:
        listener(event)


def test_right_after_the_start_it_knows_nothing_and_says_so(last_day):
    day = last_day.last_day()
    assert (day.covers_s, day.answers, day.tokens, day.tokens_per_s, day.first_token, day.lag) == (0, 0, 0, *[None] * 3)
    assert day.hours == (None,) * (HOURS - 1) + (Hour(),)
    assert not day.is_whole


def test_it_counts_answers_by_their_endings_and_tokens_of_those_that_told(last_day):
    tell(
        last_day,
        ended(tokens=100, answer_s=2.0),
        ended(Ending.LENGTH, tokens=50, answer_s=3.0),
        without_usage(Ending.STOPPED),
        without_usage(Ending.FAILED),
        without_usage(Ending.CUT),
    )
    day = last_day.last_day()
    assert day.answers == 5
    assert day.endings == dict.fromkeys(map(Ending, ("done", "length", "stopped", "failed", "cut")), 1)
    assert (day.tokens, day.tokens_per_s) == (150, 30.0)
    assert day.hours[-1] == Hour(answers=5, failed=2, tokens=150, tokens_per_s=30.0)


def test_times_are_given_as_median_and_95_of_100(last_day):
    for number in range(1, 101):
        tell(last_day, FirstToken("a", number / 10), EditLanded("a", number / 100))
    day = last_day.last_day()
    assert day.first_token.median_s == pytest.approx(5.0, rel=0.03)
    assert day.first_token.p95_s == pytest.approx(9.5, rel=0.03)
    assert day.lag.median_s == pytest.approx(0.5, rel=0.03)
    assert day.lag.p95_s == pytest.approx(0.95, rel=0.03)


def test_the_first_connection_is_no_reconnect(last_day):
    tell(last_day, GatewayConnected(resumed=False), GatewayLost(), GatewayConnected(resumed=True), RateLimited("user"))
    day = last_day.last_day()
    assert (day.reconnects, day.rate_limits) == (1, 1)


def test_hours_move_back_and_what_is_older_than_a_day_is_gone(last_day, clock):
    tell(last_day, ended())
    clock.now += HOUR_S
    tell(last_day, ended(), ended())
    day = last_day.last_day()
    assert [hour and hour.answers for hour in day.hours[-3:]] == [None, 1, 2]
    assert day.covers_s == HOUR_S
    clock.now += 23 * HOUR_S
    day = last_day.last_day()
    assert (day.answers, day.hours[0].answers, day.is_whole) == (2, 2, True)
    clock.now += HOUR_S
    assert last_day.last_day().answers == 0


def test_what_it_keeps_is_bounded_by_the_day(last_day, clock):
    for _ in range(4 * DAY_SLOTS):
        clock.now += SLOT_S
        tell(last_day, ended(), FirstToken("a", 0.3))
    assert len(last_day._slots) == DAY_SLOTS
    assert last_day.last_day().answers == DAY_SLOTS


async def test_the_same_hours_are_not_drawn_twice(last_day):
    tell(last_day, ended())
    first, second = await asyncio.gather(*(last_day.picture(last_day.last_day()) for _ in range(2)))
    assert first is second
    tell(last_day, ended())
    assert await last_day.picture(last_day.last_day()) is not first
