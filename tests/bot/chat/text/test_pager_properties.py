"""What holds of pages whatever the text, however it is chunked, wherever it stops."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.pager import Pager
from tests.bot.chat.text import reader

LIMITS = st.integers(100, 240)
few = settings(max_examples=60, deadline=None)


@few
@given(text=reader.ANYTHING, limit=st.integers(1, 200), first=st.integers(1, 200))
def test_every_page_keeps_its_limit_at_every_moment_and_shows_something(text, limit, first):
    first = min(first, limit)
    pager = Pager(limit, first)
    pages = []
    for char in text:
        pages += pager.feed(char)
        assert len(pager.open_page) <= (limit if pages else first)
    assert all(len(page) <= limit and page.strip() for page in pages)
    assert not pages or len(pages[0]) <= first


@few
@given(text=reader.ANYTHING, limit=LIMITS, sizes=reader.SIZES)
def test_the_chunking_changes_nothing(text, limit, sizes):
    whole, pieces = Pager(limit), Pager(limit)
    expected = whole.feed(text)
    assert [page for piece in reader.chunked(text, sizes) for page in pieces.feed(piece)] == expected
    assert (pieces.open_page, pieces.settled) == (whole.open_page, whole.settled)


@few
@given(text=reader.ANYTHING, limit=LIMITS)
def test_nothing_visible_is_lost_and_settled_says_what_stands_where(text, limit):
    pager, settled = Pager(limit), 0
    for char in text:
        pages = pager.feed(char)
        taken = reader.visible(text[settled : pager.settled])
        shown = reader.visible("".join(pages))
        assert reader.contains(shown, taken)
        assert len(shown) - len(taken) <= limit // 2 * len(pages)
        if len(pages) == 1:
            assert taken in shown
        settled = pager.settled
    assert reader.visible(text[settled:]) in reader.visible(pager.open_page)


@few
@given(text=st.text("ab .\n", max_size=900), limit=LIMITS)
def test_plain_text_comes_back_as_it_was_but_for_white_space_at_the_start_of_pages(text, limit):
    pager = Pager(limit)
    pages = [*pager.feed(text), pager.open_page]
    at = 0
    for page in pages:
        at += len(text[at:]) - len(text[at:].lstrip())
        assert text.startswith(page, at)
        at += len(page)
    assert not text[at:].strip()


@few
@given(text=reader.MARKED_UP, limit=LIMITS)
def test_each_page_closes_the_code_that_it_opens_as_discord_reads_it(text, limit):
    pager = Pager(limit)
    for char in text:
        for page in [*pager.feed(char), pager.open_page]:
            assert page.count("```") % 2 == 0


@few
@given(text=reader.commonmark(marks="`"), limit=LIMITS, sizes=reader.SIZES)
def test_each_page_closes_the_code_that_it_opens_as_commonmark_reads_it(text, limit, sizes):
    pager = Pager(limit)
    for piece in reader.chunked(text, sizes):
        for page in [*pager.feed(piece), pager.open_page]:
            assert not reader.leaves_a_fence_open(page)


@few
@given(text=reader.commonmark(marks="`"), limit=LIMITS)
def test_the_code_of_all_pages_is_the_code_of_the_text(text, limit):
    pager = Pager(limit)
    pages = [*pager.feed(text), pager.open_page]
    assert "".join(map(reader.code, pages)) == reader.code(text)


@few
@given(text=reader.ANYTHING, other=reader.ANYTHING, limit=LIMITS, sizes=reader.SIZES)
def test_rewind_is_as_if_the_open_page_had_never_been_written(text, other, limit, sizes):
    pager, same, pieces = Pager(limit), Pager(limit), Pager(limit)
    for each in (pager, same, pieces):
        each.feed(text)
    before = (pager.open_page, pager.settled)

    assert same.rewind(text[same.settled :]) == []
    assert (same.open_page, same.settled) == before

    pages = pager.rewind(other)
    assert pieces.rewind("") == []
    assert [page for piece in reader.chunked(other, sizes) for page in pieces.feed(piece)] == pages
    assert (pieces.open_page, pieces.settled) == (pager.open_page, pager.settled)
    assert reader.visible(other[pager.settled - before[1] :]) in reader.visible(pager.open_page)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 40])
def test_the_smallest_limits_are_kept(limit):
    text = "```python\nprint('👩\u200d🚒')\n```\n> a [link](https://example.com) and ||more||\n" * 3
    pager = Pager(limit)
    pages = [*pager.feed(text), pager.open_page]
    assert all(0 < len(page) <= limit for page in pages)
