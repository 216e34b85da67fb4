import pytest

from playground.lines import Become, Click, Help, Quit, React, Say, Unclear, Use, parse


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hello there", Say("hello there")),
        ("  padded  ", Say("padded")),
        ("/ask Why?", Use("ask", {"prompt": "Why?"})),
        ("/ask prompt: Why is that?", Use("ask", {"prompt": "Why is that?"})),
        ("/ask model:llama3.2:1b Why?", Use("ask", {"prompt": "Why?", "model": "llama3.2:1b"})),
        ("/ask Why? private:True", Use("ask", {"prompt": "Why?", "private": True})),
        ("/ask private:false Why? model:m", Use("ask", {"prompt": "Why?", "model": "m", "private": False})),
        ("/ask Explain private:True in Go", Use("ask", {"prompt": "Explain private:True in Go"})),
        ("/ask What is http://a.b/c", Use("ask", {"prompt": "What is http://a.b/c"})),
        ("/ask a  b", Use("ask", {"prompt": "a  b"})),
        ("/stop", Use("stop")),
        ("/other name:x on:true", Use("other", {"name": "x", "on": True})),
        ("/react 🛑", React("🛑")),
        ("/click Stop now", Click("Stop now")),
        ("/who bob", Become("bob")),
        ("/help", Help()),
        ("/quit", Quit()),
        ("", None),
        ("   ", None),
    ],
)
def test_a_line_means_this(typed, meant):
    assert parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/ask", "/ask TEXT"),
        ("/ask model:m", "/ask TEXT"),
        ("/react", "/react EMOJI"),
        ("/click ", "/click LABEL"),
        ("/who", "/who NAME"),
        ("/", "/help"),
        ("/other some words", "NAME:VALUE"),
    ],
)
def test_an_unclear_line_is_answered_with_what_to_type(typed, sentence):
    with pytest.raises(Unclear, match=sentence):
        parse(typed)
