"""The lines of an answer, each over three chunkings."""

import json
import logging

import pytest

from bot.core.errors import StreamCut
from bot.core.model import Delta, Usage
from bot.llm.decoder import REPEATS, AnswerDecoder
from bot.llm.wire import MAX_LINE_BYTES

DONE = {"message": {"content": ""}, "done": True, "done_reason": "stop"}


def lines(*values):
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def says(*tokens):
    return lines(*({"message": {"role": "assistant", "content": token}, "done": False} for token in tokens))


def decode(chunks):
    """Give text, thinking, and what ended it: a Usage or a StreamCut."""
    decoder, events, end = AnswerDecoder(), [], None
    try:
        for chunk in chunks:
            _collect(decoder.feed(chunk), events)
            if decoder.done:
                break
        else:
            _collect(decoder.end(), events)
    except StreamCut as cut:
        end = cut
    if decoder.done:
        end = events.pop()
    text = "".join(event.text for event in events)
    return text, "".join(event.thinking for event in events), end


def _collect(fed, events):
    for event in fed:  # one by one: what came before a fault counts
        events.append(event)


def said(data):
    """Read a captured body the plain way."""
    values = [json.loads(line) for line in data.split(b"\n") if line]
    messages = [value.get("message") or value for value in values]
    text = "".join(message.get("content") or message.get("response") or "" for message in messages)
    return text, "".join(message.get("thinking") or "" for message in messages)


WHOLE = [
    "chat_stream",
    "chat_stream_length",
    "chat_emoji",
    "generate_stream",
    "think_on",
    "think_generate",
    "chat_nostream",
    "tools_stream",
]


@pytest.mark.parametrize("name", WHOLE)
def test_a_captured_answer_comes_out_as_it_went_in(name, captured, chunked):
    data = captured(name)
    text, thinking, end = decode(chunked(data))
    assert (text, thinking) == said(data)
    assert isinstance(end, Usage)
    assert end.answer_tokens > 0


def test_thinking_never_enters_the_text(captured, chunked):
    text, thinking, _ = decode(chunked(captured("think_on")))
    assert (text, thinking) == ("The answer is blue.", "Recall the sky.")


def test_the_last_line_becomes_usage_in_seconds(captured, chunked):
    usage = decode(chunked(captured("chat_stream_length")))[2]
    assert usage.hit_limit
    assert (usage.prompt_tokens, usage.answer_tokens) == (15, 5)
    assert (usage.load_s, usage.prompt_s, usage.answer_s) == pytest.approx((0.000584401, 0.029155, 0.019571))


@pytest.mark.parametrize("name", ["chat_load", "chat_unload", "generate_unload"])
def test_a_load_is_an_answer_without_text(name, captured, chunked):
    assert decode(chunked(captured(name))) == ("", "", Usage())


def test_tool_calls_are_passed_over(captured, chunked):
    text, _, end = decode(chunked(captured("tools_stream")))
    assert text == ""
    assert end.answer_tokens == 28


def test_u0085_inside_a_token_is_text(chunked):
    assert decode(chunked(says("a\x85b", "\u2028c") + lines(DONE)))[0] == "a\x85b\u2028c"


def test_a_killed_runner_is_a_cut_after_all_the_text_and_quotes_nothing(captured, chunked, caplog):
    data = captured("midstream_runner_killed")
    with caplog.at_level(logging.INFO):
        text, _, end = decode(chunked(data))
    assert text == said(data)[0]
    assert isinstance(end, StreamCut)
    assert end.again
    assert "grammar" not in f"{end} {end.hint} {caplog.text}"


def test_the_text_of_an_error_line_is_in_the_debug_log(captured, caplog):
    with caplog.at_level(logging.DEBUG):
        decode([captured("midstream_runner_killed")])
    assert "failed to parse grammar" in caplog.text


@pytest.mark.parametrize(
    "end",
    [b"", b"no JSON\n", b"{}\n", b'{"model": "smol"}\n', b'{"message": {"content": "\xff"}}\n', b'{"message": {"con'],
    ids=["no end", "no JSON", "empty object", "says nothing", "no UTF-8", "half a line"],
)
def test_whatever_ends_without_done_is_cut_and_the_text_before_it_stays(end, chunked):
    text, _, cut = decode(chunked(says("one", " two") + end))
    assert text == "one two"
    assert isinstance(cut, StreamCut)
    assert cut.again


def test_a_line_without_end_is_cut_and_the_text_before_it_stays():
    text, _, cut = decode([says("one") + b'{"message": {"content": "' + b"x" * MAX_LINE_BYTES])
    assert (text, type(cut)) == ("one", StreamCut)


def test_the_lines_of_one_read_become_one_delta():
    first, last = AnswerDecoder().feed(says("one", " two", " three") + lines(DONE))
    assert first == Delta("one two three")
    assert last == Usage()


def test_a_read_that_brings_no_text_brings_no_event():
    assert list(AnswerDecoder().feed(says("") + b'{"message":')) == []


@pytest.mark.parametrize(("repeats", "again"), [(REPEATS - 1, True), (REPEATS, False)])
def test_a_cut_after_31_equal_chunks_would_come_again(repeats, again, chunked):
    data = says("no", *[" ha", "ha "] * (repeats // 2), *[" ha"] * (repeats % 2))
    assert decode(chunked(data))[2].again is again


def test_equal_chunks_are_counted_in_thinking_as_well(chunked):
    data = lines(*[{"message": {"content": "", "thinking": " hm"}, "done": False}] * REPEATS)
    assert decode(chunked(data))[2].again is False


def test_a_run_that_has_passed_does_not_count(chunked):
    assert decode(chunked(says(*["ha"] * 40, "stop")))[2].again is True
