"""Whatever is said, answered again, edited, deleted and forgotten, whenever it stops: a plain list tells the prompt."""

import asyncio
import itertools
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot.chat.afterwards import GO_ON, Afterwards
from bot.chat.asking import nothing_before
from bot.chat.branches import Branches
from bot.chat.mending import Mending
from bot.chat.revising import Revising
from bot.core.composer import Composer
from bot.core.exchange import Exchange, Memory, Wish
from bot.core.memory import Forgotten, Place, Speaker
from bot.core.model import Ending, Outcome
from bot.store.store import open_store
from tests.bot.standing import Standing, Standings

SYSTEM = "Be brief."
CHANNEL, DM = 1, 2
PEOPLE = ANN, BERT, _ = Speaker(10, "Ann"), Speaker(20, "Bert"), Speaker(30, "ann")

people = st.sampled_from(PEOPLE)
picks = st.integers(0, 1) | st.integers(0, 9)
"""Which of what there is, counted from the newest."""
answers = st.sampled_from(["whole", "of two pages", "under way", "empty", "unseen"])


@dataclass(eq=False)
class Said:
    who: Speaker
    text: str | None
    channel: int
    private: bool
    is_question: bool
    before: list["Said"]
    """All that had been said before it on its branch, whatever has become of that since."""


class Notebook:
    """What was said, one after the other. What is deleted is struck out, and nothing else changes."""

    def __init__(self):
        self.said: list[Said] = []
        self.shown: dict[int, list[Said]] = {}  # by message, or by the id of the command that asked
        self.fresh: dict[int, int] = {}  # the newest /new by channel

    def write(self, one, *message_ids):
        self.said.append(one)
        for message_id in message_ids:
            self.show(one, message_id)
        return one

    def show(self, one, message_id):
        if one in self.said and one not in self.on(message_id):
            self.shown.setdefault(message_id, []).append(one)

    def strike(self, gone):
        self.said = [one for one in self.said if one not in gone]

    def on(self, message_id):
        return [one for one in self.shown.get(message_id, ()) if one in self.said]

    def newest_on(self, message_id):
        return max(self.on(message_id), key=self.rank, default=None)

    def rank(self, one):
        """An answer counts more than its question, on the message that shows both."""
        return not one.is_question, self.said.index(one)

    def up_to(self, one):
        """Give what was said up to something, that included, and is not struck out."""
        return [] if one is None else [each for each in (*one.before, one) if each in self.said]

    def question_of(self, answer):
        """It is what stands right before an answer."""
        *_, last = (None, *self.up_to(answer)[:-1])
        return last if last is not None and last.is_question else None

    def answers_to(self, question):
        return [one for one in self.said if not one.is_question and self.question_of(one) is question]

    def tip(self, channel):
        """Give what a DM or thread goes on from: the last answer to the last question that was put there."""
        first_on = {}
        for message_id in sorted(self.shown, reverse=True):
            first_on.update(dict.fromkeys(self.on(message_id), message_id))
        fresh = self.fresh.get(channel, 0)
        put = [one for one, at in first_on.items() if at > fresh and self.is_put_in(channel, one)]
        last = max(put, key=lambda one: (first_on[one], self.rank(one)), default=None)
        if last is None and channel > fresh:
            last = self.newest_on(channel)  # a thread has the id of the message from which it was opened
        return next(reversed(self.answers_to(last)), last) if last is not None and last.is_question else last

    def is_put_in(self, channel, one):
        question = None if one.is_question else self.question_of(one)
        answers_what_is_there = question is not None and question.channel == channel
        return one.channel == channel and not one.private and not answers_what_is_there

    def known_to(self, who, leaf, *, private):
        """Give what may be known to whoever goes on from `leaf`: nothing if that is private, and not theirs alone."""
        if leaf is not None and leaf.private and not (private and leaf.who.id == who.id):
            return []
        return self.up_to(leaf)

    def prompt(self, question):
        said = [one for one in self.up_to(question) if one.text]
        called = {}
        for who in [one.who for one in said if one.is_question]:
            namesakes = [id_ for id_, name in called.items() if name.lower() == who.name.lower() and id_ != who.id]
            called.setdefault(who.id, f"{who.name} (2)" if namesakes else who.name)
        lines = [("system", SYSTEM)]
        for one in said:
            name = f"{called[one.who.id]}: " if one.is_question and len(called) > 1 else ""
            lines.append(("user" if one.is_question else "assistant", name + one.text))
        return lines

    def forget(self, who):
        asked = [one for one in self.said if one.is_question and one.who.id == who.id]
        told = [
            one for one in self.said if not one.is_question and (one.who.id == who.id or self.question_of(one) in asked)
        ]
        self.strike([*asked, *told])
        return Forgotten(len(asked), len(told))


