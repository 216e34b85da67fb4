"""One answer from beginning to end, over a scripted model and a remembered surface, in virtual time."""

import asyncio
from itertools import pairwise

import pytest

from bot.core.errors import ModelMissing, StreamCut, SurfaceError, SurfaceForbidden, SurfaceGone
from bot.core.events import EditLanded, FirstToken, RunEnded, RunStarted
from bot.core.model import Delta, Ending, LoadedModel, Question, Restarted, Retried, Retrying, Turn, Usage
from bot.core.queue import Line
from bot.core.run import Bounds, Pace, Run, new_run_id
from tests.bot.core.plays import WANTED, PlainRender, Tape, Unremembered, Wall

QUESTION = Question((Turn("user", "Why?"),), "smol", seed=7)
IN_MEMORY = (LoadedModel("smol:latest"),)
USAGE = Usage(prompt_tokens=3, answer_tokens=2, answer_s=0.5)


class Stage:
    def __init__(self, *steps, wall=None, limit=1000, loaded=IN_MEMORY, edit_interval_s=1.0, line=None, bounds=None):
        self.model, self.wall, self.events = Tape(*steps, loaded=loaded), wall or Wall(), []
        self.render, self.exchange = PlainRender(limit), Unremembered(QUESTION)
        self.run = Run(
            new_run_id(),
            self.exchange,
            self.model,
            self.render,
            self.wall,
            observer=self.events.append,
            ticket=(line or Line(1, 0)).join(asker_id=1),
            bounds=bounds or Bounds(),
            pace=Pace(edit_interval_s=edit_interval_s, loading_after_s=3.0),
        )

    @property
    def last(self):
        return self.wall.log[-1][2]

    def start(self):
        return asyncio.create_task(self.run.carry_out())


@pytest.fixture(autouse=True)
async def nothing_left_behind():
    """After each test no task goes on."""
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


def tokens(count, pace=0.05):
    for number in range(count):
        yield Delta(f"{number} ")
        yield pace


async def test_the_first_text_is_shown_at_once_and_the_end_with_its_outcome():
    stage = Stage(2.0, Delta("Because"), 5.0, Delta(" so."), USAGE)
    started = asyncio.get_running_loop().time()
    outcome = await stage.run.carry_out()
    assert outcome.ending is Ending.DONE
    assert outcome.usage is USAGE
    (first_at, _, first, stoppable, _), *_ = stage.wall.log
    assert (first, stoppable) == ("Because", True)
    assert first_at - started == pytest.approx(2.1, abs=0.01)
    assert stage.wall.log[-1][1:4] == (1, "Because so.[done]", False)


async def test_the_newest_text_wins_with_one_write_in_flight():
    stage = Stage(*tokens(200), USAGE, wall=Wall(round_trip_s=0.7))
    await stage.run.carry_out()
    assert stage.wall.most_in_flight == 1
    assert len(stage.wall.log) < 15
    assert stage.last == "".join(f"{n} " for n in range(200)) + "[done]"


async def test_each_write_shows_also_what_was_left_to_gather():
    stage = Stage(Delta("Because"), WANTED, Delta(" so"), 0.5, Delta(" it"), WANTED, Delta(" is."), USAGE)
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == ["Because so", "Because so it is.[done]"]


async def test_two_edits_of_a_message_keep_their_distance():
    stage = Stage(*tokens(200), USAGE, edit_interval_s=2.5)
    await stage.run.carry_out()
    times = [at for at, *_ in stage.wall.log[:-1]]
    assert all(later - earlier >= 2.5 for earlier, later in pairwise(times))


async def test_pages_that_are_finished_are_written_once_and_the_button_moves_on():
    stage = Stage(Delta("a" * 25), 9.0, Delta("b" * 10), USAGE, limit=10)
    await stage.run.carry_out()
    assert list(stage.wall.texts.values()) == ["a" * 10, "a" * 10, "a" * 5 + "b" * 5, "b" * 5 + "[done]"]
    assert [(message, stoppable) for _, message, _, stoppable, _ in stage.wall.log] == [
        (1, False), (2, False), (3, True), (3, False), (4, False),
    ]  # fmt: skip


@pytest.mark.parametrize("more", [0, 20])
async def test_a_page_that_was_there_already_from_an_earlier_try_is_brought_up_to_date(more):
    """Whether it is the open page, or one that is finished by now."""
    stage = Stage(Delta("a" * 15 + "b" * more), 9.0, USAGE, limit=10)
    stage.wall.already_there = "an older text"
    await stage.run.carry_out()
    assert "an older text" not in stage.wall.texts.values()
    assert "".join(stage.wall.texts.values()) == "a" * 15 + "b" * more + "[done]"


async def test_what_is_too_long_for_messages_goes_with_the_end_as_a_file():
    stage = Stage(Delta("x"), 3.0, USAGE)
    stage.render.attachment = "the whole"
    await stage.run.carry_out()
    assert [attachment for *_, attachment in stage.wall.log] == [None, "the whole"]


