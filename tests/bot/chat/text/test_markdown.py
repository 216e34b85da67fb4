import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.chat.text.markdown import neutralise, one_line, question_line

ACTIVE = re.compile(r"@everyone|@here|<@|<#|<:|<a:|<t:|<id:|</|<http|://|discord\.gg/", re.IGNORECASE)
PIECES = ["@everyone", "@here", "<@1>", "<@&2>", "<#3>", "<:e:4>", "<a:e:5>", "<t:6:R>", "</ask:7>", "<id:guide>"]
MARKUP = [
    "*",
    "_",
    "**",
    "~~",
    "||",
    "`",
    "```",
    "\\",
    "> ",
    ">>> ",
    "# ",
    "-# ",
    "- ",
    "1. ",
    "[a](b)",
    "https://x.yz",
]
BLANKS = [" ", "\n", "\r\n", "\t", "\x00", "\x1b", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800"]
HOSTILE = st.lists(st.sampled_from([*PIECES, *MARKUP, *BLANKS, "a", "e\u0301", "שלום", "👩\u200d🚒"]), max_size=60)
TEXTS = HOSTILE.map("".join) | st.text(max_size=300)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, limit=st.integers(1, 80))
def test_a_neutralised_text_is_one_bounded_line_with_nothing_active(text, limit):
    line = neutralise(text, limit)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 2 * limit + 1
    assert not ACTIVE.search(line)
    assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)
    assert ACTIVE.search(question_line(text, limit)) is None
    assert len(question_line(text, limit).splitlines()) == 1


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_reader_of_markdown_finds_nothing_but_the_words(text):
    line = neutralise(text)
    tokens = MarkdownIt("commonmark").enable("strikethrough").disable("entity").parse(line)
    children = [child for token in tokens for child in token.children or []]
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == one_line(text, 200)


@settings(max_examples=50, deadline=None)
@given(text=TEXTS)
def test_a_question_is_one_bold_quoted_line(text):
    tokens = MarkdownIt("commonmark").disable("entity").parse(question_line(text, 30))
    assert [token.type for token in tokens if token.nesting == 1] == ["blockquote_open", "paragraph_open"]


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("  two\n\nlines  ", "two lines"),
        ("snake_case", r"snake\_case"),
        ("||secret||", r"\|\|secret\|\|"),
        ("-# small", r"\-# small"),
        ("1. first", r"1\. first"),
        ("a - b > c # d", "a - b > c # d"),
        ("\u202egnp.exe", "gnp.exe"),
        ("<@1>", "<\u200b@\u200b1>"),
        ("join discord.gg/abc", "join discord.gg\u200b/abc"),
        ("Discord.com/invite/abc", "Discord.com\u200b/invite/abc"),
    ],
)
def test_it_stays_legible(typed, drawn):
    assert neutralise(typed) == drawn


def test_a_long_text_ends_in_an_ellipsis_and_no_character_is_torn():
    assert neutralise("x" * 300) == "x" * 199 + "…"
    assert neutralise("ab👩\u200d🚒cd", limit=5) == "ab…"
    assert neutralise("*" * 300, limit=200).count("*") == 199


def test_an_empty_question_still_is_a_line():
    assert question_line(" \n") == "> **…**"
