import msgspec
import pytest

from bench.crowd import Wish
from bench.lines import LAST, PIECES, SAMPLE, line
from bench.writes import Meter
from bot.core.model import Screen


def test_a_wish_is_read_back_from_its_prompt():
    wish = Wish("stream-7", tokens=240, rate=12.5, counted=True)
    assert Wish.read(wish.prompt) == wish


def test_the_sample_is_cut_without_loss_and_each_line_is_json():
    assert "".join(PIECES) == SAMPLE
    for piece in PIECES:
        assert msgspec.json.decode(line(piece))["message"]["content"] == piece
    assert msgspec.json.decode(LAST)["done"]


def test_the_meter_counts_from_write_to_write(monkeypatch):
    meter = Meter()
    for at, cpu_s in ((1.0, 0.1), (2.0, 0.4), (3.0, 0.5)):
        monkeypatch.setattr("time.monotonic", lambda at=at: at)
        monkeypatch.setattr("time.process_time", lambda cpu_s=cpu_s: cpu_s)
        meter.note(Screen("text", stoppable=True))
    assert meter.spent_s(1.5, 3.5) == pytest.approx(0.4)
    assert meter.spent_s(2.0, 2.9) == 0
