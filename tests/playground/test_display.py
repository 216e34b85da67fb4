import pytest

from playground.display import Button, Printout, buttons, changes, heading, lines_of
from playground.screen import screen_lines, window
from playground.verdict import Verdict, verdict

STOP = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 2, "label": "Stop", "emoji": {"name": "🛑"}, "custom_id": "stop:1"},
            {"type": 2, "style": 5, "label": "Website", "url": "https://example.org"},
            {"type": 2, "style": 2, "label": "Later", "custom_id": "later", "disabled": True},
        ],
    }
]
AFTERWARDS = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Retry", "custom_id": "retry:1"}]}]


def message(content, *, key="1", components=(), flags=0):
    return {
        "id": key,
        "author": {"username": "patter"},
        "content": content,
        "components": list(components),
        "flags": flags,
    }


def test_only_buttons_that_can_be_pressed_are_shown():
    shown = message("hi", components=STOP)
    assert buttons(shown) == [Button("Stop", "stop:1")]
    assert lines_of(shown) == ["hi", "[Stop]"]


def test_a_private_message_says_so():
    assert heading(message("hi", flags=64)) == "patter · only you can see this"


def test_a_model_cannot_command_the_terminal():
    hostile = message("\x1b[2J\x9b31m\rgone\u0085\ttab")
    assert lines_of(hostile) == ["�[2J�31m�gone�\ttab"]


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], ["a", "b"], ["a", "b"]),
        (["a", "b"], ["a", "b", "c"], ["…", "c"]),
        (["a", "on"], ["a", "one"], ["…", "…e"]),
        (["a", "on"], ["one", "a"], ["one", "a"]),
        (["a", "b", "c"], ["a"], []),
        (["a", ""], ["a", "b"], ["…", "b"]),
    ],
)
def test_only_what_is_new_is_printed(before, after, new):
    assert changes(before, after) == new


def test_each_state_is_a_block_and_one_that_looks_the_same_is_none():
    printout = Printout()
    first, second = message("a", components=STOP), message("a b")
    assert printout.block(first, "0.1 s")[1:] == ["a", "[Stop]"]
    assert printout.block(first) == []
    title, *lines = printout.block(second, "0.2 s")
    assert title.startswith("── patter · edit 1 · 0.2 s ──")
    assert lines == ["… b"]


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([], None),
        ([message("> Q\n-# waiting…", components=STOP)], None),
        ([message("> Q\npage one")], None),
        ([message("> Q\nA\n-# model · 3 tokens")], Verdict()),
        ([message("> Q\nA\n-# model · 3 tokens", components=AFTERWARDS)], Verdict()),
        ([message("> Q\npage one"), message("A\n-# model", key="2")], Verdict()),
        ([message("> Q\npage one"), message("A\n-# writing…", key="2", components=STOP)], None),
        ([message("> Q\n-# failed · No such model.")], Verdict("The answer failed: No such model.")),
        ([message("> Q\nA\n-# cut off · It stopped.")], Verdict("The answer was cut off: It stopped.")),
        ([message("You have asked enough.", flags=64)], Verdict("The bot said: You have asked enough.")),
    ],
)
def test_the_end_of_an_answer_is_seen_in_its_messages(pages, found):
    assert verdict(pages) == found


def test_lines_fit_the_screen_and_break_between_words():
    shown = [message("> Q\none two three\n\n-# done", components=STOP), message("x", key="2")]
    assert screen_lines(shown, width=8) == [
        ("class:author", "patter"),
        ("class:question", "> Q"),
        ("", "one two"),
        ("", "three"),
        ("", ""),
        ("class:caption", "done"),
        ("class:button", "[Stop]"),
        ("", ""),
        ("class:author", "patter"),
        ("", "x"),
    ]


@pytest.mark.parametrize(
    ("height", "back", "shown"), [(2, 0, "de"), (2, 1, "cd"), (2, 99, "ab"), (9, 0, "abcde"), (9, 3, "abcde")]
)
def test_a_window_shows_the_end_unless_scrolled_back(height, back, shown):
    lines = [("", letter) for letter in "abcde"]
    assert "".join(text for _, text in window(lines, height, back)) == shown
