from dataclasses import replace

import pytest

from bot.core.errors import StoreError
from bot.core.memory import Edited, Forgotten, Place, turn_id_at
from bot.store.queries import LONGEST_PATH
from bot.store.store import open_store
from tests.bot.store.material import ANNA, BERT, HERE, NOW, entry, url_of

THREAD = Place(channel_id=500, guild_id=2)


async def texts(conversations, turn):
    return [turn.text for turn in await conversations.path(turn.id)]


@pytest.fixture
async def talk(conversations, turns):
    """Two questions with their answers; the messages are 11 and so on."""
    q1 = turns.ask("q1")
    a1 = turns.answer("a1", q1)
    q2 = turns.ask("q2", after=a1)
    a2 = turns.answer("a2", q2)
    talk = [q1, a1, q2, a2]
    await conversations.add(*talk, shown_by={turn.id: [message_id] for message_id, turn in enumerate(talk, 11)})
    return talk


async def test_a_turn_comes_back_as_it_was_given(conversations, turns):
    turn = turns.ask("ünï\x00cödé 🧵", private=True, place=Place(2**62), model="m", tokens=3)
    await conversations.add(turn)
    assert await conversations.turn(turn.id) == turn
    assert await conversations.turn(1) is None


async def test_a_path_leads_from_the_root_to_the_turn(conversations, talk):
    assert await conversations.path(talk[2].id) == talk[:3]
    assert await conversations.path(1) == []


async def test_a_branch_does_not_know_the_other(conversations, turns, talk):
    branch = turns.ask("branch", after=talk[1])
    await conversations.add(branch)
    assert await texts(conversations, branch) == ["q1", "a1", "branch"]
    assert await texts(conversations, talk[3]) == ["q1", "a1", "q2", "a2"]


async def test_an_answer_without_a_text_is_left_out_until_it_is_finished(conversations, turns):
    question = turns.ask("q")
    answer = turns.answer(None, question)
    follow_up = turns.ask("follow-up", after=answer)
    await conversations.add(question, answer, follow_up)
    assert await texts(conversations, follow_up) == ["q", "follow-up"]
    await conversations.finish(answer.id, "a", tokens=5)
    assert await conversations.path(follow_up.id) == [question, replace(answer, text="a", tokens=5), follow_up]


async def test_of_a_long_branch_the_newest_turns_are_given(conversations, turns):
    chain = [turns.ask("0")]
    for number in range(1, LONGEST_PATH + 5):
        chain.append(turns.ask(str(number), after=chain[-1]))
    await conversations.add(*chain)
    assert await conversations.path(chain[-1].id) == chain[-LONGEST_PATH:]


async def test_a_private_turn_is_on_nobody_elses_path(conversations, turns):
    secret = turns.ask("secret", private=True)
    public = turns.ask("public", after=secret)
    of_bert = turns.ask("Bert's secret", after=secret, private=True, speaker=BERT)
    of_anna = turns.ask("more", after=secret, private=True)
    await conversations.add(secret, public, of_bert, of_anna)
    assert await texts(conversations, public) == ["public"]
    assert await texts(conversations, of_bert) == ["Bert's secret"]
    assert await texts(conversations, of_anna) == ["secret", "more"]


async def test_a_turn_whose_parent_is_gone_meanwhile_becomes_a_root(conversations, turns, talk):
    late = turns.ask("late", after=talk[3])
    await conversations.drop(talk[3].id)
    await conversations.add(late)
    assert await conversations.path(late.id) == [replace(late, parent_id=None)]


async def test_a_message_leads_to_its_answer_rather_than_its_question(conversations, turns):
    question = turns.ask()
    first, second = turns.answer("first", question), turns.answer("second", question)
    follow_up = turns.ask("later question", after=second)
    everything = (question, first, second, follow_up)
    await conversations.add(*everything, shown_by={turn.id: [7] for turn in everything})
    assert await conversations.showing(7) == second
    assert await conversations.showing(8) is None


async def test_messages_come_oldest_first_and_once_each(conversations, turns):
    question = turns.ask()
    await conversations.add(question, shown_by={question.id: [30, 30]})
    await conversations.link(question.id, [20, 30, 40])
    assert await conversations.messages_of(question.id) == [20, 30, 40]
    await conversations.unlink([30, 99])
    assert await conversations.messages_of(question.id) == [20, 40]
    assert await conversations.turn(question.id) == question


async def test_what_comes_too_late_for_a_turn_that_is_gone_is_ignored(conversations, turns):
    question = turns.ask()
    await conversations.link(question.id, [1])
    await conversations.finish(question.id, "text")
    await conversations.drop(question.id)
    assert await conversations.showing(1) is None
    assert await conversations.turn(question.id) is None