async def test_an_edit_that_would_change_nothing_is_not_sent():
    stage = Stage(Retrying(busy=True), 5.0, Retrying(busy=True), 5.0, Delta("x"), USAGE)
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == ["[busy]", "x[done]"]


@pytest.mark.parametrize("at", [0.0, 0.5, 2.05, 2.5, 9.0])
async def test_stop_closes_the_model_at_once_and_keeps_the_text(at):
    """Whether it waits, has just begun to write, or is in the middle of it."""
    stage = Stage(2.0, *tokens(1000, pace=0.1), USAGE)
    task = stage.start()
    await asyncio.sleep(at)
    now = asyncio.get_running_loop().time()
    assert stage.run.stop(by="Ann")
    assert not stage.run.stop(by="Bob"), "a second way to stop finds it ended"
    outcome = await task
    assert (outcome.ending, outcome.by) == (Ending.STOPPED, "Ann")
    assert stage.model.closed_at is None or stage.model.closed_at == pytest.approx(now, abs=1e-6)
    assert stage.last.endswith("[stopped]")
    if at > 2:
        assert stage.last.startswith("0 ")


async def test_stop_after_the_end_does_nothing():
    stage = Stage(Delta("x"), USAGE)
    await stage.run.carry_out()
    assert not stage.run.stop(by="Ann")
    assert stage.last == "x[done]"


async def test_a_failure_before_the_first_token_is_told():
    stage = Stage(ModelMissing("smol"))
    outcome = await stage.run.carry_out()
    assert outcome.ending is Ending.FAILED
    assert "ollama pull smol" in outcome.hint


async def test_a_cut_keeps_the_text_so_far():
    stage = Stage(Delta("half an ans"), 3.0, StreamCut("gone"))
    assert (await stage.run.carry_out()).ending is Ending.CUT
    assert stage.last == "half an ans[cut]"


async def test_a_bug_in_the_model_side_ends_in_words(caplog):
    stage = Stage(Delta("x"), ZeroDivisionError("bug"))
    assert (await stage.run.carry_out()).ending is Ending.FAILED
    assert "the reader failed" in caplog.text


async def test_hitting_the_length_limit_is_an_ending_of_its_own():
    stage = Stage(Delta("x"), Usage(hit_limit=True))
    assert (await stage.run.carry_out()).ending is Ending.LENGTH


async def test_an_empty_answer_still_ends_on_screen():
    stage = Stage(1.0, USAGE)
    await stage.run.carry_out()
    assert stage.last == "[done]"


async def test_a_model_that_is_not_in_memory_is_said_to_be_loading_after_some_silence():
    stage = Stage(10.0, Delta("x"), USAGE, loaded=[LoadedModel("other:latest")])
    started = asyncio.get_running_loop().time()
    await stage.run.carry_out()
    assert [(round(at - started, 1), text) for at, _, text, *_ in stage.wall.log] == [
        (3.1, "[loading]"), (10.1, "x[done]"),
    ]  # fmt: skip


async def test_a_model_in_memory_is_waited_for_in_silence():
    stage = Stage(10.0, Delta("x"), USAGE)
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == ["x[done]"]


async def test_thinking_is_shown_as_a_state_and_never_as_text():
    stage = Stage(Delta(thinking="hm"), 5.0, Delta(thinking="aha"), 1.0, Delta("x"), 3.0, USAGE)
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == ["[thinking]", "x", "x[done]"]


async def test_a_second_stream_is_silent_until_it_passes_what_is_shown():
    stage = Stage(
        Delta("one two"), 3.0, Restarted(), 3.0, Delta("one "), 3.0, Delta("two"), 3.0, Delta(" three"), 3.0, USAGE
    )
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == [
        "one two", "one two[reconnecting]", "one two three", "one two three[done]",
    ]  # fmt: skip


async def test_a_second_stream_that_differs_on_the_open_page_takes_its_place():
    stage = Stage(Delta("a" * 10 + "bbb"), 3.0, Restarted(), 3.0, Delta("a" * 10 + "cccc"), 3.0, USAGE, limit=10)
    assert (await stage.run.carry_out()).ending is Ending.DONE
    assert list(stage.wall.texts.values()) == ["a" * 10, "cccc[done]"]


@pytest.mark.parametrize("second", ["x" * 14, "a" * 12, ""])
async def test_a_second_stream_that_cannot_be_fitted_ends_as_cut_with_what_was_shown(second):
    """It differs on a finished page, or it ends shorter."""
    stage = Stage(Delta("a" * 10 + "bbb"), 3.0, Restarted(), 3.0, Delta(second), 3.0, USAGE, limit=10)
    assert (await stage.run.carry_out()).ending is Ending.CUT
    assert list(stage.wall.texts.values()) == ["a" * 10, "bbb[cut]"]


async def test_a_second_stream_that_ends_just_where_the_first_was_cut_is_whole():
    stage = Stage(Delta("one two"), Restarted(), Delta("one two"), USAGE)
    assert (await stage.run.carry_out()).ending is Ending.DONE
    assert stage.last == "one two[done]"


