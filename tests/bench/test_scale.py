import pytest

from bench import scale


def test_a_few_answers_are_all_seen_through_and_counted():
    result = scale.measure(scale.Load(streams=3, rate=20.0, seconds=1.5, start_s=0.2, idle_s=0.0), tell=[].append)
    assert (result["streams"], result["failed"], result["burst_failed"], result["http_429"]) == (3, 0, 0, 0)
    assert 0 < result["burst_answered_s"] < 3
    assert 0 < result["p50_token_lag_s"] <= result["p95_token_lag_s"] < 2


def shown(*writes):
    stream = scale.Shown()
    for at, tokens in writes:
        stream.at.append(at)
        stream.tokens.append(tokens)
    return stream


def test_a_token_lags_until_the_first_write_that_shows_it():
    stream = shown((0.5, 0), (1.0, 2), (1.5, 2), (3.0, 3))
    assert list(stream.lags([0.0, 0.75, 1.25])) == pytest.approx([1.0, 0.25, 1.75])


def test_edits_are_counted_from_the_first_text_on():
    assert shown((0.0, 0), (1.0, 1), (2.0, 2), (5.0, 4)).edits_per_s() == pytest.approx(0.5)