class TestTip:
    async def test_is_the_answer_to_the_newest_question(self, conversations, talk):
        assert await conversations.tip(HERE.channel_id) == talk[3]
        assert await conversations.tip(99) is None

    async def test_goes_by_the_message_and_not_by_the_turn(self, conversations, turns, talk):
        early = turns.ask("read back late, said early")
        await conversations.add(early, shown_by={early.id: [5]})
        assert await conversations.tip(HERE.channel_id) == talk[3]

    async def test_does_not_go_back_for_further_pages_of_an_old_answer(self, conversations, talk):
        await conversations.link(talk[1].id, [98, 99])
        assert await conversations.tip(HERE.channel_id) == talk[3]

    async def test_is_an_answer_whose_question_is_gone(self, conversations, turns, talk):
        question = turns.ask("q3")
        answer = turns.answer("a3", question)
        await conversations.add(question, answer, shown_by={question.id: [15], answer.id: [16]})
        await conversations.drop_messages([15])
        tip = await conversations.tip(HERE.channel_id)
        assert tip is not None
        assert tip.id == answer.id

    async def test_is_the_newest_of_several_answers(self, conversations, turns, talk):
        question = turns.ask("q3", after=talk[3])
        old, new = turns.answer("old", question), turns.answer(None, question)
        secret = turns.answer("secret", question, private=True)
        await conversations.add(question, shown_by={question.id: [15]})
        assert await conversations.tip(HERE.channel_id) == question
        await conversations.add(old, new, secret)
        assert await conversations.tip(HERE.channel_id) == new

    async def test_is_never_private(self, conversations, turns, talk):
        secret = turns.ask("secret", private=True)
        await conversations.add(secret, shown_by={secret.id: [99]})
        assert await conversations.tip(HERE.channel_id) == talk[3]

    async def test_of_a_new_thread_is_what_the_thread_was_started_from(self, conversations, turns, talk):
        await conversations.link(talk[1].id, [THREAD.channel_id])
        assert await conversations.tip(THREAD.channel_id) == talk[1]
        own = turns.ask("in the thread", after=talk[1], place=THREAD)
        await conversations.add(own, shown_by={own.id: [501]})
        assert await conversations.tip(THREAD.channel_id) == own
        assert await conversations.start_afresh(THREAD.channel_id, after=502)
        assert await conversations.tip(THREAD.channel_id) is None

    async def test_of_a_thread_is_nothing_private(self, conversations, turns):
        secret = turns.ask("secret", private=True)
        await conversations.add(secret, shown_by={secret.id: [THREAD.channel_id]})
        assert await conversations.tip(THREAD.channel_id) is None


class TestFreshStart:
    async def test_ends_what_the_channel_goes_on_from(self, conversations, turns, talk):
        assert await conversations.fresh_since(HERE.channel_id) is None
        assert await conversations.start_afresh(HERE.channel_id, after=20)
        assert await conversations.tip(HERE.channel_id) is None
        assert await conversations.fresh_since(HERE.channel_id) == 20
        root = turns.ask("anew")
        await conversations.add(root, shown_by={root.id: [21]})
        assert await conversations.tip(HERE.channel_id) == root

    async def test_changes_nothing_where_the_next_turn_is_a_root_anyway(self, conversations, talk):
        assert not await conversations.start_afresh(99, after=20)
        assert await conversations.start_afresh(HERE.channel_id, after=20)
        assert not await conversations.start_afresh(HERE.channel_id, after=30)
        assert await conversations.fresh_since(HERE.channel_id) == 30

    async def test_is_never_taken_back_by_an_older_one(self, conversations):
        await conversations.start_afresh(1, after=30)
        await conversations.start_afresh(1, after=20)
        assert await conversations.fresh_since(1) == 30

    async def test_is_for_one_channel(self, conversations, talk):
        await conversations.start_afresh(99, after=NOW)
        assert await conversations.tip(HERE.channel_id) == talk[3]


class TestEdit:
    async def test_gives_the_question_with_its_newest_answer(self, conversations, turns, talk):
        again = turns.answer("a2 again", talk[2])
        await conversations.add(again, shown_by={again.id: [40, 30]})
        question = replace(talk[2], text="new")
        assert await conversations.edit(13, "new") == Edited(question, again, (30, 40), is_last=True)
        assert await conversations.turn(question.id) == question

    async def test_tells_whether_somebody_has_gone_on_from_an_answer(self, conversations, turns, talk):
        edited = await conversations.edit(11, "new")
        assert (edited.answer, edited.message_ids, edited.is_last) == (talk[1], (12,), False)
        await conversations.add(turns.answer("another branch, last", talk[0]))
        assert not (await conversations.edit(11, "newer")).is_last

    async def test_tells_whether_somebody_has_gone_on_from_the_question_itself(self, conversations, turns):
        question = turns.ask("old")
        await conversations.add(question, turns.answer("a", question), shown_by={question.id: [1]})
        assert (await conversations.edit(1, "new")).is_last
        await conversations.add(turns.ask("of another person, meanwhile", after=question))
        assert not (await conversations.edit(1, "newer")).is_last

    async def test_of_a_question_without_an_answer_gives_none(self, conversations, turns):
        question = turns.ask("old")
        await conversations.add(question, shown_by={question.id: [1]})
        assert await conversations.edit(1, "new") == Edited(replace(question, text="new"), None, is_last=True)

    async def test_is_nothing_where_nothing_changes(self, conversations, talk):
        assert await conversations.edit(11, "q1") is None
        assert await conversations.edit(999, "new") is None

    async def test_never_changes_an_answer_nor_a_question_that_stands_above_one(self, conversations, turns):
        question = turns.ask("q")
        answer = turns.answer("a", question)
        await conversations.add(question, answer, shown_by={question.id: [1], answer.id: [1, 2]})
        assert await conversations.edit(1, "new") is None
        assert await conversations.edit(2, "new") is None
        assert await conversations.path(answer.id) == [question, answer]


