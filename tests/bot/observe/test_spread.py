import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.spread import SHORTEST_S, STEP, Spread

TIMES = st.lists(st.floats(0, 100_000), min_size=1)


def spread_of(times):
    spread = Spread()
    for time_s in times:
        spread.add(time_s)
    return spread


def test_of_nothing_no_quantile_is_known():
    assert Spread().quantile(0.5) is None


@given(TIMES, st.sampled_from([0.5, 0.95, 1.0]))
def test_a_quantile_is_right_to_within_half_a_step(times, part):
    found = spread_of(times).quantile(part)
    exact = max(SHORTEST_S, sorted(times)[max(1, -int(-part * len(times) // 1)) - 1])
    assert found == pytest.approx(exact, rel=STEP**0.5001 - 1)


@given(TIMES, TIMES)
def test_spreads_add_up(some, others):
    both, parts = spread_of(some + others), Spread([spread_of(some), spread_of(others)])
    assert len(parts) == len(some) + len(others)
    assert [parts.quantile(part) for part in (0.01, 0.5, 0.99)] == [both.quantile(part) for part in (0.01, 0.5, 0.99)]


def test_what_it_keeps_does_not_grow_with_what_it_is_told():
    spread = spread_of(number % 977 / 10 for number in range(100_000))
    assert len(spread) == 100_000
    assert len(spread._counts) < 250
    assert spread.quantile(0.5) == pytest.approx(statistics.median(n / 10 for n in range(977)), rel=0.03)
