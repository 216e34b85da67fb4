import json

from hypothesis import given
from hypothesis import strategies as st

from playground.llm.wire import Counters, go_json, last_line, stamp


def test_what_go_escapes_is_escaped_and_the_rest_is_raw():
    text = "<b>&\u2028\u2029\u0085é🎉"
    assert go_json(text) == b'"\\u003cb\\u003e\\u0026\\u2028\\u2029' + "\u0085é🎉".encode() + b'"'


@given(st.text())
def test_a_line_is_one_line_of_json_with_the_same_text(text):
    encoded = go_json({"text": text})
    assert b"\n" not in encoded
    assert json.loads(encoded) == {"text": text}


def test_a_timestamp_drops_the_zeros_that_end_it():
    whole_second = 1_795_368_200 * 1_000_000_000
    assert stamp(whole_second) == "2026-11-22T17:23:20Z"
    assert stamp(whole_second + 555_012_010) == "2026-11-22T17:23:20.55501201Z"


def test_counters_of_zero_are_left_out():
    line = last_line("chat", "smol", "stop", Counters(total_duration=5, eval_count=1))
    assert list(line) == [
        "model",
        "created_at",
        "message",
        "done",
        "done_reason",
        "total_duration",
        "eval_count",
    ]
