from random import Random

import pytest

from bot.core.errors import ModelBusy, ModelMissing, ModelRefused, ModelUnreachable, StreamCut
from bot.core.model import Restarted, Retrying
from bot.llm.options import OllamaOptions
from bot.llm.retry import Tries

OPTIONS = OllamaOptions(retries=4, first_pause_s=1.0, longest_pause_s=3.0)


def tries(*, restarts=2, seed=1):
    return Tries(OPTIONS, Random(seed), restarts=restarts)


def test_pauses_double_up_to_the_longest_and_are_spread_over_their_upper_half():
    for seed in range(50):
        its = tries(seed=seed)
        pauses = [its.after(ModelUnreachable())[1] for _ in range(4)]
        for pause, longest in zip(pauses, [1.0, 2.0, 3.0, 3.0], strict=True):
            assert longest / 2 <= pause <= longest


def test_two_answers_do_not_pause_alike():
    assert tries(seed=1).after(ModelBusy())[1] != tries(seed=2).after(ModelBusy())[1]


def test_a_retry_says_whether_the_server_is_full_or_away():
    its = tries()
    assert its.after(ModelBusy())[0] == Retrying(busy=True)
    assert its.after(ModelUnreachable())[0] == Retrying(busy=False)


def test_retries_are_bounded():
    its = tries()
    for _ in range(4):
        its.after(ModelBusy())
    with pytest.raises(ModelBusy):
        its.after(ModelBusy())


@pytest.mark.parametrize("error", [ModelMissing("smol"), ModelRefused(400, "no"), ModelUnreachable(again=False)])
def test_what_would_fail_again_is_not_tried_again(error):
    with pytest.raises(type(error)):
        tries().after(error)


def test_a_cut_answer_is_asked_for_again_at_once_and_at_most_twice():
    its = tries()
    assert its.after(StreamCut()) == its.after(StreamCut()) == (Restarted(), 0.0)
    with pytest.raises(StreamCut):
        its.after(StreamCut())


def test_a_cut_that_would_come_again_is_final():
    with pytest.raises(StreamCut):
        tries().after(StreamCut(again=False))


def test_each_restart_has_its_own_retries():
    its = tries()
    its.after(ModelBusy())
    its.after(StreamCut())
    assert its.after(ModelUnreachable())[1] <= 1.0
    for _ in range(3):
        its.after(ModelUnreachable())


@pytest.mark.parametrize("error", [ModelRefused(500, "no"), ModelUnreachable(again=False)])
def test_an_answer_that_was_cut_and_cannot_go_on_ends_as_cut(error):
    its = tries()
    its.after(StreamCut("half-way"))
    with pytest.raises(StreamCut, match="half-way") as caught:
        its.after(error)
    assert caught.value.__cause__ is error
