import msgspec

from bench.crowd import Wish
from bench.lines import LAST, PIECES, SAMPLE, line


def test_a_wish_is_read_back_from_its_prompt():
    wish = Wish("stream-7", tokens=240, rate=12.5, counted=True)
    assert Wish.read(wish.prompt) == wish


def test_the_sample_is_cut_without_loss_and_each_line_is_json():
    assert "".join(PIECES) == SAMPLE
    for piece in PIECES:
        assert msgspec.json.decode(line(piece))["message"]["content"] == piece
    assert msgspec.json.decode(LAST)["done"]