@dataclass(eq=False)
class UnderWay:
    """An answer that has not ended."""

    exchange: Exchange
    wish: Wish
    question: Said
    answer: Said
    notes: list[str]
    pages: list[int] = field(default_factory=list)
    is_deleted: bool = False


class Model:
    async def context(self, model):
        return 8192


class Conversations(RuleBasedStateMachine):
    """What is said below Discord: the branches, the exchanges and the store are the real ones."""

    def __init__(self, empty_file):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.url = f"sqlite+aiosqlite:///{shutil.copy(empty_file, self.directory)}"
        self.runner = asyncio.Runner()
        self.notebook = Notebook()
        self.ids = itertools.count(100)
        self.messages = Standings()
        self.talks = [DM]
        self.under_way: list[UnderWay] = []
        self.open()

    def open(self):
        self.opened = open_store(self.url)
        self.store = self.run(self.opened.__aenter__())
        self.memory = Memory(self.store.journal, self.store.conversations)
        self.branches = Branches(self.memory)
        self.composer = Composer(Model(), system_prompt=SYSTEM, answer_tokens=1000)

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def teardown(self):
        try:
            for one in list(self.under_way):
                self.end(one, "whole")
        finally:
            self.run(self.opened.__aexit__(None, None, None))
            self.runner.close()
            shutil.rmtree(self.directory)

    def pick(self, number, wanted=lambda shown: True):
        """Pick a message in which something stands that is known."""
        found = [(self.notebook.newest_on(message_id), message_id) for message_id in self.messages]
        able = [message_id for shown, message_id in found if shown is not None and wanted(shown)]
        return sorted(able, reverse=True)[number % len(able)] if able else None

    def post(self, channel, **what):
        message_id = next(self.ids)
        self.messages[message_id] = Standing(channel, **what)
        return message_id

    # What is put

    def put(self, who, channel, find_branch, leaf, how, *, notes=(), **more):
        """Put a question and have it answered."""
        one = self.prepare(who, channel, find_branch, leaf, **more)
        self.ask_at_once(one, notes=notes)
        self.answer(one, how)

    def prepare(self, who, channel, find_branch, leaf, *, is_command, private=False, text=None, replies_to=None):
        private = private and is_command
        said_at = next(self.ids) if is_command else self.post(channel, by=who, replies_to=replies_to)
        before = self.notebook.known_to(who, leaf() if callable(leaf) else leaf, private=private)
        question = Said(who, text or f"question {said_at}", channel, private, is_question=True, before=before)
        self.notebook.write(question, said_at)
        if not is_command:
            self.messages[said_at].said = question
        given = {"said_at": said_at} if is_command else {"message_id": said_at}
        return self.expect(question, find_branch(said_at), private=private, **given)

    def expect(self, question, find_branch, *, who=None, private=False, **given):
        """Expect another answer to a question."""
        who = who or question.who
        before = [*question.before, question]
        answer = Said(who, None, question.channel, private, is_question=False, before=before)
        self.notebook.write(answer)
        run_id, notes = f"run {next(self.ids)}", []
        wish = Wish(run_id, Place(question.channel), who, question.text, "smol", private, **given)
        exchange = Exchange(wish, self.memory, self.composer, find_branch, notes.append)
        one = UnderWay(exchange, wish, question, answer, notes)
        self.under_way.append(one)
        return one

    def ask_at_once(self, *asked, notes=()):
        expected = [self.notebook.prompt(one.question) for one in asked]

        async def ask():
            for one in asked:
                await one.exchange.begin()
            return await asyncio.gather(*(one.exchange.question() for one in asked))

        questions = self.run(ask())
        assert [[(turn.role, turn.text) for turn in question.turns] for question in questions] == expected
        assert all(one.notes == [*notes] for one in asked)

    def answer(self, one, how):
        """Show the answer's first message, and end it unless it stays under way."""
        first = one.wish.in_place_of
        if how != "unseen":
            self.show_page(one, first or self.post_page(one))
        if how == "under way":
            self.run(self.settle(one))
        else:
            self.end(one, how)

    def post_page(self, one):
        wish, is_first = one.wish, not one.pages
        by = {"command": (wish.said_at, wish.speaker)} if wish.message_id is None else {}
        by = by or ({"replies_to": wish.message_id} if is_first else {})
        return self.post(one.question.channel, private=wish.private, **by)

    def show_page(self, one, message_id):
        one.pages.append(message_id)
        self.messages[message_id].run = one
        if one.wish.message_id is None and len(one.pages) == 1:
            self.notebook.show(one.question, message_id)
        self.notebook.show(one.answer, message_id)

    async def settle(self, one):
        one.exchange.shown_on(one.pages)
        await asyncio.gather(*one.exchange._under_way)

    def end(self, one, how):
        self.under_way.remove(one)
        if how == "of two pages" and not one.is_deleted:
            self.show_page(one, self.post_page(one))
        one.answer.text = "" if how == "empty" else f"answer {next(self.ids)}"
        if one.is_deleted or not one.pages:
            self.notebook.strike([one.answer])
        self.run(self.finish(one, Ending.DELETED if one.is_deleted else Ending.DONE))

    async def finish(self, one, ending):
        one.exchange.shown_on(one.pages)
        one.exchange.keep(Outcome(ending), one.answer.text)
        await one.exchange.end()

    def talk(self, channel):
        """Give where a DM or thread goes on from."""
        return partial(partial, self.branches.of_channel, self.messages.channel(channel))

    # What people do

    @initialize(who=st.lists(people, min_size=2, max_size=2))
    def begin_with_a_conversation(self, who):
        for one in who:
            self.say(one, 0, "whole", is_command=False, private=False)

    @rule(who=people, how=answers, is_command=st.booleans(), private=st.booleans())
    def ask(self, who, how, is_command, private):
        self.put(who, CHANNEL, lambda _: nothing_before, None, how, is_command=is_command, private=private)

    @rule(who=people, where=picks, how=answers, is_command=st.booleans(), private=st.booleans())
    def say(self, who, where, how, is_command, private):
        channel = self.talks[-1 - where % len(self.talks)]
        leaf = self.notebook.tip(channel)
        self.put(who, channel, self.talk(channel), leaf, how, is_command=is_command, private=private)

    @rule(who=people, other=people, where=picks, hows=st.tuples(answers, answers))
    def say_two_things_at_once(self, who, other, where, hows):
        channel = self.talks[-1 - where % len(self.talks)]
        both = []
        for one in (who, other):
            leaf = self.notebook.tip(channel)
            both.append(self.prepare(one, channel, self.talk(channel), leaf, is_command=False))
        self.ask_at_once(*both)
        for one, how in zip(both, hows, strict=True):
            self.answer(one, how)

    @rule(who=people, to=picks, how=answers)
    def reply(self, who, to, how):
        message_id = self.pick(to)
        if message_id is None:
            return
        self.reply_to(message_id, who, self.notebook.newest_on(message_id), how)

    def reply_to(self, message_id, who, leaf, how, **more):
        channel = self.messages[message_id].channel
        find_branch = partial(self.branches.of_reply, self.messages.reply_to(message_id), None)
        more |= {"is_command": False, "replies_to": message_id}
        self.put(who, channel, lambda _: find_branch, leaf, how, **more)

    @rule(who=people, to=picks, how=answers)
    def reply_to_what_is_forgotten(self, who, to, how):
        """The store knows nothing of it; there is what Discord tells of what led to it."""
        able = [
            id_ for id_, one in self.messages.items()
            if (one.said or one.run) and not (one.private or one.is_leftover or self.notebook.on(id_))
        ]  # fmt: skip
        if not able:
            return
        message_id, leaf = sorted(able, reverse=True)[to % len(able)], None
        before = self.messages[self.messages.first_page(message_id)].replies_to
        while leaf is None and before in self.messages:
            leaf = self.notebook.newest_on(before)
            before = self.messages[self.messages.first_page(before)].replies_to
        self.reply_to(message_id, who, leaf, how, notes=["some of what came before is forgotten"])

    @rule(who=people, at=picks, how=answers)
    def mention_in_reply_to_a_question(self, who, at, how):
        """The question of somebody is answered to somebody else."""
        message_id = self.pick(at, lambda shown: shown.is_question and not shown.private)
        if message_id is None:
            return
        question, reference = self.notebook.newest_on(message_id), SimpleNamespace(message_id=message_id)
        find_branch = partial(self.branches.to_answer, SimpleNamespace(reference=reference), SimpleNamespace())
        mention = self.post(self.messages[message_id].channel, by=who, replies_to=message_id)
        one = self.expect(question, find_branch, who=who, message_id=mention)
        self.ask_at_once(one)
        self.answer(one, how)

    @rule(which=picks, how=answers)
    def retry(self, which, how):
        message_id = self.pick(which, lambda shown: not shown.is_question)
        if message_id is None or any(message_id in one.pages for one in self.under_way):
            return
        old = self.notebook.newest_on(message_id)
        question = self.notebook.question_of(old)
        known = self.run(Afterwards(None, self.branches, self.memory, None)._known(message_id))
        assert known.answer.text == old.text
        assert (known.question and known.question.text) == (question and question.text)
        if question is None or how == "unseen":
            return
        given = {"in_place_of": message_id, "private": old.private}
        given |= (
            {"said_at": next(self.ids)}
            if set(known.question_on) & set(known.answer_on)
            else {"message_id": known.question_on[0]}
        )
        one = self.expect(question, partial(self.branches.again, known.question), **given)
        self.ask_at_once(one)
        self.answer(one, "under way")
        self.remove_pages([id_ for id_ in known.answer_on if id_ != message_id and id_ in self.messages])
        if how != "under way":
            self.end(one, how)

    def remove_pages(self, message_ids):
        self.run(self.memory.conversations.unlink(message_ids))
        for message_id in message_ids:
            self.notebook.shown.pop(message_id)
            self.delete_from(self.messages[message_id].channel, [message_id])

    @rule(who=people, which=picks, how=answers)
    def go_on(self, who, which, how):
        message_id = self.pick(which, lambda shown: not shown.is_question)
        if message_id is None:
            return
        leaf = self.notebook.newest_on(message_id)
        answer = self.run(self.memory.conversations.showing(message_id))
        find_branch = partial(self.branches.of_turn, answer)
        self.put(who, leaf.channel, lambda _: find_branch, leaf, how, is_command=True, private=leaf.private, text=GO_ON)

    @rule(which=picks)
    def edit(self, which):
        message_id = self.pick(which, lambda shown: shown.is_question)
        if message_id is None:
            return
        question = self.notebook.newest_on(message_id)
        question.text = f"changed {next(self.ids)}"
        edited = self.run(self.memory.conversations.edit(message_id, question.text))
        assert edited.question.text == question.text

    @rule(which=picks)
    def delete_a_question(self, which):
        self.delete(self.pick(which, lambda shown: shown.is_question))

    @rule(which=picks)
    def delete_an_answer(self, which):
        self.delete(self.pick(which, lambda shown: not shown.is_question))

    def delete(self, message_id):
        if message_id is not None:
            self.delete_from(self.messages[message_id].channel, [message_id])

    def delete_from(self, channel, message_ids):
        self.run(Revising(self.memory, None).deleted(message_ids, channel))
        for message_id in message_ids:
            gone = self.messages.pop(message_id)
            for page in gone.run.pages if gone.run else ():
                if page in self.messages:
                    self.messages[page].is_leftover = True
            self.notebook.strike(self.notebook.on(message_id))
        for one in self.under_way:
            one.is_deleted |= not set(one.pages).isdisjoint(message_ids)

    @rule(which=picks)
    def open_a_thread(self, which):
        message_id = self.pick(which, lambda shown: shown.channel == CHANNEL and not shown.private)
        if message_id is not None and message_id not in self.talks:
            self.talks.append(message_id)

    @rule(where=picks)
    def new(self, where):
        channel = self.talks[-1 - where % len(self.talks)]
        after, goes_on = next(self.ids), self.notebook.tip(channel) is not None
        assert self.run(self.memory.conversations.start_afresh(channel, after)) == goes_on
        self.notebook.fresh[channel] = after

    @rule(who=people)
    def forget(self, who):
        forgotten = self.run(self.memory.conversations.forget(who.id, next(self.ids)))
        assert forgotten == self.notebook.forget(who)
        for one in [one for one in self.under_way if one.wish.speaker.id == who.id]:
            self.end(one, "whole")  # it was stopped, and has heard of that by now

    @precondition(lambda self: self.under_way)
    @rule(which=picks, how=st.sampled_from(["whole", "of two pages", "empty"]))
    def an_answer_ends(self, which, how):
        self.end(self.under_way[which % len(self.under_way)], how)

    @rule()
    def restart(self):
        for one in self.under_way:
            self.run(one.exchange.abandon())
        self.run(self.opened.__aexit__(None, None, None))
        self.open()
        left = {entry.run_id: entry for entry in self.run(self.memory.journal.unfinished())}
        assert left.keys() == {one.wish.run_id for one in self.under_way}
        for one in self.under_way:
            self.mend(one, left[one.wish.run_id])
        self.under_way.clear()

    def mend(self, one, entry):
        if one.pages and not one.is_deleted:
            one.answer.text = f"half an answer {next(self.ids)}"
            pages = [SimpleNamespace(id=id_) for id_ in one.pages]
            shows = one.wish.message_id is None
            remains = SimpleNamespace(pages=pages, text=one.answer.text, show_question=shows)
            if entry.answer_id is not None:
                mending = Mending(self.memory, None, None, None)
                self.run(mending._keep(entry.answer_id, remains, was_shown=True))
        self.run(self.memory.journal.end(entry.run_id))


