"""The model's text on pages: what is finished stays, and what is settled may be gone on from."""

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.chat.text import pager as pager_module
from bot.chat.text.draft import Draft
from bot.chat.text.draw import drawing as drawing_module
from bot.chat.text.pager import Pager
from tests.bot.chat.text import reader

ROOM = 1391
"""The least that a first page of 2,000 code points has for the answer."""

LIMITS = st.integers(100, 500) | st.just(ROOM)
few = settings(max_examples=40, deadline=None)


def drafted(text, limit=ROOM, sizes=None):
    draft = Draft(Pager(limit))
    return draft, [page for piece in reader.chunked(text, sizes or [len(text) + 1]) for page in draft.feed(piece)]


def shown(draft, pages):
    return [page for page in [*pages, draft.open_page] if page]


@few
@given(text=reader.MODELS, limit=LIMITS)
def test_every_page_keeps_its_limit_at_every_moment(text, limit):
    draft = Draft(Pager(limit))
    for char in text:
        for page in draft.feed(char):
            assert 0 < len(page.strip()) <= len(page) <= limit
        assert len(draft.open_page) <= limit


@few
@given(text=reader.MODELS, limit=LIMITS, sizes=reader.SIZES)
def test_the_chunking_changes_nothing(text, limit, sizes):
    whole, expected = drafted(text, limit)
    pieces, pages = drafted(text, limit, sizes)
    assert pages == expected
    assert (pieces.open_page, pieces.settled) == (whole.open_page, whole.settled)
    assert pieces.resumes_at == whole.resumes_at <= whole.settled <= len(text)


@few
@given(text=reader.MODELS, stop=st.integers(0, 3000))
def test_wherever_it_stops_the_pages_are_the_drawing(text, stop):
    draft, pages = drafted(text[:stop])
    drawing = reader.drawn(text[:stop])
    assert reader.cuts(drawing, shown(draft, pages)) is not None


@few
@given(text=reader.MODELS, limit=LIMITS)
def test_every_page_closes_the_code_that_it_opens(text, limit):
    draft = Draft(Pager(limit))
    for char in text:
        for page in [*draft.feed(char), draft.open_page]:
            assert page.count("```") % 2 == 0


@few
@given(text=reader.commonmark(), sizes=reader.SIZES)
def test_another_reader_sees_the_same_blocks_in_the_pages_as_in_the_drawing(text, sizes):
    draft, pages = drafted(text, 450, sizes)
    seen = [block for page in shown(draft, pages) for block in reader.fenced_blocks(page) if _solid(block[1])]
    for language, code in reader.fenced_blocks(reader.drawn(text)):
        joined = ""
        while len(joined) < len(_solid(code)):
            assert seen[0][0] == language
            joined += _solid(seen.pop(0)[1])
        assert joined == _solid(code)
    assert not seen


def _solid(code):
    return "".join(code.split())


_CHARACTERS = ["word ", "x", " ", "\n", "👩🏽\u200d🚒", "🇫🇷", "e\u0301", "नि", "\r\n"]
_MARKS = ["**bold words** ", "||spoiler|| ", "~~no~~ ", "`some code` ", "https://x.yz/a ", "[a](https://x.yz) "]
_MARKS += ["__under lines__ ", "*in italics* ", "***both of them*** "]
_MENTIONS = ["<@123456789012345678>", "<:patter:123456789012345678>", "<t:1735689600:R>", "</ask:12345>"]
TOKENS = reader.repeated([*_CHARACTERS, *_MARKS, *_MENTIONS], most=100)
_PAIRS = r"`some code`|\*\*bold words\*\*|\|\|spoiler\|\||~~no~~|__under lines__|\*in italics\*|\*{3}both of them\*{3}"
_TOKEN = regex.compile(rf"<[@:t/][^<>]*>|https://[^\s<>]+|{_PAIRS}")


@few
@given(text=TOKENS, limit=st.integers(120, 300))
@example(
    text="👩🏽\u200d🚒" * 100 + "https://x.yz/a ", limit=201
)  # too little of the link on the page to be known as one
def test_no_cut_tears_a_character_or_a_token(text, limit):
    text += "\n\n"  # so that nothing is held, which on so small a page might not be shown
    draft, pages = drafted(text, limit)
    drawing = reader.drawn(text)
    places = reader.cuts(drawing, shown(draft, pages))
    assert places is not None
    for pattern in (regex.compile(r"\X"), _TOKEN):
        torn = {at for found in pattern.finditer(drawing) for at in range(found.start() + 1, found.end())}
        assert not torn & set(places[:-1])


@few
@given(text=reader.MODELS, other=reader.MODELS)
def test_a_rewind_is_as_if_what_is_settled_had_been_followed_by_the_other_text(text, other):
    draft, pages = drafted(text)
    settled = draft.settled
    pages += draft.rewind(text[draft.resumes_at : settled] + other)
    assert reader.cuts(reader.drawn(text[:settled] + other), shown(draft, pages)) is not None


@few
@given(text=reader.MODELS, other=reader.MODELS, limit=LIMITS)
def test_so_is_all_that_is_given_to_the_pager_whatever_its_limit(text, other, limit):
    class Told(Pager):
        told = ""

        def feed(self, text):
            self.told += text
            return super().feed(text)

    pager = Told(limit)
    draft = Draft(pager)
    draft.feed(text)
    settled = draft.settled
    pager.told = pager.told[: pager.settled]
    draft.rewind(text[draft.resumes_at : settled] + other)
    assert pager.told + draft._drawing.rest == reader.drawn(text[:settled] + other)


