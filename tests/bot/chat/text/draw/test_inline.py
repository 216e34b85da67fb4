"""What a model writes within a line, and what Discord is to draw."""

import pytest

from bot.chat.text.draw.drawing import Drawing
from tests.bot.chat.text.reader import drawn


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[Ollama](https://ollama.com)", "Ollama (<https://ollama.com>)"),
        ('[a](https://x.yz "a title")', "a (<https://x.yz>)"),
        ("[a](<https://x.yz>)", "a (<https://x.yz>)"),
        ("[wiki](https://x.yz/a_(b))", "wiki (<https://x.yz/a_(b)>)"),
        ("[**bold** and `code`](https://x.yz)", "**bold** and `code` (<https://x.yz>)"),
        ("[https://good.yz](https://evil.yz)", "https://good.yz (<https://evil.yz>)"),
        ("[https://x.yz](https://x.yz)", "<https://x.yz>"),
        ("[x.yz](https://x.yz)", "<https://x.yz>"),
        ("[](https://x.yz)", "<https://x.yz>"),
        ("[write](mailto:a@x.yz)", "write (mailto:a@x.yz)"),
        ("[below](#there)", "below (#there)"),
        ("[![badge](https://x.yz/b.png)](https://x.yz)", "badge (<https://x.yz/b.png>) (<https://x.yz>)"),
        ("[1] and [x] and a[0]", "[1] and [x] and a[0]"),
        ("[open", "[open"),
        ("[a]: https://x.yz", "[a]: https://x.yz"),
    ],
)
def test_a_link_shows_where_it_leads(written, shown):
    assert drawn(written) == shown
    assert drawn(f"So: {written}.\n") == f"So: {shown}.\n"


@pytest.mark.parametrize(
    "written", ["[two\nlines](https://x.yz)", "[" + "a" * 600 + "](https://x.yz)", "[a\\](https://x.yz)"]
)
def test_what_discord_alone_would_take_for_a_link_hides_nothing(written):
    assert "](" not in drawn(written)
    assert "https://x.yz" in drawn(written)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("![a cat](https://x.yz/cat.png)", "a cat (<https://x.yz/cat.png>)"),
        ("![](https://x.yz/cat.png)", "<https://x.yz/cat.png>"),
        ("wow![1]", "wow![1]"),
        ("Hello!", "Hello!"),
    ],
)
def test_an_image_becomes_text(written, shown):
    assert drawn(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"so \(a_1 * b_2\) is", "so `a_1 * b_2` is"),
        (r"so \[a_1\] is", "so `a_1` is"),
        ("so $a_1 * b_2$ is", "so `a_1 * b_2` is"),
        ("so $$a_1$$ is", "so `a_1` is"),
        (r"so $2 \pi r$ is", r"so `2 \pi r` is"),
        ("from $5 to $10", "from $5 to $10"),
        ("$5 here and there in US$.", "$5 here and there in US$."),
        ("$HOME and $PATH", "$HOME and $PATH"),
        ("costs 5$ or 6$", "costs 5$ or 6$"),
        ("$open", "$open"),
        ("$a\nb$", "$a\nb$"),
        (r"\(open", "`open`"),
        (r"a \* b", r"a \* b"),
        ("$x$$y$", "`x`\u200b`y`"),
    ],
)
def test_a_formula_becomes_code_and_money_does_not(written, shown):
    assert drawn(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "`[a](https://x.yz)`",
        "``a ` ![b](https://x.yz)``",
        "`$x$ and \\(y\\)`",
        "`two lines\nof [a](b) code`",
        "a <b> c",
        "<@123> <https://x.yz/$a$b>"[:6],
        "https://x.yz/a_b",
        "**bold** _it_ ~~no~~ ||secret||",
    ],
)
def test_code_and_what_discord_knows_are_drawn_as_they_are(written):
    assert drawn(written) == written


def test_a_stray_backtick_cannot_swallow_the_code_below():
    """Discord would look for its end in the block."""
    assert drawn("Press the ` key:\n```sh\necho `date`\n```\n").startswith("Press the \\` key:\n```sh\n")


def test_backticks_in_inline_code_open_no_block():
    assert drawn("``a ``` b``") == "``a ``\u200b`\u200b b``"


@pytest.mark.parametrize("written", ["<br>", "<br/>", "<BR />"])
def test_a_break_breaks_the_line(written):
    assert drawn(f"one{written}two") == "one\ntwo"
    assert drawn(f"> one{written}two") == "> one\n> two"


def test_what_is_open_holds_nothing_back_for_ever():
    drawing = Drawing()
    text = "see [this " + "and that " * 100
    decided = "".join(piece.text for piece in drawing.feed(text))
    assert decided == text[: len(decided)]
    assert len(decided) > 500
    assert decided + drawing.rest == text
