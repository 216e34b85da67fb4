"""Chaos, short: scripts/chaos runs it for as long as one likes."""

from tests.end_to_end.chaos import run


async def test_after_some_seconds_of_chaos_nothing_is_left_half_done(capsys):
    problems = await run(8, seed=1)
    assert problems == [], capsys.readouterr().out
