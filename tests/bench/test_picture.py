from xml.etree import ElementTree as ET

import pytest

from bench import picture

TEXT, RECT = (f"{{{picture.NAMESPACE}}}{tag}" for tag in ("text", "rect"))
FIGURES = {"final": 0.25, "freeze": 1.2}
RESULTS = {
    "lag": {
        "cells": dict.fromkeys(("one", "same10", "own10", "own50", "ask10"), FIGURES),
        "rivals": {"slow & <odd>": {cell: {"final": 4645.4} for cell in ("same10", "own10")}},
    },
    "cpu": {"patter_us": 50.0, "ollama_us": 100.0, "ollama_uvloop_us": 90.0, "ratio": 0.5},
    "scale": {"streams": 1000, "edits_per_stream_s": 0.98, "p95_token_lag_s": 1.2, "http_429": 0, "cpu_cores": 0.9},
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
    assert "| CPU per token beside the official client | 0.50 | ≤ 0.6 |" in told
    assert all(line.count("|") == 4 for line in told)


def test_a_new_result_takes_the_place_of_the_last_one(kept):
    picture.save("growth", {"ratio": 1.1}, kept)
    told = []
    picture.draw(kept, tell=told.append)
    assert any("| 1.10 |" in line for line in told)
