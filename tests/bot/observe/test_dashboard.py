"""docs/grafana.json and what is exported fit each other."""

import json
import re
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.observe.metrics import Metrics
from tests.bot.observe.events import ended

DASHBOARD = json.loads((Path(__file__).resolve().parents[3] / "docs" / "grafana.json").read_text(encoding="utf-8"))
BY_SCRAPER = {"instance", "job"}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a process tells of itself on Linux alone")


def expressions():
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture
def samples():
    """All sample names that a scraper sees, each with the names of its labels."""
    metrics = Metrics(running=lambda: 0, waiting=lambda: 0)
    metrics(ended())
    page = metrics.page("")[0].decode()
    return {
        sample.name: set(sample.labels) for family in text_string_to_metric_families(page) for sample in family.samples
    }


def test_every_metric_of_the_dashboard_is_exported(samples):
    used = {name for one in expressions() for name in re.findall(r"\b(?:patter|process)_\w+", one)}
    assert len(used) > 10
    assert used - samples.keys() == set()


def test_every_metric_of_ours_is_on_the_dashboard(samples):
    everything = " ".join(expressions())
    ours = {name for name in samples if name.startswith("patter_") and not name.endswith(("_sum", "_count"))}
    assert {name for name in ours if not re.search(rf"\b{name}\b", everything)} == set()


def test_every_label_of_the_dashboard_is_one_of_its_metrics(samples):
    for one in expressions():
        names = re.findall(r"\b(?:patter|process)_\w+", one)
        labels = set().union(*(samples[name] for name in names)) | BY_SCRAPER
        asked = {label.strip() for group in re.findall(r"by \(([^)]*)\)", one) for label in group.split(",")}
        asked |= set(re.findall(r"(\w+)=~?\"", one)) | set(re.findall(r"\{\{(\w+)\}\}", one))
        assert asked <= labels, one


def test_every_legend_names_labels_that_are_left():
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            grouped = set(re.findall(r"by \((\w+)\)", target["expr"]))
            assert legend <= (grouped or BY_SCRAPER), panel["title"]


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_every_expression_is_closed():
    for one in expressions():
        for opening, closing in ("()", "{}", "[]"):
            assert one.count(opening) == one.count(closing), one
