import json
from xml.etree import ElementTree as ET

import pytest

from bench import picture

TEXT, RECT = (f"{{{picture.NAMESPACE}}}{tag}" for tag in ("text", "rect"))
FIGURES = {"final": 0.25, "freeze": 1.2}
CROWD = {
    "streams": 990,
    "failed": 10,
    "edits_per_stream_s": 0.98,
    "p95_token_lag_s": 1.2,
    "http_429": 0,
    "burst_failed": 5,
}
RESULTS = {
    "lag": {
        "cells": dict.fromkeys(("one", "same10", "own10", "own50", "ask10"), FIGURES),
        "rivals": {"slow & <odd>": {cell: {"final": 4645.4} for cell in ("same10", "own10")}},
    },
    "cpu": {"patter_us": 50.0, "ollama_us": 100.0, "ollama_uvloop_us": 90.0, "ratio": 0.5},
    picture.CROWD: CROWD,
    "growth": {"ratio": 0.8},
    "stop": {"p99_ms": 10.2},
}


@pytest.fixture
def kept(tmp_path):
    for name, result in RESULTS.items():
        picture.save(name, result, tmp_path)
    return tmp_path


def test_the_picture_shows_every_figure_and_its_bars_are_to_scale(kept):
    picture.draw(kept, tell=[].append)
    drawing = ET.parse(kept / picture.PICTURE).getroot()
    texts = ["".join(text.itertext()) for text in drawing.iter(TEXT)]
    assert {"slow & <odd>", "4,645", "0.25", "50.0", "100"} <= set(texts)
    bars = [float(bar.get("width")) for bar in drawing.iter(RECT) if bar.get("class") in {"bar", "ours"}]
    ours, on_uvloop, on_asyncio = bars[-3:]
    assert on_asyncio == pytest.approx(2 * ours, abs=0.2)
    assert on_uvloop == pytest.approx(1.8 * ours, abs=0.2)


def test_the_picture_is_legible_on_light_and_dark_paper(kept):
    picture.draw(kept, tell=[].append)
    assert "prefers-color-scheme: dark" in (kept / picture.PICTURE).read_text(encoding="utf-8")


def test_the_table_sets_each_figure_beside_its_goal(kept):
    told = []
    picture.draw(kept, tell=told.append)
    assert "| CPU per token, beside the official client that only reads | 0.50 | ≤ 0.6 |" in told
    assert any("| 0 / 15 |" in line for line in told)
    assert all(line.count("|") == 4 for line in told)


def test_a_new_result_takes_the_place_of_the_last_one(kept):
    picture.save("growth", {"ratio": 1.1}, kept)
    told = []
    picture.draw(kept, tell=told.append)
    assert any("| 1.10 |" in line for line in told)


# What stands in the repository

ROOT = picture.DOCS.parent


def test_the_picture_in_the_repository_is_that_of_the_kept_results():
    results = json.loads((picture.DOCS / picture.RESULTS).read_text(encoding="utf-8"))
    assert (picture.DOCS / picture.PICTURE).read_text(encoding="utf-8") == picture.svg(picture.charts(results))


def test_the_readme_shows_the_picture_and_the_table_of_the_kept_results():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    results = json.loads((picture.DOCS / picture.RESULTS).read_text(encoding="utf-8"))
    assert f"](docs/{picture.PICTURE})" in readme
    assert "\n".join(picture.table(results)) in readme


def test_the_documented_output_of_each_bench_is_its_kept_result():
    lines = (picture.DOCS / "performance.md").read_text(encoding="utf-8").splitlines()
    documented = [json.loads(line) for line in lines if line.startswith("{")]
    results = json.loads((picture.DOCS / picture.RESULTS).read_text(encoding="utf-8"))
    del results["lag"]  # too long for a line; its table is below
    for name, result in results.items():
        assert result in documented, name


def test_the_documented_lags_are_those_of_the_kept_result():
    text = (picture.DOCS / "performance.md").read_text(encoding="utf-8")
    lag = json.loads((picture.DOCS / picture.RESULTS).read_text(encoding="utf-8"))["lag"]
    for bot, cells in {"Patter": lag["cells"], **lag["rivals"]}.items():
        rows = [line.split() for line in text.splitlines() if line.startswith(f"{bot}  ")]
        assert rows, bot
        assert [row[-5:-3] for row in rows] == [
            [f"{cells[key]['final']:.2f}", f"{cells[key]['freeze']:.2f}"] for key in cells
        ]
