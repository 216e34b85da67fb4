import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.core.events import EditLanded, FirstToken, GatewayConnected, GatewayLost, RateLimited
from bot.core.model import Ending
from bot.observe.metrics import MOST_MODELS, Metrics
from tests.bot.observe.events import ended, without_usage


@pytest.fixture
def metrics():
    return Metrics(running=lambda: 3, waiting=lambda: 2)


def values(metrics):
    """All samples of the page as a scraper reads them: name with labels -> value."""
    page, _ = metrics.page("")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_answers_are_counted_by_ending_from_zero_on(metrics):
    assert all(values(metrics)["patter_answers_total", ending.value] == 0 for ending in Ending)
    metrics(ended())
    metrics(without_usage(Ending.STOPPED))
    found = values(metrics)
    assert (found["patter_answers_total", "done"], found["patter_answers_total", "stopped"]) == (1, 1)
    assert found["patter_answer_seconds_count",] == 2
    assert found["patter_answer_seconds_sum",] == pytest.approx(5.2)


def test_tokens_and_the_time_of_writing_are_told_apart_by_model(metrics):
    metrics(ended(model="smol", tokens=100, prompt=20, answer_s=2.0))
    metrics(ended(model="big", tokens=7, prompt=5, answer_s=3.5))
    found = values(metrics)
    assert found["patter_tokens_total", "answer", "smol"] == 100
    assert found["patter_tokens_total", "prompt", "smol"] == 20
    assert found["patter_tokens_total", "answer", "big"] == 7
    assert found["patter_model_writing_seconds_total", "big"] == 3.5


def test_what_people_call_a_model_is_no_label_unless_it_answered(metrics):
    metrics(without_usage(Ending.FAILED, model="my secret question"))
    assert "secret" not in metrics.page("")[0].decode()


def test_there_are_never_more_than_a_few_models(metrics):
    for number in range(3 * MOST_MODELS):
        metrics(ended(model=f"model{number}"))
    models = {key[2] for key in values(metrics) if key[:2] == ("patter_tokens_total", "answer")}
    assert models == {f"model{number}" for number in range(MOST_MODELS)} | {"other"}
    assert values(metrics)["patter_tokens_total", "answer", "other"] == 2 * MOST_MODELS * 100


def test_edits_and_first_tokens_are_counted_and_timed(metrics):
    for event in (FirstToken("run0", 0.3), EditLanded("run0", 0.7), EditLanded("run0", 30.0)):
        metrics(event)
    found = values(metrics)
    assert found["patter_edits_total",] == 2
    assert found["patter_edit_lag_seconds_bucket", "0.75"] == 1
    assert found["patter_edit_lag_seconds_bucket", "40.0"] == 2
    assert (found["patter_first_token_seconds_count",], found["patter_first_token_seconds_sum",]) == (1, 0.3)


def test_refusals_are_counted_by_scope_from_zero_on(metrics):
    metrics(RateLimited("shared"))
    found = values(metrics)
    scopes = {scope: found["patter_discord_429_total", scope] for scope in ("user", "global", "shared", "ban")}
    assert scopes == {"user": 0, "global": 0, "shared": 1, "ban": 0}


def test_the_first_connection_is_no_reconnect(metrics):
    metrics(GatewayConnected(resumed=False))
    assert values(metrics)["patter_gateway_connected",] == 1
    metrics(GatewayLost())
    assert values(metrics)["patter_gateway_connected",] == 0
    metrics(GatewayConnected(resumed=True))
    found = values(metrics)
    assert found["patter_gateway_reconnects_total", "resumed"] == 1
    assert found["patter_gateway_reconnects_total", "identified"] == 0


def test_what_is_under_way_is_asked_for_at_each_scrape(metrics):
    found = values(metrics)
    assert (found["patter_running",], found["patter_waiting",]) == (3, 2)


def test_no_label_is_an_id(metrics):
    metrics(ended())
    metrics(EditLanded("run0", 1.0))
    assert b"run0" not in metrics.page("")[0]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
    ],
)
def test_a_scraper_gets_the_format_that_it_asks_for(metrics, accept, content_type):
    page, given = metrics.page(accept)
    assert given.startswith(content_type)
    assert page.endswith(b"# EOF\n") == ("openmetrics" in accept)
