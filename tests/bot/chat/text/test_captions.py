import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.captions import CAPTION_CHARS, caption
from bot.core.model import Ending, InLine, Outcome, Phase, Usage

MODEL = "smollm2:135m"
FIGURES = {"usage": Usage(answer_tokens=182, answer_s=4.03), "seconds": 4.1}
TAIL = "smollm2:135m · 182 tokens · 45.2 tokens/s · 4.1 s"

IN_LINE = st.builds(InLine, place=st.integers(1, 10**6), seconds=st.none() | st.integers(0, 3600))
STATUSES = (
    st.sampled_from(list(Phase))
    | IN_LINE
    | st.builds(
        Outcome,
        ending=st.sampled_from(list(Ending)),
        by=st.text(max_size=60),
        hint=st.text(max_size=400),
        usage=st.builds(Usage, answer_tokens=st.integers(0, 10**6), answer_s=st.floats(0, 10**5)),
        seconds=st.floats(0, 10**5),
    )
)


@settings(max_examples=150, deadline=None)
@given(status=STATUSES, model=st.text(max_size=90))
def test_a_caption_is_one_bounded_line_of_subtext(status, model):
    line = caption(status, model)
    assert len(line.splitlines()) == 1
    assert line.startswith("-# ")
    assert line[3:].strip()
    assert len(line) <= CAPTION_CHARS


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (Outcome(Ending.DONE, **FIGURES), TAIL),
        (Outcome(Ending.LENGTH, **FIGURES), f"hit the length limit · {TAIL}"),
        (Outcome(Ending.TIME, seconds=600.0), "hit the time limit · smollm2:135m · 10 min 0 s"),
        (Outcome(Ending.STOPPED, by="Ann", seconds=4.1), "stopped by Ann · smollm2:135m · 4.1 s"),
        (Outcome(Ending.STOPPED, by="**@everyone**"), "stopped by \\*\\*@\u200beveryone\\*\\* · smollm2:135m"),
        (Outcome(Ending.STOPPED, by="\n"), "stopped · smollm2:135m"),
        (Outcome(Ending.INTERRUPTED), "interrupted by a restart · smollm2:135m"),
        (Outcome(Ending.CUT, hint="It broke."), "cut off · It broke."),
        (Outcome(Ending.FAILED, hint="Try `ollama pull x`."), "failed · Try `ollama pull x`."),
        (Outcome(Ending.DONE, usage=Usage(answer_tokens=1), seconds=125), "smollm2:135m · 1 token · 2 min 5 s"),
        (Outcome(Ending.DONE, seconds=59.96), "smollm2:135m · 1 min 0 s"),
    ],
)
def test_each_ending_is_told_in_its_own_words(outcome, says):
    assert caption(outcome, MODEL) == f"-# {says}"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (InLine(1, 5), "1st in line, about 5 s"),
        (InLine(2, 60), "2nd in line, about 60 s"),
        (InLine(3, 120), "3rd in line, about 2 min"),
        (InLine(4), "4th in line"),
        (InLine(11), "11th in line"),
        (InLine(12), "12th in line"),
        (InLine(13), "13th in line"),
        (InLine(21), "21st in line"),
        (InLine(111), "111th in line"),
        (InLine(102), "102nd in line"),
    ],
)
def test_ones_place_in_line_is_told_with_the_time_until_then(status, says):
    assert caption(status, MODEL) == f"-# {says}"


def test_a_private_answer_that_ran_out_of_time_says_so():
    assert "14 minutes" in caption(Outcome(Ending.EXPIRED), MODEL)


def test_each_status_is_told_apart():
    statuses = [*Phase, InLine(1), InLine(1, 5), InLine(2), *(Outcome(ending) for ending in Ending)]
    assert len({caption(status, MODEL) for status in statuses}) == len(statuses)


def test_a_hint_cannot_ping():
    assert "@everyone" not in caption(Outcome(Ending.FAILED, hint="The model `@everyone` is not installed."), MODEL)
