"""Whatever is asked, answered again, edited, deleted and forgotten in whatever order: the tree is as a simple one."""

import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.core.memory import Forgotten, Place, StoredTurn
from bot.store.store import open_store
from tests.bot.store.material import ANNA, BERT, url_of

CHANNELS = (Place(1, 7), Place(2))
speakers, places, numbers = st.sampled_from([ANNA, BERT]), st.sampled_from(CHANNELS), st.integers(0, 40)


class Tree:
    """The same in memory, in the plainest way."""

    def __init__(self):
        self.turns: dict[int, StoredTurn] = {}
        self.shown: dict[int, set[int]] = {}  # turns by message
        self.fresh: dict[int, int] = {}

    def delete(self, turn_ids):
        for turn_id in turn_ids:
            gone = self.turns.pop(turn_id)
            for child in list(self.turns.values()):
                if child.parent_id == turn_id:
                    self.turns[child.id] = replace(child, parent_id=gone.parent_id)
            for shown in self.shown.values():
                shown.discard(turn_id)
        return len(turn_ids)

    def path(self, turn_id):
        path, leaf = [], self.turns.get(turn_id)
        turn = leaf
        while turn is not None:
            known = not turn.private or (leaf.private and leaf.speaker == turn.speaker)
            if turn.text is not None and known:
                path.insert(0, turn)
            turn = self.turns.get(turn.parent_id)
        return path

    def showing(self, message_id, *, public=False):
        found = [self.turns[id_] for id_ in self.shown.get(message_id, ())]
        found = [turn for turn in found if not (public and turn.private)]
        return max(found, key=lambda turn: (turn.role == "assistant", turn.id), default=None)

    def tip(self, channel_id):
        first = {}  # message of each turn
        for message_id in sorted(self.shown):
            for turn_id in self.shown[message_id]:
                first.setdefault(turn_id, message_id)
        here = {id_: self.turns[id_] for id_ in first if self.turns[id_].place.channel_id == channel_id}
        heads = [
            turn for turn in here.values()
            if first[turn.id] > self.fresh.get(channel_id, -1) and not turn.private
            and (turn.role == "user" or turn.parent_id not in here or here[turn.parent_id].role == "assistant")
        ]  # fmt: skip
        if not heads:
            return None
        head = max(heads, key=lambda turn: (first[turn.id], turn.role == "assistant", turn.id))
        answers = [
            one for one in self.turns.values()
            if one.parent_id == head.id and one.role == "assistant" and not one.private
        ]  # fmt: skip
        return max(answers, key=lambda one: one.id, default=head) if head.role == "user" else head

    def forget(self, user_id):
        before = dict(self.turns)
        theirs = {id_ for id_, turn in before.items() if turn.speaker.id == user_id}
        asked = {id_ for id_ in theirs if before[id_].role == "user"}
        to_them = {id_ for id_, turn in before.items() if turn.role == "assistant" and turn.parent_id in asked}
        gone = theirs | to_them
        self.delete(sorted(gone))
        return Forgotten(len(asked), len(gone) - len(asked))


