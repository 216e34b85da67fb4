import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.captions import NO_ANSWER
from bot.chat.text.pages import AnswerPages
from bot.core.model import Ending, Outcome, Phase
from tests.bot.chat.text import reader

LIMIT = 700
STATUSES = st.sampled_from([*Phase, *(Outcome(ending, by="Ann", hint="h" * 300) for ending in Ending)])


def answer(text="", question="Why?", max_pages=5):
    pages = AnswerPages(question, "smollm2:135m", LIMIT, max_pages=max_pages)
    return pages, pages.feed(text)


@settings(max_examples=60, deadline=None)
@given(text=reader.MODELS, question=st.text(max_size=300), sizes=reader.SIZES, status=STATUSES)
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


@settings(max_examples=40, deadline=None)
@given(text=reader.MODELS, other=reader.MODELS)
def test_rewind_replaces_all_that_is_not_settled(text, other):
    pages = AnswerPages("Why?", "smollm2:135m", max_pages=99)
    finished = pages.feed(text)
    settled = pages.settled
    finished += pages.rewind(other)
    shown = "".join([*finished, pages.open_page(Phase.WRITING)])
    drawing = reader.drawn(text[:settled] + other)
    assert reader.contains(reader.visible(shown), reader.visible(drawing))


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
    pages = AnswerPages("?" * 6000, "m" * 500, max_pages=99)
    shown = [*pages.feed("```python\n" + "print(1)\n" * 2000), pages.open_page(Outcome(Ending.FAILED, hint="x" * 999))]
    assert max(map(len, shown)) <= 2000
    assert min(map(len, shown[1:-1])) > 1200, "a page is well filled"


def test_what_the_model_writes_is_shown_as_discord_can_draw_it():
    pages = AnswerPages("Why?", "smollm2:135m")
    pages.feed("#### Sources\n- [x] [Ollama](https://ollama.com)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert pages.open_page(Phase.WRITING).splitlines()[1:] == [
        "**Sources**",
        "- ☑ Ollama (<https://ollama.com>)",
        "",
        "```",
        "a | b",
        "--+--",
        "1 | 2",
        "```",
        "-# writing…",
    ]


def test_an_answer_that_fits_has_no_attachment():
    pages, finished = answer("word " * 100)
    assert len(finished) == 1
    assert pages.attachment is None


@pytest.mark.parametrize("max_pages", [1, 2, 5])
def test_after_so_many_pages_the_last_one_stays_and_the_whole_text_is_attached(max_pages):
    text = "".join(f"word {number} **of** [many](https://x.yz)\n" for number in range(400))
    pages, finished = answer(text, max_pages=max_pages)
    last = pages.open_page(Phase.WRITING)
    assert len(finished) == max_pages - 1
    assert pages.attachment == text
    assert pages.feed(text) == []
    assert pages.attachment == text + text
    assert _body(pages.open_page(Phase.WRITING)) == _body(last)
    assert "answer.md" in pages.open_page(Outcome(Ending.DONE))
    assert reader.drawn(text).startswith(
        _body("".join([*finished, last])).removeprefix("> **Why?**\n")[: 300 * max_pages]
    )


def _body(page):
    return page.partition("\n-# ")[0]


def test_while_it_goes_on_the_last_page_says_how_much_there_is():
    pages, _ = answer("word " * 2000)
    assert "10,000 characters" in pages.open_page(Phase.WRITING)
    assert pages.open_page(Phase.WRITING).endswith("\n-# writing…")
    pages.feed("word")
    assert "10,000 characters" in pages.open_page(Phase.WRITING)


def test_a_rewind_takes_an_answer_back_to_where_it_fits():
    text = "word " * 1000
    pages, _ = answer(text, max_pages=2)
    assert pages.attachment == text
    assert pages.rewind("end") == []
    assert pages.attachment is None
    assert _body(pages.open_page(Phase.WRITING)) == "end"
    assert pages.rewind("word " * 1000) == []
    assert pages.attachment == text[: pages.settled] + text


@settings(max_examples=60, deadline=None)
@given(text=reader.MODELS, sizes=reader.SIZES, status=STATUSES, max_pages=st.integers(1, 3))
def test_however_many_pages_there_may_be_each_fits_and_nothing_is_lost(text, sizes, status, max_pages):
    pages, finished = answer(max_pages=max_pages)
    for piece in reader.chunked(text, sizes):
        finished += pages.feed(piece)
        assert 0 < len(pages.open_page(status).strip()) <= len(pages.open_page(status)) <= LIMIT
    assert len(finished) < max_pages
    assert pages.attachment in {None, text}