@few
@given(text=reader.MODELS, limit=LIMITS, sizes=reader.SIZES)
def test_a_rewind_to_the_same_text_changes_nothing(text, limit, sizes):
    draft, _ = drafted(text, limit)
    before = (draft.open_page, draft.settled, draft.resumes_at)
    assert draft.rewind(text[draft.resumes_at :]) == []
    assert (draft.open_page, draft.settled, draft.resumes_at) == before
    first, *rest = reader.chunked(text[draft.resumes_at :], sizes) or [""]
    assert draft.rewind(first) + [page for piece in rest for page in draft.feed(piece)] == []
    assert (draft.open_page, draft.settled, draft.resumes_at) == before


def test_a_table_that_does_not_fit_goes_to_the_next_page_whole():
    table = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 20
    draft, pages = drafted("word " * 240 + "\n\n" + table)
    assert pages == ["word " * 240 + "\n\n"]
    assert draft.open_page.startswith("```\na | b\n")


def test_plain_text_is_settled_where_its_page_ends():
    draft, pages = drafted("word " * 400)
    assert draft.settled == len(pages[0])


def test_what_is_drawn_as_one_is_settled_as_one():
    """Half of a list of rows stands on a finished page: so its source must not change any more."""
    row = "| Name | " + "a long description " * 4 + "| " + "another one " * 8 + "|\n"
    text = "word " * 240 + "\n\n| a | b | c |\n|---|---|---|\n" + row * 4 + "end"
    draft, pages = drafted(text)
    assert len(pages) == 1
    assert text[: draft.settled].endswith("|\n") or text[: draft.settled].endswith("\n\n")


def test_what_is_drawn_as_one_and_fits_no_page_outlives_a_rewind():
    text = "[" + "many words " * 30 + "](https://x.yz) and so on"
    draft, pages = drafted(text, 100)
    before = draft.open_page
    assert len(pages) == 3
    assert draft.rewind(text[draft.resumes_at :]) == []
    assert draft.open_page == before


def test_the_work_of_a_feed_does_not_grow_with_the_answer(monkeypatch):
    """Counts the pieces that are kept and the code points that the pager is fed."""
    fed = []
    feed = Pager.feed
    monkeypatch.setattr(Pager, "feed", lambda self, text: fed.append(len(text)) or feed(self, text))
    draft, dearest = Draft(Pager(ROOM)), {}
    for at in range(0, 200_000, 40):
        fed.clear()
        draft.feed("Some `code` and [a link](https://x.yz).\n")
        assert len(draft._pieces) <= ROOM
        dearest[at // 20_000] = max(dearest.get(at // 20_000, 0), sum(fed))
    assert dearest[9] == dearest[1]


@pytest.mark.parametrize("step", [1, 7, 120, 10_000])
def test_the_end_of_an_answer_is_shown_whatever_is_left_open(step):
    for tail in [
        "| a | b |\n|---|---|\n| 1 | 2",
        "[link](https://x.y",
        "`code",
        "$$\nx",
        "#### He",
        "- [",
        "```py\nx",
        "<b",
    ]:
        for before in range(ROOM - 60, ROOM, 7):
            text = ("word " * 300)[:before] + "\n\n" + tail
            draft, pages = drafted(text, ROOM, [step])
            assert reader.cuts(reader.drawn(text), shown(draft, pages)) is not None


PATHOLOGIES = {
    "fences and escapes": "```\\",
    "ticks": "`` ` ",
    "brackets": "[[](",
    "open brackets": "[",
    "emphasis": "**_~~||",
    "zero width": "a" + "\u200b" * 40,
    "marks on a letter": "e" + "\u0301" * 50,
    "no space": "abcdefghij",
    "quotes": "> ",
    "deep quotes": ">" * 500 + " a\n",
    "fences in quotes": "> ```\n",
    "tildes": "~~~\n",
    "dollars": "$",
    "angles": "<",
    "images": "![",
    "backslashes": "\\",
    "tables": "| a | b |\n|---|---|\n" + "| one | two |\n" * 300,
    "a wide table": "|" + "a|" * 600 + "\n|" + "-|" * 600 + "\n" + ("|" + "x|" * 600 + "\n") * 3,
    "an endless row": "| a | b |\n|---|---|\n|" + " x |" * 9_000,
}
"""Texts made to be slow: those that come again, and each as long as some twenty pages."""


@pytest.mark.parametrize("unit", PATHOLOGIES.values(), ids=PATHOLOGIES)
def test_a_page_costs_no_more_than_a_few_readings_of_it_whatever_stands_on_it(unit, monkeypatch):
    """Counts the steps of the drawing, and the code points in which the pager looks for code, markup and cuts."""
    steps, read = [], []
    monkeypatch.setattr(drawing_module, "_read", counting(drawing_module._read, steps, lambda *_: 1))
    for name in ("outline", "scan"):
        monkeypatch.setattr(pager_module, name, counting(getattr(pager_module, name), read, lambda page, _: len(page)))
    text = (unit * (30_000 // len(unit) + 1))[:30_000]
    draft, pages = drafted(text)
    assert draft.open_page
    assert sum(steps) <= len(text) + 2
    assert sum(read) <= 3 * ROOM * (len(pages) + 2)


def counting(function, into, count):
    def counted(*args, **options):
        into.append(count(*args))
        return function(*args, **options)

    return counted


@few
@given(text=reader.MODELS, more=reader.MODELS, other=reader.MODELS, limit=LIMITS)
def test_a_finished_page_is_the_same_whatever_follows(text, more, other, limit):
    _, finished = drafted(text, limit)
    for continuation in (more, other, "```", "\n\n| a | b |\n|---|---|\n"):
        assert drafted(text + continuation, limit)[1][: len(finished)] == finished
