"""One question and its answer as they are remembered, whatever comes when and whatever fails, in virtual time."""

import asyncio

import pytest

from bot.core.composer import Composer
from bot.core.errors import MessageTooLong, StoreError
from bot.core.exchange import BEGIN_S, MEMORY_LOST, Branch, Exchange, Memory, Wish
from bot.core.memory import Place, Speaker, StoredTurn
from bot.core.model import Ending, Outcome, Usage
from tests.bot.core.plays import Tape

ANN, HERE = Speaker(1, "Ann"), Place(7, 3)
DONE = Outcome(Ending.DONE, usage=Usage(prompt_tokens=9, answer_tokens=5))


class Shelf:
    """Journal and conversations in one: `log` holds what was written, in the order in which it was durable."""

    def __init__(self):
        self.log, self.broken, self.slow = [], set(), {}
        self.entries = []

    async def _write(self, what, *details):
        await asyncio.sleep(self.slow.get(what, 0.01))
        if what in self.broken:
            raise StoreError(what)
        self.log.append((what, *details))

    async def begin(self, entry):
        self.entries.append(entry)
        await self._write("begin")

    async def add_messages(self, run_id, message_ids):
        await self._write("note", *message_ids)

    async def end(self, run_id):
        await self._write("end")

    async def add(self, *turns, shown_by):
        await self._write("add", *(turn.role for turn in turns), *shown_by.values())

    async def link(self, turn_id, message_ids):
        await self._write("link", *message_ids)

    async def finish(self, turn_id, text, *, tokens):
        await self._write("finish", text, tokens)

    async def drop(self, turn_id):
        await self._write("drop")


class Desk:
    """An Exchange over a Shelf; `branch` is what its question goes on from, found after `finding_s` seconds."""

    def __init__(self, shelf=None, memory=None, branch=None, finding_s=0.0, **wish):
        self.shelf = shelf or Shelf()
        self.memory = memory or Memory(self.shelf, self.shelf)
        self.notes, self.branch, self.finding_s = [], branch or Branch(), finding_s
        composer = Composer(Tape(), system_prompt="", answer_tokens=100)
        wanted = Wish(**{"run_id": "run", "place": HERE, "speaker": ANN, "text": "Why?", "model": "smol", **wish})
        self.exchange = Exchange(wanted, self.memory, composer, self._find, self.notes.append)

    async def _find(self):
        await asyncio.sleep(self.finding_s)
        return self.branch

    @property
    def log(self):
        return self.shelf.log

    @property
    def steps(self):
        return [what for what, *_ in self.log]

    async def end(self, outcome=DONE, text="Because.", **more):
        self.exchange.keep(outcome, text)
        await self.exchange.end(**more)


@pytest.fixture(autouse=True)
async def nothing_left_behind():
    """After each test no task goes on."""
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_exchange_is_journalled_added_linked_finished_and_struck_out():
    desk = Desk()
    await desk.exchange.begin()
    question = await desk.exchange.question()
    desk.exchange.shown_on([10])
    await asyncio.sleep(1)
    desk.exchange.shown_on([10, 11])
    await desk.end()
    assert [(turn.role, turn.text) for turn in question.turns] == [("user", "Why?")]
    assert desk.log[:2] == [("begin",), ("add", "user", "assistant")]
    assert sorted(desk.log[2:-1]) == [
        ("finish", "Because.", 5), ("link", 10), ("link", 10), ("link", 11), ("note", 10), ("note", 11),
    ]  # fmt: skip
    assert desk.log[-1] == ("end",)
    assert desk.notes == []


async def test_the_row_goes_into_the_journal_before_anything_else_is_waited_for():
    desk = Desk(token="secret", application_id=5, in_place_of=99)
    await desk.exchange.begin()
    (entry,) = desk.shelf.entries
    assert (entry.run_id, entry.token, entry.application_id, entry.message_ids) == ("run", "secret", 5, (99,))
    assert entry.answer_id is not None
    await desk.exchange.end()


