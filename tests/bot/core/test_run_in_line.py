"""Answers that wait for their turn at the model, and how much each may be, in virtual time."""

import asyncio
from itertools import pairwise

import pytest

from bot.core.model import Delta, Ending, Question, Restarted, Retrying, Turn, Usage
from bot.core.queue import Line
from bot.core.run import Bounds, Pace, Run, new_run_id
from tests.bot.core.plays import PlainRender, Tape, Unremembered, Wall

QUESTION = Question((Turn("user", "Why?"),), "smol", seed=7)


def answer(line, *steps, asker_id=1, bounds=None, life_s=None):
    run = Run(
        new_run_id(), Unremembered(QUESTION), Tape(*steps), PlainRender(100_000), Wall(),
        observer=lambda event: None, ticket=line.join(asker_id), pace=Pace(), bounds=bounds or Bounds(), life_s=life_s,
    )  # fmt: skip
    return run, run.surface, asyncio.create_task(run.carry_out())


async def test_it_waits_in_sight_and_asks_the_model_when_it_is_its_turn():
    line = Line(1, 5)
    _, _, first = answer(line, Delta("one"), 20.0, Usage())
    await asyncio.sleep(1)
    run, wall, second = answer(line, Delta("two"), Usage(), asker_id=2)
    await asyncio.sleep(1)
    assert wall.opened.text == "[1 in line, None]"
    assert wall.opened.stoppable
    assert run.waiting
    await asyncio.sleep(17)
    assert wall.log == []
    assert {(await first).ending, (await second).ending} == {Ending.DONE}
    assert wall.texts[1] == "two[done]"
    assert line.running == 0


async def test_its_place_is_told_as_it_changes_and_seldom_while_it_is_far():
    line = Line(1, 50)
    tasks = [answer(line, Delta("x"), 10.0, Usage(), asker_id=number)[2] for number in range(11)]
    _, wall, last = answer(line, Delta("mine"), Usage(), asker_id=99)
    await asyncio.gather(*tasks, last)
    told = [(at, text) for at, _, text, *_ in wall.log if "in line" in text]
    assert wall.opened.text == "[11 in line, None]"
    assert [text for _, text in told][-2:] == ["[1 in line, 10]", "[1 in line, 5]"]
    assert len(told) < 20
    assert all(later - earlier >= 2.9 for (earlier, _), (later, _) in pairwise(told))


@pytest.mark.parametrize("ending", [Ending.STOPPED, Ending.DELETED, Ending.INTERRUPTED])
async def test_whoever_is_stopped_in_line_leaves_it_at_once(ending):
    line = Line(1, 5)
    _, _, first = answer(line, 30.0, Delta("one"), Usage())
    await asyncio.sleep(1)
    run, wall, second = answer(line, Delta("two"), Usage(), asker_id=2)
    await asyncio.sleep(1)
    assert line.waiting == 1
    assert run.stop(ending)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert line.waiting == 0
    assert (await second).ending is ending
    assert wall.texts[1] == f"[{ending.value}]"
    await first


async def test_one_that_is_stopped_before_it_begins_leaves_the_line_before_its_end_is_shown():
    line = Line(1, 5)
    run, wall, task = answer(line, Delta("one"), Usage())
    run.stop()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (line.running, line.waiting) == (0, 0)
    assert wall.log == []
    await task


async def test_a_private_answers_life_passes_in_line_too():
    line = Line(1, 5)
    _, _, first = answer(line, 1000.0, Delta("one"), Usage())
    _, _, second = answer(line, Delta("two"), Usage(), asker_id=2, life_s=840.0)
    began = asyncio.get_running_loop().time()
    assert (await second).ending is Ending.EXPIRED
    assert asyncio.get_running_loop().time() - began == pytest.approx(840, abs=1)
    first.cancel()
    await asyncio.wait({first})
    assert line.running == line.waiting == 0


async def test_a_model_that_is_silent_or_unreachable_keeps_its_place():
    line = Line(1, 5)
    _, _, first = answer(line, Retrying(busy=False), 500.0, Delta("one"), 5.0, Usage())
    _, wall, second = answer(line, Delta("two"), Usage(), asker_id=2)
    await asyncio.sleep(400)
    assert "[1 in line" in wall.opened.text
    assert line.running == 1
    await asyncio.gather(first, second)


async def test_an_answer_ends_after_its_time_which_begins_with_the_first_token():
    run, wall, task = answer(Line(1, 0), Retrying(busy=True), 500.0, Delta("half"), 1000.0, bounds=Bounds(seconds=60))
    outcome = await task
    assert outcome.ending is Ending.TIME
    assert outcome.seconds == pytest.approx(560, abs=1)
    assert wall.texts[1] == "half[time]"
    assert run._model.closed_at == pytest.approx(asyncio.get_running_loop().time(), abs=1)


async def test_an_answer_ends_after_its_characters_to_the_letter():
    run, wall, task = answer(Line(1, 0), Delta("12345"), 5.0, Delta("67890abc"), 1000.0, bounds=Bounds(chars=10))
    assert (await task).ending is Ending.LENGTH
    assert wall.texts[1] == "1234567890[length]"
    assert run._model.closed_at - asyncio.get_running_loop().time() < 1


async def test_a_whole_answer_of_just_as_many_characters_is_cut_by_nothing_worse():
    _, _, task = answer(Line(1, 0), Delta("12345"), Usage(answer_tokens=1), bounds=Bounds(chars=6))
    assert (await task).ending is Ending.DONE


async def test_text_that_comes_again_after_a_cut_is_bounded_as_well():
    steps = Delta("12345"), Restarted(), Delta("12345"), Delta("67890abc"), 1000.0
    _, wall, task = answer(Line(1, 0), *steps, bounds=Bounds(chars=10))
    assert (await task).ending is Ending.LENGTH
    assert wall.texts[1].startswith("1234567890")