async def test_a_surface_that_is_gone_closes_the_model_and_posts_nothing_more():
    stage = Stage(*tokens(1000), USAGE)
    stage.wall.failures = [None, SurfaceGone()]
    started = asyncio.get_running_loop().time()
    assert (await stage.run.carry_out()).ending is Ending.DELETED
    assert stage.model.closed_at - started < 3
    assert len(stage.wall.log) == 1


async def test_a_write_that_is_forbidden_closes_the_model_and_tries_to_say_so_once():
    stage = Stage(*tokens(1000), USAGE)
    stage.wall.failures = [None, SurfaceForbidden()]
    assert (await stage.run.carry_out()).ending is Ending.FAILED
    assert stage.last.endswith("[failed]")
    assert len(stage.wall.log) == 2


async def test_a_first_message_that_cannot_be_shown_closes_the_model():
    stage = Stage(*tokens(1000), USAGE)

    async def refuse(screen):
        raise SurfaceGone

    stage.wall.open = refuse
    assert (await stage.run.carry_out()).ending is Ending.DELETED
    assert stage.wall.log == []


async def test_the_first_text_does_not_wait_for_the_distance_after_a_state():
    """Also when it arrives while the edit that shows the state is on its way."""
    stage = Stage(Retrying(busy=True), 0.05, Delta("x"), 9.0, USAGE, edit_interval_s=3.0)
    started = asyncio.get_running_loop().time()
    await stage.run.carry_out()
    assert [(round(at - started, 1), text) for at, _, text, *_ in stage.wall.log[:2]] == [(0.1, "[busy]"), (0.2, "x")]


async def test_after_a_retry_the_message_says_again_what_it_waits_for():
    stage = Stage(Retrying(busy=False), 3.0, Retried(), 10.0, Delta("x"), USAGE, loaded=[])
    await stage.run.carry_out()
    assert [text for _, _, text, *_ in stage.wall.log] == ["[unreachable]", "[waiting]", "[loading]", "x[done]"]


async def test_a_write_that_fails_is_made_again_with_the_newest_text():
    stage = Stage(*tokens(100), USAGE)
    stage.wall.failures = [SurfaceError(), None, SurfaceError(), SurfaceError(), None, None]
    assert (await stage.run.carry_out()).ending is Ending.DONE
    assert stage.last.endswith("99 [done]")


async def test_an_outage_of_five_minutes_only_delays_the_end():
    stage = Stage(*tokens(10), USAGE)
    stage.wall.failures = [None] + [SurfaceError()] * 45
    started = asyncio.get_running_loop().time()
    assert (await stage.run.carry_out()).ending is Ending.DONE
    assert asyncio.get_running_loop().time() - started > 200
    assert stage.last.endswith("9 [done]")


async def test_whoever_waits_for_the_first_message_learns_whether_there_is_one():
    shown, unseen = Stage(*tokens(10), USAGE), Stage(*tokens(10), USAGE)

    async def refuse(screen):
        raise SurfaceError

    unseen.wall.open = refuse
    waiting = [asyncio.create_task(stage.run.opened()) for stage in (shown, unseen)]
    await asyncio.gather(shown.run.carry_out(), unseen.run.carry_out())
    assert [task.result() for task in waiting] == [True, False]


async def test_the_answer_is_kept_before_its_end_is_on_screen():
    stage = Stage(Delta("x"), USAGE, wall=Wall(round_trip_s=5.0))
    running = stage.start()
    await asyncio.sleep(1)
    assert stage.exchange.log[-1] == (Ending.DONE, "x")
    await running
    assert stage.exchange.log[-1] == "end"


async def test_an_outage_that_outlasts_its_patience_leaves_it_to_be_mended():
    stage = Stage(*tokens(10), USAGE)
    stage.wall.failures = [None] + [SurfaceError()] * 1000
    await stage.run.carry_out()
    assert stage.exchange.log[-1] == "left to be mended"


async def test_cancelling_leaves_the_exchange_unended():
    stage = Stage(*tokens(1000), USAGE)
    task = stage.start()
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.wait({task})
    assert stage.exchange.log[-1] == "abandoned"
    assert "end" not in stage.exchange.log


async def test_cancelling_closes_the_model_and_propagates():
    stage = Stage(*tokens(1000), USAGE)
    task = stage.start()
    await asyncio.sleep(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stage.model.closed_at == pytest.approx(asyncio.get_running_loop().time(), abs=1e-6)


async def test_an_observer_hears_of_everything_in_order():
    stage = Stage(2.0, Delta("x"), 2.0, Delta("y"), USAGE)
    await stage.run.carry_out()
    kinds = [type(event) for event in stage.events]
    assert kinds == [RunStarted, FirstToken, EditLanded, EditLanded, RunEnded]
    ended = stage.events[-1]
    assert (ended.edits, ended.outcome.ending) == (2, Ending.DONE)
    assert ended.first_token_s == pytest.approx(2.0)
