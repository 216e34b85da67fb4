"""What holds of a drawing whatever the text, however it is chunked, wherever it stops."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.draw import drawing as module
from bot.chat.text.draw.drawing import Drawing
from bot.chat.text.fences import blocks
from tests.bot.chat.text import reader

few = settings(max_examples=80, deadline=None)


@few
@given(text=reader.MODELS, sizes=reader.SIZES)
def test_the_chunking_changes_nothing(text, sizes):
    assert reader.drawn(text, sizes) == reader.drawn(text)


@few
@given(text=reader.MODELS)
def test_what_is_not_decided_takes_no_more_than_the_room_that_is_kept_for_it(text):
    drawing = Drawing()
    for char in text:
        drawing.feed(char)
        assert len(drawing.rest) <= drawing.room


@few
@given(text=reader.MODELS, cut=st.integers(0, 2000), other=reader.MODELS)
def test_what_is_decided_does_not_depend_on_what_follows(text, cut, other):
    first, second = Drawing(), Drawing()
    begin = first.feed(text[:cut])
    again = second.feed(text[:cut] + other)
    decided = "".join(piece.text for piece in begin)
    assert "".join(piece.text for piece in again).startswith(decided)
    assert all(piece.known <= piece.end or piece.known <= len(text[:cut]) for piece in begin)


@few
@given(text=reader.MODELS, other=reader.MODELS, cut=st.integers(0, 60))
def test_a_drawing_goes_on_from_any_piece_as_if_it_had_read_all_before(text, other, cut):
    drawing, fresh = Drawing(), Drawing()
    pieces = drawing.feed(text)[:cut]
    if not pieces:
        return
    known = max(piece.known for piece in pieces)
    last = pieces[-1]
    drawing.restore(last.after, last.end)
    more = drawing.feed(text[last.end : max(known, last.end)] + other)
    ours = [piece.text for piece in [*pieces, *more]] + [drawing.rest]
    source = text[: max(known, last.end)] + other
    assert "".join(ours) == "".join([*(piece.text for piece in fresh.feed(source)), fresh.rest])


@few
@given(text=reader.MODELS)
def test_every_fence_that_is_drawn_is_one_for_discord(text):
    """Three backticks open and close blocks and stand nowhere else: there is no other kind, and no stray one."""
    drawing = reader.drawn(text)
    found = blocks(drawing, 1000)
    assert drawing.count("```") == sum(1 + block.closed for block in found)
    assert {block.fence.mark for block in found} <= {"```"}


@few
@given(text=reader.commonmark())
def test_the_code_of_the_drawing_is_the_code_of_the_text(text):
    assert reader.code(reader.drawn(text)).replace("\u200b", "") == reader.code(text)


@few
@given(text=st.text("ab .,'\n", max_size=400))
def test_plain_text_is_drawn_as_it_is(text):
    assert reader.drawn(text) == text


PATHOLOGIES = [
    *("[a](" + "x" * 5000, "[" * 5000, "[[](" * 2000, "$$\n" + "x\n" * 2000, "$a" * 3000, "\\(" * 3000),
    *("`" * 5000, "`` ` " * 1500, "```" + "i" * 5000, "```\n" + " " * 5000, "> ```\n" + " " * 5000),
    *("| a " * 2000, "a|b\n-|-\n" + "c|d\n" * 2000, "|a|\n|-|\n" + "|b<br>c|\n" * 900, "<br" + " " * 5000),
    *("#### " * 2000, "-" * 5000, "word " * 1500),
]


@pytest.mark.parametrize("text", PATHOLOGIES, ids=lambda text: repr(text[:9]))
def test_however_little_comes_at_a_time_each_feed_reads_what_is_new_and_a_bounded_part_before(text, monkeypatch):
    """Counts the code points from where a reader begins to the end of what is there: none looks further back."""
    reads = []
    read = module._read

    def counted(state, held, at, *, ended):
        reads.append(len(held) - at)
        return read(state, held, at, ended=ended)

    monkeypatch.setattr(module, "_read", counted)
    drawing = Drawing()
    for at in range(0, len(text), 40):
        reads.clear()
        drawing.feed(text[at : at + 40])
        assert reads[0] <= 1700 + 40
        assert len(reads) <= 700
        assert drawing.rest is not None
