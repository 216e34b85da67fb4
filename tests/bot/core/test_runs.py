import asyncio

import pytest

from bot.core.model import Delta, Question, Usage
from bot.core.queue import Line
from bot.core.run import Pace, Run, new_run_id
from bot.core.runs import Asked, Runs, ShuttingDown
from tests.bot.core.plays import PlainRender, Tape, Unremembered, Wall


def asked(*steps, asker_id=1, channel_id=10, wall=None):
    run = Run(
        new_run_id(), Unremembered(Question((), "smol", 1)), Tape(*steps), PlainRender(), wall or Wall(),
        observer=lambda event: None, ticket=Line(1, 0).join(asker_id), pace=Pace(),
    )  # fmt: skip
    return Asked(run, asker_id, channel_id)


async def test_a_run_is_found_by_its_id_its_messages_and_its_channel_until_it_ends():
    runs, one = Runs(), asked(Delta("x"), 5.0, Usage())
    one.run.surface.message_ids[:] = [100, 101]
    runs.start(one)
    await asyncio.sleep(1)
    assert runs.find(one.run.id) is runs.showing(101) is one
    assert runs.in_channel(10) == [one]
    assert (runs.find("other"), runs.showing(102), runs.in_channel(11)) == (None, None, [])
    await asyncio.sleep(10)
    assert (len(runs), runs.find(one.run.id)) == (0, None)


async def test_closing_ends_all_of_them_in_words_and_lets_none_start():
    runs, walls = Runs(), [Wall() for _ in range(20)]
    for wall in walls:
        runs.start(asked(Delta("half"), 1000.0, wall=wall))
    await asyncio.sleep(5)
    await runs.close(grace_s=8.0)
    assert [wall.log[-1][2] for wall in walls] == ["half[interrupted]"] * 20
    with pytest.raises(ShuttingDown):
        runs.check_open()


async def test_one_that_starts_while_closing_ends_in_words():
    runs, wall = Runs(), Wall()
    await runs.close(grace_s=8.0)
    runs.start(asked(Delta("x"), 1000.0, wall=wall))
    await asyncio.sleep(1)
    assert wall.log[-1][2] == "[interrupted]"


async def test_closing_takes_no_longer_than_its_grace():
    runs, wall = Runs(), Wall(round_trip_s=100.0)
    runs.start(asked(Delta("x"), 1000.0, wall=wall))
    await asyncio.sleep(1)
    before = asyncio.get_running_loop().time()
    await runs.close(grace_s=8.0)
    assert asyncio.get_running_loop().time() - before == pytest.approx(8.0, abs=0.01)


async def test_one_that_fails_is_logged_and_forgotten(caplog):
    runs, one = Runs(), asked(Delta("x"))
    one.run.surface.failures = [ZeroDivisionError("bug")]
    runs.start(one)
    await asyncio.sleep(5)
    assert len(runs) == 0
    assert "nobody foresaw" in caplog.text