class Conversation(RuleBasedStateMachine):
    def __init__(self, template):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.url = url_of(shutil.copy(template, self.directory / "patter.db"))
        self.runner = asyncio.Runner()
        self.tree = Tree()
        self.clock = 100  # milliseconds; messages and turns have ids that rise with it
        self.made: list[StoredTurn] = []
        self.message_ids: list[int] = []
        self.open()

    def open(self):
        self.opened = open_store(self.url)
        self.store = self.run(self.opened.__aenter__())
        self.conversations = self.store.conversations

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def teardown(self):
        try:
            self.look_at_everything()
        finally:
            self.run(self.opened.__aexit__(None, None, None))
            self.runner.close()
            shutil.rmtree(self.directory)

    def new_id(self):
        self.clock += 2
        return self.clock << 20

    def new_turn(self, parent, role, speaker, place, *, private=False, text="text"):
        text = text and f"{text} {self.clock}"
        turn = StoredTurn(self.new_id(), parent and parent.id, role, text, place, speaker, private)
        self.made.append(turn)
        return turn

    def add(self, turns, shown_by):
        self.run(self.conversations.add(*turns, shown_by=shown_by))
        for turn in turns:
            self.tree.turns[turn.id] = turn if turn.parent_id in self.tree.turns else replace(turn, parent_id=None)
            for message_id in shown_by.get(turn.id, ()):
                self.message_ids.append(message_id)
                self.tree.shown.setdefault(message_id, set()).add(turn.id)

    def turn(self, number):
        return self.made[number % len(self.made)]

    def message(self, number):
        return self.message_ids[number % len(self.message_ids)]

    @initialize(shape=st.lists(st.tuples(numbers, speakers, st.booleans()), min_size=4, max_size=12))
    def begin_with_a_tree(self, shape):
        turns = []
        for number, speaker, private in shape:
            parent = None if not turns else turns[-1] if number > 15 else turns[number % len(turns)]
            role = "user" if parent is None or parent.role == "assistant" else "assistant"
            turns.append(self.new_turn(parent, role, speaker, CHANNELS[0], private=private and number > 30))
        self.add(turns, {turn.id: [turn.id] for turn in turns})

    @rule(after=st.none() | numbers, speaker=speakers, place=places, private=st.booleans())
    def ask(self, after, speaker, place, private):
        turn = self.new_turn(None if after is None else self.turn(after), "user", speaker, place, private=private)
        self.add([turn], {turn.id: [turn.id]})

    @rule(speaker=speakers, place=places)
    def go_on_in_channel(self, speaker, place):
        turn = self.new_turn(self.tree.tip(place.channel_id), "user", speaker, place)
        self.add([turn], {turn.id: [turn.id]})

    @rule(to=numbers, pages=st.integers(0, 2), of_a_command=st.booleans(), text=st.sampled_from(["answer", None]))
    def answer(self, to, pages, of_a_command, text):
        question = self.turn(to)
        turn = self.new_turn(
            question, "assistant", question.speaker, question.place, private=question.private, text=text
        )
        message_ids = [self.new_id() for _ in range(pages)]
        self.add([turn], {turn.id: message_ids})
        if of_a_command and message_ids:
            self.link(question, message_ids[0])

    @rule(old=numbers, message=numbers)
    def retry(self, old, message):
        """The same message shows another answer."""
        old = self.turn(old)
        turn = self.new_turn(old, "assistant", old.speaker, old.place)
        turn = replace(turn, parent_id=old.parent_id)
        self.add([turn], {turn.id: [self.message(message)]})

    def link(self, turn, message_id):
        self.run(self.conversations.link(turn.id, [message_id]))
        if turn.id in self.tree.turns:
            self.tree.shown.setdefault(message_id, set()).add(turn.id)

    @rule(which=numbers)
    def finish(self, which):
        turn_id, text = self.turn(which).id, f"finished {self.clock}"
        self.run(self.conversations.finish(turn_id, text, tokens=3))
        if turn_id in self.tree.turns:
            self.tree.turns[turn_id] = replace(self.tree.turns[turn_id], text=text, tokens=3)

    @rule(message=numbers, text=st.sampled_from(["x", "y"]))
    def edit(self, message, text):
        message_id = self.message(message)
        turn = self.tree.showing(message_id)
        edited = self.run(self.conversations.edit(message_id, text))
        if turn is None or turn.role != "user" or turn.text == text:
            assert edited is None
            return
        self.tree.turns[turn.id] = replace(turn, text=text)
        children = [child for child in self.tree.turns.values() if child.parent_id == turn.id]
        answers = [child for child in children if child.role == "assistant"]
        gone_on = {child.parent_id for child in self.tree.turns.values()} & {answer.id for answer in answers}
        assert edited.question == self.tree.turns[turn.id]
        assert edited.answer == max(answers, key=lambda answer: answer.id, default=None)
        assert edited.is_last == (len(children) == len(answers) and not gone_on)

    @rule(first=numbers, count=st.integers(1, 5))
    def delete_messages(self, first, count):
        message_ids = [self.message(first + number) for number in range(count)]
        gone = {turn_id for message_id in message_ids for turn_id in self.tree.shown.get(message_id, ())}
        assert self.run(self.conversations.drop_messages(message_ids)) == self.tree.delete(gone)

    @rule(which=numbers)
    def drop(self, which):
        turn_id = self.turn(which).id
        self.run(self.conversations.drop(turn_id))
        self.tree.delete({turn_id} & self.tree.turns.keys())

    @rule(message=numbers)
    def unlink(self, message):
        self.run(self.conversations.unlink([self.message(message)]))
        self.tree.shown.pop(self.message(message), None)

    @rule(who=speakers)
    def forget(self, who):
        assert self.run(self.conversations.forget(who.id, self.new_id())) == self.tree.forget(who.id)

    @rule(place=places)
    def start_afresh(self, place):
        after, goes_on = self.new_id(), self.tree.tip(place.channel_id) is not None
        assert self.run(self.conversations.start_afresh(place.channel_id, after)) == goes_on
        self.tree.fresh[place.channel_id] = after

    @rule(age=st.integers(10, 60))
    def expire(self, age):
        until = self.clock - age | 1
        old = {turn_id for turn_id in self.tree.turns if turn_id >> 20 < until}
        assert self.run(self.conversations.expire((until + 0.5) / 1000)) == self.tree.delete(old)

    @rule()
    def restart(self):
        self.run(self.opened.__aexit__(None, None, None))
        self.open()

    @rule()
    def look_at_everything(self):
        messages = {turn_id: [] for turn_id in self.tree.turns}
        for message_id, turn_ids in sorted(self.tree.shown.items()):
            for turn_id in turn_ids:
                messages[turn_id].append(message_id)
        store, tree = self.conversations, self.tree
        assert self.all(store.turn, messages) == list(tree.turns.values())
        assert self.all(store.path, messages) == [tree.path(turn_id) for turn_id in messages]
        assert self.all(store.messages_of, messages) == list(messages.values())
        assert self.all(store.showing, tree.shown) == [tree.showing(message_id) for message_id in tree.shown]

    def all(self, read, ids):
        async def look():
            return await asyncio.gather(*map(read, ids))

        return self.run(look())

    @invariant()
    def channels_go_on_from_the_same_turn(self):
        ids = [place.channel_id for place in CHANNELS]
        assert self.all(self.conversations.tip, ids) == [self.tree.tip(channel_id) for channel_id in ids]
        assert self.all(self.conversations.fresh_since, ids) == [self.tree.fresh.get(channel_id) for channel_id in ids]


def test_the_tree_is_as_a_simple_one(migrated):
    run_state_machine_as_test(
        lambda: Conversation(migrated),
        settings=settings(
            max_examples=20, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
