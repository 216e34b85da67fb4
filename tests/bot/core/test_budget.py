"""What all lanes that write in the bot's own name share."""

import asyncio
from dataclasses import dataclass, field

from bot.core.scheduler import Allowance, Scheduler, Urgency


def now():
    return asyncio.get_running_loop().time()


@dataclass(eq=False)
class Somebody:
    urgency: Urgency = Urgency.TEXT
    unseen_since: float = field(default_factory=now)


class Office:
    """Writes through lanes of their own that all count globally; `log` holds (time, name)."""

    def __init__(self):
        self.scheduler, self.log = Scheduler(), []

    async def write(self, name, somebody=None):
        lane = self.scheduler.lane(name, Allowance(5, 5.0), counts_globally=True)
        async with lane.turn(somebody or Somebody()):
            self.log.append((now(), name))

    def most_in_a_second(self):
        times = [at for at, _ in self.log]
        return max(sum(start <= at < start + 1 for at in times) for start in times)


async def test_no_second_however_it_is_cut_holds_more_than_49():
    office = Office()
    start = now()
    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(office.write(number))
            await asyncio.sleep(0.001 * (number % 7))
    assert 40 < office.most_in_a_second() <= 49
    assert now() - start < 300 / 45 + 1


async def test_what_discord_py_asks_of_its_own_accord_counts_too():
    office = Office()

    async def foreign(number):
        await office.scheduler.budget.spend()
        office.log.append((now(), number))

    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(office.write(number))
            group.create_task(foreign(number))
    assert len(office.log) == 200
    assert office.most_in_a_second() <= 49


async def test_across_lanes_endings_go_first_and_then_the_longest_unseen():
    office = Office()
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(office.write(number, Somebody(Urgency.TEXT, now() - number / 100)))
        await asyncio.sleep(0.5)
        group.create_task(office.write("ending", Somebody(Urgency.ENDING)))
    names = [name for _, name in office.log]
    ended_at = next(at for at, name in office.log if name == "ending")
    assert ended_at - office.log[0][0] < 0.5 + 2 / 45
    texts = [name for name in names if name != "ending"]
    assert texts[4:] == sorted(texts[4:], reverse=True), "the first four go before anybody else has come"


async def test_lanes_of_tokens_do_not_wait_for_the_budget():
    office = Office()
    for number in range(100):
        lane = office.scheduler.lane(number, Allowance(5, 2.0), counts_globally=False)
        async with lane.turn(Somebody()):
            office.log.append((now(), number))
    assert office.log[-1][0] - office.log[0][0] < 0.01


async def test_somebody_who_gives_up_while_the_budget_is_spent_holds_up_nobody():
    office = Office()
    async with asyncio.TaskGroup() as group:
        quitters = [group.create_task(office.write(("quitter", number))) for number in range(50)]
        patient = group.create_task(office.write("patient"))
        await asyncio.sleep(0.1)
        for quitter in quitters:
            quitter.cancel()
        start = now()
        await patient
    assert now() - start < 0.1
    await asyncio.sleep(1)
    assert asyncio.all_tasks() == {asyncio.current_task()}
