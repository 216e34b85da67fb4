import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.text.graphemes import clip, clusters, columns


@pytest.mark.parametrize(
    "character",
    [
        "e\u0301",
        "👩🏽\u200d🚒",
        "👨\u200d👩\u200d👧",
        "🇫🇷",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\u1112\u1161\u11ab",
        "नि",
        "\r\n",
    ],
)
def test_what_looks_like_one_character_is_one(character):
    assert list(clusters(f"a{character}b")) == [(1, 1 + len(character))]


def test_what_stands_alone_is_not_told():
    assert list(clusters("añ漢👩🚒\n")) == []


def test_flags_in_a_row_are_told_apart():
    assert list(clusters("🇫🇷🇩🇪🇮")) == [(0, 2), (2, 4)]


@given(
    st.text(
        st.sampled_from(
            "ab1 \n\r\0é漢👩🚒🏽🇫🇷न\u093f\u094d\u0301\u0600\u06dd\u200b\u200d\u2028\ufe0f\u20e3\u1112\u1161\u11ab"
        )
    )
)
def test_what_surrounds_a_character_hides_it_from_nobody(text):
    every = (found.span() for found in regex.finditer(r"\X", text))
    assert list(clusters(text)) == [(start, end) for start, end in every if end - start > 1]


def test_clip_tears_no_character_unless_it_alone_is_too_long():
    assert clip("ab👩\u200d🚒cd", 5) == "ab…"
    assert clip("e" + "\u0301" * 50, 10) == "e" + "\u0301" * 8 + "…"
    assert clip("short", 5) == "short"


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("abc", 3),
        ("漢字", 4),
        ("한글", 4),
        ("ｆｕｌｌ", 8),
        ("é", 1),
        ("e\u0301", 1),
        ("👩\u200d🚒", 2),
        ("🇫🇷", 2),
        ("\u200b", 0),
        ("", 0),
    ],
)
def test_what_is_wide_takes_two_columns_and_what_is_not_seen_takes_none(text, wide):
    assert columns(text) == wide
