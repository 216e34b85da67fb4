import pytest

from bot.chat.text import pager as pager_module
from bot.chat.text.pager import Pager
from tests.bot.chat.text import reader

FILLER = "words and "  # ten code points


def paged(text, limit=100):
    pager = Pager(limit)
    return [*pager.feed(text), pager.open_page]


@pytest.mark.parametrize(
    ("separator", "name"),
    [("\n\n", "paragraph"), ("\n", "line"), (". ", "sentence"), (" ", "word"), ("。", "CJK sentence")],
)
def test_a_cut_prefers_the_best_boundary_in_the_last_third(separator, name):
    text = "x" * 75 + separator + "y" * 60
    assert paged(text) == ["x" * 75 + separator, "y" * 60]


def test_a_better_boundary_wins_over_a_fuller_page_but_not_at_any_price():
    late = "a" * 70 + "\n\n" + "b" * 10 + "\n" + "c " * 30
    early = "a" * 30 + "\n\n" + "b" * 50 + "\n" + "c " * 30
    assert paged(late)[0] == "a" * 70 + "\n\n"
    assert paged(early)[0] == "a" * 30 + "\n\n" + "b" * 50 + "\n"


@pytest.mark.parametrize(
    "token",
    [
        "`some inline code`",
        "``code with a ` in it``",
        "[a link of words](https://example.com/a_(b))",
        "https://example.com/a/path?with=query",
        "<@123456789012345678>",
        "<@&123456789012345678>",
        "<#123456789012345678>",
        "<t:1735689600:R>",
        "<:patter:123456789012345678>",
        "<a:patter:123456789012345678>",
        "</ask:123456789012345678>",
        "**bold words here**",
        "__underlined words__",
        "~~struck words here~~",
        "||a spoiler, hidden||",
        "*words in italics*",
        "_words in italics_",
        "***bold and italic words***",
        r"\*\*\*\*\*\*",
        "👩🏽\u200d🚒🇫🇷🇩🇪👨\u200d👩\u200d👧\u200d👦e\u0301️",
    ],
)
def test_no_token_is_cut_wherever_the_page_ends(token):
    for before in range(60, 100):
        text = (FILLER * 10)[:before] + " " + token + " " + FILLER * 3
        pages = paged(text)
        if token.startswith(("\\", "👩")):  # several tokens: each whole, not all of them on one page
            parts = (
                ["\\*"] if token[0] == "\\" else ["👩🏽\u200d🚒", "🇫🇷", "🇩🇪", "👨\u200d👩\u200d👧\u200d👦", "e\u0301️"]
            )
            assert all(sum(page.count(part) for page in pages) == token.count(part) for part in parts)
        else:
            assert any(token in page for page in pages), before


def test_a_long_span_is_kept_whole_where_it_fits_a_page():
    spoiler = "||" + FILLER * 8 + "||"
    assert any(spoiler in page for page in paged(FILLER * 5 + spoiler + FILLER * 5))


@pytest.mark.parametrize("inside", [" and\n\n", " and\n```py\nx\n```\n"])
def test_a_spoiler_is_kept_whole_over_paragraphs_and_code(inside):
    spoiler = "||" + FILLER * 3 + inside + FILLER * 2 + "||"
    assert any(spoiler in page for page in paged(FILLER * 4 + spoiler + FILLER * 5))


def test_no_character_is_torn_in_a_line_without_any_boundary():
    firefighter = "👩🏽\u200d🚒"
    for before in range(8):
        pages = paged("x" * before + firefighter * 60)
        assert sum(page.count(firefighter) for page in pages) == 60


def test_a_heading_keeps_its_mark():
    assert paged("x" * 90 + "\n## A heading of words")[1] == "## A heading of words"


@pytest.mark.parametrize(
    ("opening", "closing", "reopening"),
    [
        ("```python\n", "```", "```python\n"),
        ("```\n", "```", "```\n"),
        ("```c++\n", "```", "```c++\n"),
        ("`````md\n", "`````", "`````md\n"),
        ("Code:\n  ```js\n", "  ```", "  ```js\n"),
        ("> ```js\n> ", "> ```", "> ```js\n> "),
        ("1. ```sh\n", "   ```", "   ```sh\n"),
        ("Like this: ```py\n", "```", "```py\n"),
        ("```python title=x\n", "```", "```python\n"),
    ],
)
def test_code_over_a_cut_is_closed_and_reopened_with_its_language(opening, closing, reopening):
    quote = "> " if opening.startswith(">") else ""
    lines = [f"value_{number} = {number}" for number in range(12)]
    first, second, *_ = paged(opening + f"\n{quote}".join(lines), limit=120)
    assert first.startswith(opening + lines[0])
    assert first.endswith("\n" + closing)
    assert second.startswith(reopening + "value_")


def test_the_indentation_of_code_survives_a_cut():
    pages = paged("```python\n" + "    return 1\n" * 20 + "```\n")
    assert all("```python\n    return 1\n" in page for page in pages)


def test_code_that_a_cut_falls_around_leaves_no_block_of_nothing():
    for before in range(60, 100):
        text = (FILLER * 10)[:before] + "\n```py\nx = 1\ny = 2\n```\n" + FILLER * 3
        for page in paged(text):
            assert "```py\n```" not in page


def test_code_that_is_still_open_is_closed_for_show():
    pager = Pager(100)
    pager.feed("```py\nprint(1)")
    assert pager.open_page == "```py\nprint(1)\n```"
    pager.feed("\n```\nDone.")
    assert pager.open_page == "```py\nprint(1)\n```\nDone."


