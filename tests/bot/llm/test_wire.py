import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import StreamCut
from bot.core.model import LoadedModel, ModelInfo, Question, Turn
from bot.llm import wire
from bot.llm.options import OllamaOptions
from bot.llm.wire import Framing

LINE = st.binary(min_size=1, max_size=20).map(lambda line: line.replace(b"\n", b"")).filter(bytes.strip)


@given(lines=st.lists(LINE), tail=LINE | st.just(b""), data=st.data())
def test_lines_are_the_same_however_they_are_chunked(lines, tail, data):
    stream = b"".join(line + b"\n" for line in lines) + tail
    framing, got, at = Framing(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        got += framing.feed(stream[at : at + size])
        at += size
    assert got == lines
    assert list(framing.feed(b"\n")) == ([tail] if tail else [])


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_newline_ends_a_line(mark, chunked):
    framing = Framing()
    line = f"a{mark}b".encode()
    assert [got for chunk in chunked(line + b"\n") for got in framing.feed(chunk)] == [line]


def test_blank_lines_are_dropped(chunked):
    framing = Framing()
    assert [line for chunk in chunked(b"\n\r\na\n  \nb\n") for line in framing.feed(chunk)] == [b"a", b"b"]


def read(framing, chunks):
    """Give the lines, and whether they ended in a cut."""
    lines = []
    try:
        for chunk in chunks:
            for line in framing.feed(chunk):
                lines.append(line)  # noqa: PERF402 - one by one: what came before a cut counts
    except StreamCut:
        return lines, True
    return lines, False


def test_a_line_that_is_too_long_cuts_after_the_lines_before_it(chunked):
    data = b"one\ntwo\n" + b"x" * 11 + b"\nlost\n"
    assert read(Framing(limit=10), chunked(data)) == ([b"one", b"two"], True)
    assert read(Framing(limit=11), chunked(data)) == ([b"one", b"two", b"x" * 11, b"lost"], False)


def test_an_endless_line_takes_no_more_memory_than_the_limit():
    framing = Framing(limit=1000)
    assert read(framing, [b"x" * 99] * 100) == ([], True)
    assert len(framing._rest) <= 1000


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b"[]",
        b"7",
        b'{"message": []}',
        b'{"message": {"content": 7}}',
        b'{"message": {"content": "a"}, "done": "yes"}',
        b'{"message": {"content": "\xff"}}',
        b'{"message": {"content": "\\ud800"}}',
        b'{"message": {"content": "half',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_a_line_that_is_none_of_ollamas_is_a_cut_that_quotes_nothing_of_it(line):
    with pytest.raises(StreamCut) as caught:
        wire.read_line(line)
    assert caught.value.again
    assert str(caught.value).startswith("an unreadable line: ")
    assert caught.value.__cause__ is not None


def test_a_chat_body_says_all_that_must_be_said():
    question = Question((Turn("system", "Be brief."), Turn("user", "Why?")), "smol", seed=7)
    body = wire.chat_body(question, think=False, options=OllamaOptions(num_predict=50))
    assert json.loads(body) == {
        "model": "smol",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "think": False,
        "options": {"num_predict": 50, "seed": 7},
    }


def test_a_generate_body_has_the_same_options_without_a_seed():
    options = OllamaOptions(num_predict=50, num_ctx=4096, keep_alive="10m")
    assert json.loads(wire.generate_body("Once", "smol", think="high", options=options)) == {
        "model": "smol",
        "prompt": "Once",
        "think": "high",
        "options": {"num_predict": 50, "num_ctx": 4096},
        "keep_alive": "10m",
    }


def test_a_keep_alive_of_zero_and_a_seed_of_zero_are_sent():
    question = Question((Turn("user", "Why?"),), "smol", seed=0)
    body = json.loads(wire.chat_body(question, think=True, options=OllamaOptions(keep_alive=0)))
    assert (body["keep_alive"], body["options"]["seed"]) == (0, 0)


def test_text_that_utf8_cannot_hold_is_sent_as_far_as_it_can():
    question = Question((Turn("user", "a\ud800b 🦙"),), "smol", seed=1)
    body = wire.chat_body(question, think=False, options=OllamaOptions())
    assert json.loads(body)["messages"][0]["content"] == "a?b 🦙"


@pytest.mark.parametrize("num_predict", [0, -1, -2])
def test_an_answer_without_limit_cannot_be_asked_for(num_predict):
    with pytest.raises(ValueError, match="num_predict"):
        OllamaOptions(num_predict=num_predict)


def test_installed_models_are_read_from_tags(captured):
    thinker, *others = wire.read_tags(captured("tags"))
    assert thinker == ModelInfo(
        name="smol-think:latest",
        size=98363321,
        parameters="134.52M",
        context=8192,
        capabilities=frozenset({"completion", "thinking"}),
    )
    assert [model.name for model in others] == ["smol-tools:latest", "smol:latest", "smol-native:latest"]


@pytest.mark.parametrize("body", [b'{"models":null}', b'{"models":[]}'])
def test_a_server_without_models_has_none(body):
    assert wire.read_tags(body) == wire.read_loaded(body) == ()


def test_an_old_server_does_not_tell_capabilities():
    assert wire.read_tags(b'{"models":[{"name":"a","details":null}]}') == (ModelInfo("a"),)


def test_loaded_models_are_read_from_ps(captured):
    assert wire.read_loaded(captured("ps")) == (LoadedModel("smol:latest", context=4096),)
    assert wire.read_loaded(captured("ps_after_unload")) == ()


def test_show_tells_the_context_whatever_the_architecture():
    body = b"""{"details": {"parameter_size": "7B"}, "capabilities": ["thinking"], "template": "...",
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960, "tokens": null}}"""
    assert wire.read_shown(body, "qwen3") == ModelInfo(
        "qwen3", parameters="7B", context=40960, capabilities=frozenset({"thinking"})
    )
    assert wire.read_shown(b"{}", "old") == ModelInfo("old")


def test_the_version_is_read(captured):
    assert wire.read_version(captured("version")) == "0.33.0-rc2"


def test_an_error_is_ollamas_or_none(captured):
    assert wire.read_error(captured("err_unknown_model_chat")) == "model 'nope' not found"
    for body in (b"<html>", b'{"detail": "Not Found"}', b'{"error": {"message": "no"}}', b"\xff", b"[" * 100_000):
        assert wire.read_error(body) is None