class TestDropping:
    async def test_a_turn_gives_its_children_to_its_parent(self, conversations, talk):
        await conversations.drop(talk[1].id)
        assert await conversations.path(talk[3].id) == [talk[0], replace(talk[2], parent_id=talk[0].id), talk[3]]

    async def test_several_of_a_chain_gives_their_children_to_what_is_left(self, conversations, talk):
        assert await conversations.drop_messages([11, 12, 13, 999]) == 3
        assert await conversations.path(talk[3].id) == [replace(talk[3], parent_id=None)]
        assert await conversations.drop_messages([11, 12, 13]) == 0

    async def test_a_message_takes_all_that_it_shows(self, conversations, turns):
        question = turns.ask()
        first, second = turns.answer("first", question), turns.answer("second", question)
        await conversations.add(question, first, second, shown_by={question.id: [1], first.id: [1], second.id: [1, 2]})
        assert await conversations.drop_messages([1]) == 3
        assert await conversations.showing(2) is None

    async def test_more_turns_than_one_statement_takes(self, conversations, turns):
        chain = [turns.ask("first")]
        for _ in range(1200):
            chain.append(turns.ask(after=chain[-1]))
        await conversations.add(*chain, shown_by={turn.id: [turn.id] for turn in chain})
        assert await conversations.drop_messages(turn.id for turn in chain[1:-1]) == 1199
        assert await conversations.path(chain[-1].id) == [chain[0], replace(chain[-1], parent_id=chain[0].id)]


class TestForgetting:
    async def test_takes_a_persons_questions_and_the_answers_to_them_alone(self, conversations, turns, talk):
        of_bert = turns.ask("Bert's", after=talk[3], speaker=BERT, place=THREAD)
        to_bert = turns.answer("to Bert", of_bert, speaker=BERT, place=THREAD)
        retried_by_bert = turns.answer("of Anna's question", talk[2], speaker=BERT)
        await conversations.add(of_bert, to_bert, retried_by_bert)
        assert await conversations.forget(ANNA.id, NOW) == Forgotten(questions=2, answers=3)
        assert await conversations.path(to_bert.id) == [replace(of_bert, parent_id=None), to_bert]
        assert await conversations.forget(ANNA.id, NOW) == Forgotten(0, 0)

    async def test_is_known_from_then_on_up_to_the_latest_time(self, conversations, path):
        known = await conversations.forgotten()
        for up_to in (77, 76):
            await conversations.forget(ANNA.id, up_to)
        assert known == await conversations.forgotten() == {ANNA.id: 77}, "what was given before changes along"
        async with open_store(url_of(path)) as again:
            assert await again.conversations.forgotten() == {ANNA.id: 77}

    async def test_is_known_where_the_database_is_lost(self, store, conversations, path):
        await conversations.forget(ANNA.id, 77)
        async with open_store(url_of(path), retry_s=0.05) as again:
            path.rename(path.with_suffix(".away"))
            with pytest.raises(StoreError):
                await again.conversations.turn(1)
            assert await again.conversations.forgotten() == {ANNA.id: 77}

    async def test_leaves_the_journal_what_mending_needs(self, store, conversations, turns):
        await store.journal.begin(entry("hers", answer_id=5, token="t", message_ids=(9,)))
        await store.journal.begin(entry("his", asker=BERT, answer_id=6))
        await conversations.forget(ANNA.id, NOW)
        hers, his = await store.journal.unfinished()
        assert hers == replace(entry("hers", token="t", message_ids=(9,)), asker=replace(ANNA, name=""))
        assert his == entry("his", asker=BERT, answer_id=6)


async def test_what_is_too_old_expires(conversations, turns):
    old = [replace(turns.ask("old"), id=turn_id_at(1000.0 + number / 1000)) for number in range(600)]
    young = replace(turns.ask("young", after=old[0]), id=turn_id_at(2001.0))
    await conversations.add(*old, young)
    assert await conversations.expire(2000.0) == 600
    assert await conversations.path(young.id) == [replace(young, parent_id=None)]
    assert await conversations.expire(2000.0) == 0