def test_code_in_a_quote_ends_with_the_quote():
    assert paged("> ```py\n> x = 1\nSo much for that.") == ["> ```py\n> x = 1\nSo much for that."]


@pytest.mark.parametrize("mark", ["```", "`````"])
def test_where_a_page_is_full_does_not_depend_on_the_chunks_around_the_end_of_code(mark):
    for length in range(60, 100):
        text = f"{mark}py\n" + "x = 1 + 1\n" * 5 + "y" * (length - 50) + f"\n{mark}\n" + FILLER * 5
        by_char = Pager(100)
        pages = [page for char in text for page in by_char.feed(char)]
        assert [*pages, by_char.open_page] == paged(text), length


def test_a_quoted_line_stays_quoted_after_a_cut():
    assert all(page.startswith("> ") for page in paged("> " + FILLER * 20))


def test_white_space_at_the_start_and_blank_text_make_no_page():
    pager = Pager(100)
    assert pager.feed("\n" * 5000) == []
    assert (pager.open_page, pager.settled) == ("", 0)
    assert pager.feed("x" * 101) == ["x" * 100]
    assert pager.settled == 5100


def test_white_space_after_a_full_page_begins_no_other():
    pager = Pager(100)
    assert pager.feed("x" * 100 + "\n" * 50) == []
    assert pager.open_page == "x" * 100


def test_after_a_cut_there_is_always_something_on_the_open_page():
    pager = Pager(100)
    for char in FILLER * 100:
        if pager.feed(char):
            assert pager.open_page


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "e" + "\u0301" * 3_000,
        "\n" * 10_000 + "end",
        "\u200b" * 10_000 + "end",
        "```" + "i" * 500 + "\n" + "code\n" * 900 + "```",
        "```" + "i" * 5_000,
        "|| " + "word " * 900 + "||",
        "||" * 3_000,
        "`" * 5_000,
        "> " * 3_000,
        "[" * 3_000,
        "```\\" * 900,
        "`` ` " * 900,
        "\\" * 5_001,
        "🇫🇷" * 3_000,
        "https://example.com/" + "a" * 5_000,
        "```py\n" + "\n" * 5_000 + "x\n```",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_pathology_keeps_the_limit_and_loses_nothing(text):
    pages = paged(text, limit=1800)
    assert all(page.strip() and len(page) <= 1800 for page in pages)
    assert reader.contains(reader.visible("".join(pages)), reader.visible(text))
    assert len(pages) <= len(text) / 500 + 2


def test_rewind_replaces_the_open_page_alone():
    pager = Pager(100)
    finished = pager.feed("```py\n" + "x = 1\n" * 20)
    assert len(finished) == 1
    settled = pager.settled
    assert pager.rewind("y = 2\n```\nBye.") == []
    assert pager.open_page == "```py\ny = 2\n```\nBye."
    assert pager.settled == settled


def test_rewind_forgets_the_white_space_that_was_left_out():
    pager = Pager(100)
    pager.feed("\n" * 30)
    pager.rewind("\n\n" + "x" * 150)
    assert pager.settled == 102


def test_the_work_for_each_feed_is_bounded_by_a_page_however_long_the_answer(monkeypatch):
    """Counts the code points that are read: per feed, and over the whole answer."""
    reads = []
    for name in ("outline", "scan"):
        read = getattr(pager_module, name)
        monkeypatch.setattr(
            pager_module, name, lambda page, budget, read=read: reads.append(len(page)) or read(page, budget)
        )
    pager = Pager(1800)
    dearest = {}
    for fed in range(0, 200_000, 8):
        reads.clear()
        pager.feed("x = `1`\n" if fed % 4000 else "```py\n")
        dearest[fed // 20_000] = max(dearest.get(fed // 20_000, 0), sum(reads))
        assert all(length <= 2 * 1800 for length in reads)
    assert 0 < max(dearest.values()) <= 20 * 1800
    assert dearest[9] <= 1.5 * dearest[0]


def test_nothing_of_a_finished_page_is_kept():
    pager = Pager(1800)
    for _ in range(20_000):
        pager.feed("word word ")
    assert sum(len(value) for value in vars(pager).values() if isinstance(value, str)) <= 2 * 1800


def test_a_reserve_finishes_a_page_that_has_too_little_room_left():
    pager = Pager(100)
    pager.feed("word " * 12)
    assert pager.reserve(20) == []
    assert pager.reserve(30) == ["word " * 12]
    assert (pager.open_page, pager.settled) == ("", 60)
    assert pager.reserve(1000) == []


def test_a_reserve_leaves_a_word_that_may_go_on_to_the_next_page():
    pager = Pager(100)
    pager.feed("word " * 12 + "and")
    assert pager.reserve(50) == ["word " * 12]
    assert pager.open_page == "and"


def test_the_last_page_stays_open_and_takes_no_more_than_it_can():
    pager = Pager(100, max_pages=2)
    assert pager.feed("word " * 100) == ["word " * 20]
    assert pager.full
    last = pager.open_page
    assert 80 <= len(last) <= 100
    assert pager.feed("more") == []
    assert pager.open_page == last
    assert pager.rewind("less") == []
    assert (pager.full, pager.open_page) == (False, "less")


def test_a_preview_changes_nothing():
    pager = Pager(100)
    pager.feed("word " * 10)
    assert pager.preview("and more") == "word " * 10 + "and more"
    assert pager.preview("word " * 30) == "word " * 20
    assert pager.open_page == ("word " * 10).rstrip()