@pytest.fixture(autouse=True)
def rising_turn_ids(monkeypatch):
    """Two that are made in one millisecond have no order."""
    ids = itertools.count(1000, 10)
    monkeypatch.setattr("bot.core.exchange.new_turn_id", lambda: next(ids))


@pytest.fixture
def empty_file(tmp_path):
    async def make(path):
        async with open_store(f"sqlite+aiosqlite:///{path}"):
            return path

    return asyncio.run(make(tmp_path / "patter.db"))


@pytest.fixture
def talk(empty_file):
    talk = Conversations(empty_file)
    yield talk
    talk.teardown()


@pytest.mark.parametrize("number", range(3))
def test_whatever_happens_the_prompt_is_what_a_plain_list_tells(empty_file, number):
    """In three parts, each with a seed of its own, that can run side by side."""
    run_state_machine_as_test(
        seed(number)(lambda: Conversations(empty_file)),
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# What it takes more luck to come upon than a short run has.


def test_an_answer_whose_question_is_deleted_is_gone_on_from(talk):
    talk.begin_with_a_conversation([ANN, BERT])
    talk.delete_a_question(0)
    talk.say(ANN, 0, "whole", is_command=False, private=False)


def test_an_answer_whose_question_is_deleted_is_not_taken_for_one_to_the_answer_before(talk):
    talk.begin_with_a_conversation([ANN, BERT])
    talk.delete_a_question(0)
    talk.retry(0, "whole")


def test_what_was_forgotten_is_not_read_back_where_only_something_private_is_left(talk):
    talk.say(ANN, 0, "whole", is_command=False, private=False)
    talk.say(BERT, 0, "whole", is_command=True, private=True)
    talk.forget(ANN)
    talk.say(BERT, 0, "whole", is_command=False, private=False)


def test_what_was_forgotten_is_not_read_back_where_only_something_of_before_a_fresh_start_is_left(talk):
    talk.say(BERT, 0, "whole", is_command=False, private=False)
    talk.new(0)
    talk.say(ANN, 0, "whole", is_command=False, private=False)
    talk.forget(ANN)
    talk.say(BERT, 0, "whole", is_command=False, private=False)


@pytest.mark.parametrize("how", ["whole", "of two pages"])
def test_what_is_written_after_a_fresh_start_of_before_it_does_not_take_the_conversation_back(talk, how):
    talk.begin_with_a_conversation([ANN, BERT])
    talk.say(ANN, 0, "under way", is_command=False, private=False)
    talk.new(0)
    talk.an_answer_ends(0, how)
    talk.mention_in_reply_to_a_question(BERT, 1, how)
    talk.say(ANN, 0, "whole", is_command=False, private=False)


@pytest.mark.parametrize("who", PEOPLE)
def test_what_was_said_in_private_is_told_neither_in_public_nor_to_others(talk, who):
    talk.ask(ANN, "whole", is_command=True, private=True)
    talk.reply(who, 0, "whole")
    talk.go_on(who, 1, "whole")


def test_what_was_forgotten_is_not_read_back_once_what_was_left_is_deleted_too(talk):
    talk.begin_with_a_conversation([ANN, BERT])
    talk.forget(ANN)
    talk.delete_a_question(0)
    talk.delete_an_answer(0)
    talk.say(BERT, 0, "whole", is_command=False, private=False)
