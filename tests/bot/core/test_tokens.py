import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Turn
from bot.core.tokens import BEFORE_THE_FIRST_LESSON, LEAST, MARGIN, MOST, TokenRatios, weigh

PROMPT = (Turn("user", "word " * 80),)
"""Guessed at 100 tokens."""

# What SmolLM2's tokenizer made of them.
MEASURED = [
    ("The quick brown fox jumps over the lazy dog. It was a bright cold day in April, and the clocks were", 22),
    ("    for turn in reversed(path):\n        cost = weigh(turn.text) * ratio + 8\n", 22),
    ("31415926535897932384626433832795", 32),
    ("WHY IS THIS NOT WORKING PLEASE HELP ME NOW I AM SO ANGRY ABOUT ALL THIS", 24),
    ("Почему небо голубое? Объясните, пожалуйста, коротко и понятно", 47),
    ("天空为什么是蓝色的?请简短地解释一下", 35),
]


def learned(*counts, prompt=PROMPT):
    ratios = TokenRatios()
    for count in counts:
        ratios.learn("smol", prompt, count)
    return ratios.of("smol") / MARGIN


@pytest.mark.parametrize(("text", "tokens"), MEASURED)
def test_the_guess_is_near_what_a_tokenizer_makes_in_every_kind_of_text(text, tokens):
    assert 0.6 < tokens / weigh(text) < 1.7


@given(st.text(), st.text())
def test_a_longer_text_weighs_more_and_the_parts_add_up(one, other):
    assert weigh(one) + weigh(other) == pytest.approx(weigh(one + other))
    assert weigh(one) >= len(one) * 0.25


def test_a_lone_surrogate_weighs_something():
    assert weigh("\ud800") > 0


def test_before_the_first_lesson_the_ratio_is_cautious():
    assert learned() == BEFORE_THE_FIRST_LESSON > 1


def test_a_higher_count_is_believed_at_once_and_a_lower_one_bit_by_bit():
    assert learned(203) == pytest.approx(2.0)
    assert 1.5 < learned(203, 103) < 2.0
    assert learned(203, *[103] * 30) == pytest.approx(1.0, abs=0.01)


def test_what_is_learned_of_one_model_says_nothing_of_another():
    ratios = TokenRatios()
    ratios.learn("smol", PROMPT, 203)
    assert ratios.of("other") == TokenRatios().of("other")


@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_count_that_leaves_out_what_was_cached_is_not_learned(count):
    assert learned(203, count) == learned(203)


def test_a_prompt_of_a_few_words_teaches_nothing():
    assert learned(90, prompt=(Turn("user", "hi"),)) == BEFORE_THE_FIRST_LESSON


@given(st.lists(st.integers(0, 100_000)))
def test_no_count_leads_out_of_bounds(counts):
    assert LEAST <= learned(*counts) <= MOST


def test_the_markup_of_many_short_turns_is_not_taken_for_text():
    turns = tuple(Turn("user", "word " * 4) for _ in range(20))
    assert learned(*[100 + 20 * 5] * 30, prompt=turns) < 1.5