@pytest.mark.parametrize("adding_s", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("shown_after_s", [0.0, 0.3, 2.0])
async def test_every_message_is_linked_once_whenever_it_comes(adding_s, shown_after_s):
    desk = Desk()
    desk.shelf.slow["add"] = adding_s
    await desk.exchange.begin()
    asking = asyncio.create_task(desk.exchange.question())
    for number in (10, 11, 12):
        await asyncio.sleep(shown_after_s)
        desk.exchange.shown_on(range(10, number + 1))
    await asking
    await desk.end()
    linked = [message_id for what, *ids in desk.log if what == "link" for message_id in ids]
    assert sorted(linked) == [10, 10, 11, 12]  # the first shows the question as well
    assert desk.steps.index("add") < desk.steps.index("link")
    assert desk.steps.index("add") < desk.steps.index("finish")


async def test_a_question_that_is_a_message_is_shown_by_that_alone():
    desk = Desk(message_id=5)
    await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end()
    assert ("add", "user", "assistant", (5,)) in desk.log
    assert [entry for entry in desk.log if entry[0] == "link"] == [("link", 10)]


async def test_another_answer_to_a_question_adds_no_question():
    asked = StoredTurn(4, None, "user", "Why?", HERE, ANN)
    desk = Desk(branch=Branch((), None, asked.id))
    await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end()
    assert ("add", "assistant") in desk.log


async def test_beginning_takes_a_second_at_most_and_what_comes_late_is_struck_out_all_the_same():
    desk = Desk()
    desk.shelf.slow["begin"] = 30.0
    before = asyncio.get_running_loop().time()
    await desk.exchange.begin()
    assert asyncio.get_running_loop().time() - before == pytest.approx(BEGIN_S)
    assert desk.notes == [MEMORY_LOST]
    desk.exchange.shown_on([10])
    await desk.end()
    assert desk.steps[-1] == "end"


@pytest.mark.parametrize("step", ["begin", "note", "add", "link", "finish", "end", "drop"])
async def test_whichever_write_fails_the_question_is_asked_and_the_others_are_made(step):
    desk = Desk()
    desk.shelf.broken.add(step)
    await desk.exchange.begin()
    question = await desk.exchange.question()
    desk.exchange.shown_on([10])
    await asyncio.sleep(1)
    await desk.end()
    assert question.turns
    wanted = {"begin", "note", "add", "link", "finish", "end"} - {step} - ({"link"} if step == "add" else set())
    assert set(desk.steps) == wanted
    assert desk.notes == ([MEMORY_LOST] if step in {"begin", "note", "add", "link"} else [])


async def test_a_branch_that_cannot_be_found_is_said_and_the_question_asked_without():
    desk = Desk()

    async def fail():
        raise StoreError

    desk.exchange._find_branch = fail
    assert len((await desk.exchange.question()).turns) == 1
    assert desk.notes == [MEMORY_LOST]
    await desk.end()


async def test_what_fails_after_an_answers_end_is_told_by_the_next_one():
    shelf = Shelf()
    memory = Memory(shelf, shelf)
    first, second = Desk(shelf, memory), Desk(shelf, memory)
    await first.exchange.begin()
    await first.exchange.question()
    shelf.broken = {"begin", "note", "add", "link", "finish", "end"}
    first.exchange.shown_on([10])
    await first.end()
    await second.exchange.begin()
    await second.end()
    assert (first.notes, second.notes) == ([], [MEMORY_LOST])


async def test_an_outage_is_told_once_and_the_next_one_again():
    shelf = Shelf()
    memory = Memory(shelf, shelf)
    told = []
    for broken in (True, True, False, True):
        shelf.broken = {"begin", "note", "add", "link", "finish", "end"} if broken else set()
        desk = Desk(shelf, memory)
        await desk.exchange.begin()
        await desk.exchange.question()
        desk.exchange.shown_on([10])
        await desk.end()
        told.append(desk.notes)
    assert told == [[MEMORY_LOST], [], [], [MEMORY_LOST]]


async def test_the_text_is_kept_as_soon_as_it_is_whole_and_not_before_its_turn_is_there():
    desk = Desk(finding_s=3.0)
    reader = asyncio.create_task(desk.exchange.question())
    desk.exchange.shown_on([10])
    await asyncio.sleep(1)
    reader.cancel()
    await asyncio.wait({reader})
    desk.exchange.keep(Outcome(Ending.STOPPED), "")
    await asyncio.sleep(5)
    assert desk.steps.index("add") < desk.steps.index("finish")
    assert "end" not in desk.steps
    await desk.exchange.end()
    assert desk.steps[-1] == "end"


async def test_an_answer_that_was_deleted_leaves_nothing():
    desk = Desk()
    await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end(Outcome(Ending.DELETED))
    assert "drop" in desk.steps
    assert "finish" not in desk.steps
    assert desk.steps[-1] == "end"


async def test_an_answer_that_nobody_saw_leaves_nothing():
    desk = Desk()
    await desk.exchange.begin()
    await desk.exchange.question()
    await desk.end(Outcome(Ending.FAILED))
    assert desk.steps[-2:] == ["drop", "end"]


async def test_what_may_still_be_mended_stays_in_the_journal():
    desk = Desk()
    await desk.exchange.begin()
    await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end(Outcome(Ending.FAILED), "All of it.", mendable=True)
    assert ("finish", "All of it.", 0) in desk.log
    assert "end" not in desk.steps


async def test_the_end_waits_for_the_links():
    desk = Desk()
    desk.shelf.slow |= {"note": 2.0, "link": 2.0}
    await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end()
    assert desk.steps[-1] == "end"
    assert desk.steps.count("link") == 2


@pytest.mark.parametrize("when_s", [0.0, 0.5, 1.5, 3.5])
async def test_abandoned_it_writes_nothing_more(when_s):
    desk = Desk(finding_s=1.0)
    desk.shelf.slow |= {"add": 1.0, "note": 3.0}
    reader = asyncio.create_task(desk.exchange.question())
    desk.exchange.shown_on([10])
    await asyncio.sleep(when_s)
    reader.cancel()
    await desk.exchange.abandon()
    written = list(desk.log)
    await asyncio.sleep(10)
    assert desk.log == written
    await asyncio.wait({reader})


async def test_a_cancelled_end_leaves_no_task():
    desk = Desk()
    desk.shelf.slow["note"] = 100.0
    desk.exchange.shown_on([10])
    ending = asyncio.create_task(desk.end())
    await asyncio.sleep(1)
    ending.cancel()
    await asyncio.wait({ending})
    assert ending.cancelled()


async def test_in_one_channel_a_question_finds_its_branch_after_the_one_before_was_added():
    shelf = Shelf()
    memory = Memory(shelf, shelf)
    first, second = Desk(shelf, memory, finding_s=5.0), Desk(shelf, memory)
    found = []

    async def find():
        found.append(list(shelf.log))
        return Branch()

    second.exchange._find_branch = find
    await asyncio.gather(first.exchange.question(), second.exchange.question())
    assert found == [[("add", "user", "assistant")]]
    await first.end()
    await second.end()


async def test_who_goes_on_from_an_answer_that_has_just_ended_finds_its_text():
    shelf = Shelf()
    memory = Memory(shelf, shelf)
    first, second = Desk(shelf, memory), Desk(shelf, memory)
    await first.exchange.question()
    first.exchange.shown_on([10])
    found = []

    async def find():
        found.append(second.steps.count("finish"))
        return Branch()

    second.exchange._find_branch = find
    shelf.slow["finish"] = 5.0
    first.exchange.keep(DONE, "Because.")
    await asyncio.sleep(0.1)
    await second.exchange.question()
    assert found == [1]
    await first.exchange.end()
    await second.end()


async def test_what_was_left_out_of_the_prompt_is_said():
    long = StoredTurn(1, None, "user", "word " * 5000, HERE, ANN)
    answer = StoredTurn(2, 1, "assistant", "Yes.", HERE, ANN)
    desk = Desk(branch=Branch.after([long, answer]))
    assert [turn.text for turn in (await desk.exchange.question()).turns] == ["Why?"]
    assert desk.notes == ["2 earlier messages left out"]
    await desk.end()


async def test_a_question_that_is_too_long_is_kept_and_refused():
    desk = Desk(text="word " * 9000)
    with pytest.raises(MessageTooLong):
        await desk.exchange.question()
    desk.exchange.shown_on([10])
    await desk.end(Outcome(Ending.FAILED), "")
    assert "add" in desk.steps


@pytest.mark.parametrize(
    ("asker", "private", "known"), [(ANN, True, True), (ANN, False, False), (Speaker(2, "Bob"), True, False)]
)
async def test_what_was_said_in_private_goes_on_in_private_alone_and_for_the_same_person(asker, private, known):
    secret = StoredTurn(1, None, "user", "A secret.", HERE, ANN, private=True)
    desk = Desk(branch=Branch.after([secret]), private=private, speaker=asker)
    question = await desk.exchange.question()
    assert [turn.text for turn in question.turns] == (["A secret.", "Why?"] if known else ["Why?"])
    await desk.end()
