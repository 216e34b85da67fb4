import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.captions import NO_ANSWER
from bot.chat.text.pages import AnswerPages
from bot.core.model import Ending, Outcome, Phase
from tests.bot.chat.text import reader

LIMIT = 700
STATUSES = st.sampled_from([*Phase, *(Outcome(ending, by="Ann", hint="h" * 300) for ending in Ending)])


def answer(text="", question="Why?"):
    pages = AnswerPages(question, "smollm2:135m", LIMIT)
    return pages, pages.feed(text)


@settings(max_examples=60, deadline=None)
@given(text=reader.ANYTHING, question=st.text(max_size=300), sizes=reader.SIZES, status=STATUSES)
def test_every_page_fits_and_shows_something_at_every_moment(text, question, sizes, status):
    pages, _ = answer(question=question)
    for piece in reader.chunked(text, sizes):
        for page in [*pages.feed(piece), pages.open_page(status)]:
            assert 0 < len(page.strip()) <= len(page) <= LIMIT


@settings(max_examples=60, deadline=None)
@given(text=reader.MARKED_UP, status=STATUSES)
def test_the_caption_stands_at_the_start_of_the_last_line_and_outside_all_code(text, status):
    pages, _ = answer(text)
    body, _, caption = pages.open_page(status).rpartition("\n")
    assert caption.startswith("-# ")
    assert body.count("```") % 2 == 0


@pytest.mark.parametrize(
    "text", ["", "word " * 60, "word " * 400, "```py\n" + "print(1)\n" * 90, "| a | b |\n|-|-|\n| 1 | 2 |\n"]
)
@pytest.mark.parametrize("other", ["", "other " * 30, "other " * 300])
def test_rewind_replaces_all_that_is_not_settled(text, other):
    """What is shown is what a fresh answer of the settled text and the other one shows, cuts aside."""
    pages, finished = answer(text)
    settled = pages.settled
    shown = "".join([*finished, *pages.rewind(other), pages.open_page(Phase.WRITING)])
    fresh, fresh_finished = answer(text[:settled] + other)
    wanted = "".join([*fresh_finished, fresh.open_page(Phase.WRITING)])
    for word in ("word", "other", "print(1)", "| 2"):
        assert shown.count(word) == wanted.count(word)


def test_the_question_stands_above_the_first_page_alone():
    pages, finished = answer("word " * 400)
    assert finished[0].startswith("> **Why?**\nword ")
    assert not any("Why?" in page for page in [*finished[1:], pages.open_page(Phase.WRITING)])


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.LOADING, Phase.THINKING, Phase.BUSY, Phase.UNREACHABLE])
def test_before_the_first_word_the_page_says_what_is_going_on(phase):
    pages, _ = answer("\n \n")
    question, caption = pages.open_page(phase).split("\n")
    assert question == "> **Why?**"
    assert caption.startswith("-# ")


@pytest.mark.parametrize("ending", [Ending.DONE, Ending.LENGTH])
def test_an_empty_answer_gets_a_sentence(ending):
    pages, _ = answer("\n\n")
    assert NO_ANSWER in pages.open_page(Outcome(ending)).splitlines()
    assert NO_ANSWER not in pages.open_page(Phase.WRITING)


def test_a_blank_page_after_finished_ones_is_no_empty_answer():
    pages, finished = answer("word " * 400)
    assert finished
    pages.rewind("")
    assert NO_ANSWER not in pages.open_page(Outcome(Ending.DONE))


def test_the_text_so_far_stays_above_the_end():
    pages, _ = answer("The sky is")
    page = pages.open_page(Outcome(Ending.STOPPED, by="Ann"))
    assert page.splitlines() == ["> **Why?**", "The sky is", "-# stopped by Ann · smollm2:135m"]


def test_no_message_is_longer_than_discord_takes():
    pages = AnswerPages("?" * 6000, "m" * 500)
    shown = [*pages.feed("```python\n" + "print(1)\n" * 2000), pages.open_page(Outcome(Ending.FAILED, hint="x" * 999))]
    assert max(map(len, shown)) <= 2000
    assert min(map(len, shown[1:-1])) > 1200, "a page is well filled"
