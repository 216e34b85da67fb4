import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.chat.text.graphemes import clip
from bot.chat.text.markdown import QUESTION_CHARS, one_line
from bot.chat.text.pages import AnswerPages
from bot.chat.text.reading import join, read_page
from bot.core.model import Ending, Outcome, Phase, Usage
from tests.bot.chat.text import reader

LONG = st.builds(lambda text, times: text * times, reader.MODELS, st.integers(1, 5))
CODE = st.builds(lambda text, times: f"{text}\n\n" * times, reader.commonmark(marks="`"), st.integers(1, 4))
DONE = Outcome(Ending.DONE, usage=Usage(answer_tokens=9, answer_s=1.0), seconds=1.5)
STATUSES = st.sampled_from([*Phase, *(Outcome(ending, by="Ann", hint="Try again.") for ending in Ending)])
some = settings(max_examples=60, deadline=None)


def shown(text, question="Why?", status=DONE, **more):
    """The messages of an answer, as Discord keeps them."""
    pages = AnswerPages(question, "smollm2:135m", **{"max_pages": 99, **more})
    return [page.strip() for page in [*pages.feed(text), pages.open_page(status)]]


def read_back(messages, *, has_heading=True):
    return join([read_page(content) for content in messages], has_heading=has_heading)


def without_marks(text):
    """What is left of a text without the marks that a cut may add or take, and without white space."""
    return reader.visible(re.sub(r"```(?:py|md|js|tex|c)?|>", "", text))


@some
@given(text=LONG, status=STATUSES)
def test_what_was_drawn_comes_back(text, status):
    drawing = reader.drawn(text)
    if not reader.visible(drawing):
        return
    assert without_marks(read_back(shown(text, status=status))) == without_marks(drawing)


@some
@given(text=CODE)
def test_code_comes_back_as_if_there_had_been_no_pages(text):
    found, expected = read_back(shown(text)), read_back(shown(text, limit=10**6))
    assert len(reader.fenced_blocks(found)) <= len(reader.fenced_blocks(expected))
    assert reader.code(found) == reader.code(expected)


def test_a_long_block_is_one_block_again_line_by_line():
    code = "".join(f"line_{number} = {number}\n" for number in range(600))
    text = f"Here it is:\n\n```python\n{code}```\n\nThat was it."
    messages = shown(text)
    assert len(messages) > 4
    assert read_back(messages) == text


@pytest.mark.parametrize("prefix", ["> ", "  "])
def test_so_is_one_in_a_quote_or_a_list(prefix):
    lines = ["```python", *(f"line_{number} = {number}" for number in range(500)), "```"]
    text = ("- item\n" if prefix == "  " else "") + "\n".join(prefix + line for line in lines)
    messages = shown(text)
    assert len(messages) > 3
    assert read_back(messages) == text.strip()


def test_paragraphs_and_lists_are_parted_as_they_were():
    text = "\n\n".join(f"Paragraph {number} has a sentence of several words." for number in range(200))
    assert read_back(shown(text)) == text
    text = "\n".join(f"- item number {number}" for number in range(500))
    assert read_back(shown(text)) == text


@some
@given(question=st.text(min_size=1, max_size=300) | reader.ANYTHING)
@example("**bold** \\* <@1> @everyone https://x.yz # 1. > -")
@example("1. one")
@example("\\")
def test_the_question_is_given_as_it_was_typed_on_one_line(question):
    page = read_page(shown("Because.", question)[0])
    plain = one_line(question, QUESTION_CHARS).replace("\u200b", "") or "…"
    assert page.question == plain
    assert page.text == "Because."


def test_a_long_question_ends_in_dots():
    question = "why " * 100
    assert read_page(shown("x", question)[0]).question == clip(question, QUESTION_CHARS)


@some
@given(question=st.text(max_size=300), status=STATUSES)
def test_before_the_first_word_there_is_a_question_and_no_text(question, status):
    if isinstance(status, Outcome) and status.ending in {Ending.DONE, Ending.LENGTH, Ending.TIME}:
        return
    page = read_page(shown("", question, status)[0])
    assert page.question is not None
    assert page.text == ""
    assert page.caption.startswith("-# ")


def test_an_answer_without_a_question_line_has_none():
    (message,) = shown("Because.", None)
    assert read_page(message).question is None
    assert read_back([message], has_heading=False) == "Because."


def test_a_preface_is_no_part_of_the_answer():
    (message,) = shown("Because.", preface="-# I may not open threads here")
    assert read_page(message).question == "Why?"
    assert read_back([message]) == "Because."
    (message,) = shown("Because.", None, preface="-# mention me to go on")
    assert read_back([message]) == "Because."


@pytest.mark.parametrize(
    "text",
    [
        "> **Note**\nis what I write.",
        "Fine.\n-# a small line",
        "Fine.\n-# one\n-# two",
        "> **Note** and **more**",
        "-# small\nbig",
        "> **Note**",
    ],
)
def test_what_the_model_writes_in_our_manner_is_kept(text):
    assert read_back(shown(text)) == text
    assert read_back(shown(text, None), has_heading=False) == text


@pytest.mark.parametrize("line", ["> **Note**", "-# small"])
def test_on_pages_between_nothing_is_taken_for_ours(line):
    text = "\n".join(["word " * 20, line] * 90)
    messages = shown(text)
    assert len(messages) > 3
    assert read_back(messages).count(line) == 90


def test_a_small_line_at_the_end_of_a_page_that_another_follows_is_kept():
    assert read_back(["one\n-# small", "two\n-# smollm2:135m"]) == "one\n-# small\n\ntwo"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("A sentence.", "Another", "A sentence.\n\nAnother"),
        ("half a", "sentence", "half a sentence"),
        ("- one", "- two", "- one\n- two"),
        ("> one", "> two", "> one\n> two"),
        ("## Title", "text", "## Title\n\ntext"),
        ("text", "## Title", "text\n\n## Title"),
    ],
)
def test_pages_are_put_together_by_what_meets(before, after, whole):
    assert read_back([before, f"{after}\n-# smollm2:135m"]) == whole


def test_the_line_about_the_attachment_goes_as_well():
    messages = shown("word " * 1000, max_pages=2)
    assert "answer.md" in messages[-1]
    back = read_back(messages)
    assert "answer.md" not in back
    assert set(back.split()) == {"word"}
    assert len(back) > 2000


def test_a_message_that_is_no_answer_has_no_caption():
    page = read_page("Go on here: every message in this thread is for me.")
    assert (page.question, page.caption) == (None, "")


@given(st.text() | reader.ANYTHING)
def test_any_message_can_be_read(content):
    page = read_page(content)
    assert without_marks(page.above + page.text + page.caption) == without_marks(content.strip())
