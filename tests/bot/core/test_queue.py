"""The line in front of the model, in virtual time."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Busy
from bot.core.model import InLine
from bot.core.queue import Line
from tests.virtual_time import run

ANN, BOB, CAT = 1, 2, 3


async def start(line, asker_id):
    ticket = line.join(asker_id)
    ticket.line_up()
    assert await ticket.called(within_s=0.001)
    return ticket


def wait(line, asker_id, order, name=None):
    """Join, and note in `order` when it is called; give the ticket and what waits for it."""
    ticket = line.join(asker_id)
    ticket.line_up()

    async def until_called():
        while not await ticket.called(within_s=60.0):
            pass
        order.append(name or asker_id)

    return ticket, asyncio.create_task(until_called())


async def serve_all(line, waiting, *running):
    """End what runs, oldest first, each as soon as the next has been called."""
    running = list(running)
    while running:
        running.pop(0).leave()
        await asyncio.sleep(0.01)
        running += [ticket for ticket, _ in waiting if ticket in line._running and ticket not in running]


async def test_as_many_run_at_once_as_may_and_the_next_when_one_leaves():
    line, order = Line(2, 5), []
    first, second = await start(line, ANN), await start(line, BOB)
    third, called = wait(line, CAT, order)
    await asyncio.sleep(1)
    assert (line.running, line.waiting, order) == (2, 1, [])
    second.leave()
    await called
    assert (line.running, line.waiting) == (2, 0)
    for ticket in (first, third):
        ticket.leave()
    assert line.running == 0


async def test_fifty_asks_of_one_do_not_hold_up_the_first_of_another():
    line, order = Line(1, 100), []
    running = await start(line, ANN)
    waiting = [wait(line, ANN, order) for _ in range(49)]
    await asyncio.sleep(1)
    waiting.append(wait(line, BOB, order))
    await asyncio.sleep(1)
    await serve_all(line, waiting, running)
    assert order[0] == BOB
    assert len(order) == 50


async def test_turns_go_round_between_people_and_each_persons_own_asks_keep_their_order():
    line, order = Line(1, 100), []
    running = await start(line, CAT)
    waiting = [wait(line, who, order, f"{who}{number}") for who in (ANN, BOB) for number in range(3)]
    await asyncio.sleep(1)
    await serve_all(line, waiting, running)
    assert order == ["10", "20", "11", "21", "12", "22"]


async def test_whoever_has_the_fewest_at_the_model_is_next():
    line, order = Line(3, 10), []
    running = [await start(line, ANN), await start(line, ANN), await start(line, BOB)]
    waiting = [wait(line, who, order) for who in (ANN, BOB, CAT)]
    await asyncio.sleep(1)
    running[0].leave()
    await asyncio.sleep(1)
    assert order == [CAT]
    running[1].leave()
    await asyncio.sleep(1)
    assert order == [CAT, ANN]
    for ticket, task in waiting:
        task.cancel()
        ticket.leave()


async def test_newcomers_never_starve_somebody_who_asked_before():
    line, order = Line(1, 100), []
    running = await start(line, ANN)
    waiting = [wait(line, ANN, order)]
    for newcomer in range(10, 40):
        waiting.append(wait(line, newcomer, order))
        await asyncio.sleep(0.01)
        running.leave()
        await asyncio.sleep(0.01)
        running = next(iter(line._running))
    assert order.index(ANN) == 1  # one was there when Ann's first answer ended
    for ticket, task in waiting:
        task.cancel()
        ticket.leave()


async def test_a_full_line_is_told_at_once_with_when_to_come_back():
    line = Line(1, 1)
    running = await start(line, ANN)
    waiting = line.join(BOB)
    waiting.line_up()
    with pytest.raises(Busy, match=r"Ask again in a minute\."):
        line.join(CAT)
    await asyncio.sleep(20)
    running.leave()
    assert await waiting.called(within_s=1)
    line.join(CAT)
    await asyncio.sleep(2)
    with pytest.raises(Busy, match=r"Ask again in 20 s\."):
        line.join(CAT)


async def test_ones_place_and_the_time_until_then_are_told_from_the_answers_before():
    line = Line(2, 10)
    for _ in range(2):
        ticket = await start(line, CAT)
        await asyncio.sleep(10)
        ticket.leave()
    running = [await start(line, ANN), await start(line, BOB)]
    waiting = [line.join(who) for who in range(10, 16)]
    # Both end in 10 s and two are called then, and so on.
    assert [ticket.standing for ticket in waiting] == [
        InLine(1, 10), InLine(2, 10), InLine(3, 20), InLine(4, 20), InLine(5, 30), InLine(6, 30),
    ]  # fmt: skip
    await asyncio.sleep(6)
    assert waiting[0].standing == InLine(1, 5)
    waiting[0].leave()
    assert waiting[1].standing == InLine(1, 5)
    running[0].leave()
    assert waiting[1].standing is None  # it need but take the place
    assert waiting[2].standing.place == 1


async def test_an_answer_that_takes_longer_than_usual_is_not_about_to_end_for_ever():
    line = Line(1, 10)
    (await start(line, ANN)).leave()
    running = await start(line, ANN)
    await asyncio.sleep(40)
    running.leave()
    await start(line, ANN)
    await asyncio.sleep(100)
    assert line.join(BOB).standing == InLine(1, 5)


async def test_nothing_is_said_of_a_time_that_nobody_knows():
    line = Line(1, 10)
    await start(line, ANN)
    assert line.join(BOB).standing == InLine(1, None)


async def test_one_that_is_not_ready_yet_lets_others_ahead():
    line, order = Line(1, 10), []
    reading = line.join(ANN)
    ticket, called = wait(line, BOB, order)
    await called
    assert reading.standing.place == 1
    ticket.leave()
    reading.line_up()
    assert await reading.called(within_s=0.001)


async def test_whoever_leaves_twice_frees_one_place():
    line = Line(1, 10)
    first = await start(line, ANN)
    tasks = [wait(line, BOB, []), wait(line, CAT, [])]
    await asyncio.sleep(1)
    first.leave()
    first.leave()
    assert (line.running, line.waiting) == (1, 1)
    for ticket, task in tasks:
        await asyncio.sleep(0)
        ticket.leave()
        task.cancel()


async def test_one_that_is_cancelled_in_the_moment_of_its_call_gives_the_place_on():
    line, order = Line(1, 10), []
    first = await start(line, ANN)
    second, waiting = wait(line, BOB, order)
    third, called = wait(line, CAT, order)
    await asyncio.sleep(1)
    first.leave()  # calls Bob, whose task has not run yet
    waiting.cancel()
    second.leave()
    await called
    assert order == [CAT]
    third.leave()
    assert (line.running, line.waiting) == (0, 0)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), places=st.integers(1, 4), size=st.integers(0, 8), people=st.integers(1, 5))
def test_no_place_is_lost_or_given_twice_whatever_happens(seed, places, size, people):
    """Askers come, are stopped at any moment, fail or end; all the time the line is as full as it may be."""
    run(bustle(random.Random(seed), Line(places, size), places, size, people))


async def bustle(chance, line, places, size, people):
    inside = set()

    async def ask(ticket):
        try:
            await asyncio.sleep(chance.choice([0, 1]))
            ticket.line_up()
            while not await ticket.called(within_s=chance.uniform(0.1, 3)):
                standing = ticket.standing
                assert standing is None or 1 <= standing.place <= line.waiting
            inside.add(ticket)
            assert len(inside) <= places
            await asyncio.sleep(chance.uniform(0, 5))
            if chance.random() < 0.2:
                raise ZeroDivisionError
        finally:
            inside.discard(ticket)
            ticket.leave()
            if chance.random() < 0.3:
                ticket.leave()

    tasks = []
    for _ in range(40):
        try:
            tasks.append(asyncio.create_task(ask(line.join(chance.randrange(people)))))
        except Busy:
            assert line.running + line.waiting == places + size
        await asyncio.sleep(chance.choice([0, 0, 0.5, 2]))
        if tasks and chance.random() < 0.4:
            chance.choice(tasks).cancel()
            await asyncio.sleep(0)
        ready = sum(ticket.is_ready for ticket in line._waiting)
        assert line.running <= places
        assert not ready or line.running == places
    await asyncio.gather(*tasks, return_exceptions=True)
    # A task that was cancelled before its first step never had its ticket to give back; a Run's callback does that.
    for ticket in [*line._waiting, *line._running]:
        ticket.leave()
    assert (line.running, line.waiting) == (0, 0)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_before_anybodys_first_turn_nobody_else_has_two(seed):
    async def bustle_and_note(chance):
        line, began = Line(chance.randint(1, 3), 1000), []

        async def ask(ticket, came):
            ticket.line_up()
            while not await ticket.called(within_s=60):
                pass
            began.append((ticket.asker_id, came, asyncio.get_running_loop().time()))
            await asyncio.sleep(chance.uniform(1, 5))
            ticket.leave()

        tasks = []
        for _ in range(60):
            now = asyncio.get_running_loop().time()
            tasks.append(asyncio.create_task(ask(line.join(min(chance.randrange(8), chance.randrange(8))), now)))
            await asyncio.sleep(chance.uniform(0, 1))
        await asyncio.gather(*tasks)
        firsts = {}
        for number, (who, came, at) in enumerate(began):
            firsts.setdefault(who, (number, came, at))
        for who, (number, came, _) in firsts.items():
            ahead = [other for other, _, at in began[:number] if at > came and other != who]
            assert len(ahead) == len(set(ahead)), (who, ahead)

    run(bustle_and_note(random.Random(seed)))
