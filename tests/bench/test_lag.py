import asyncio
from dataclasses import replace

import pytest

from bench.lag import bounds, figures, patter, report
from bench.lag.cells import CELLS
from bench.lag.figures import Seen
from bench.lag.libraries import DiscordPy
from bench.lag.limits_model import Bucket, Discord, channel_edits
from bench.lag.load import Stream
from bench.lag.rivals import RIVALS
from tests import virtual_time

ONE, SAME10, OWN10, OWN50, ASK10 = CELLS


@pytest.mark.parametrize(
    ("cell", "final", "freeze", "mean_token_lag"),
    [
        (ONE, 0.25, 1.2, 0.7),
        (SAME10, 1.0, 16.0, None),
        (OWN10, 0.25, 1.2, 0.7),
        (OWN50, 0.4, 1.6, None),
        (ASK10, 0.25, 1.2, 0.7),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_patter_shows_text_as_soon_as_it_is_meant_to(cell, final, freeze, mean_token_lag):
    measured = figures.over_runs([report.play_patter(cell, seed) for seed in range(cell.seeds)])
    assert measured.final <= final
    assert round(measured.freeze, 2) <= freeze
    assert mean_token_lag is None or measured.mean_token_lag <= mean_token_lag


@pytest.mark.parametrize(("limit", "window_s"), [(3, 5.0), (1, 2.0), (2, 12.0), (10, 5.0)])
def test_patter_is_never_refused_whatever_limit_there_is_to_learn(limit, window_s):
    def bucket_of(stream):
        return Bucket(("edits", stream.channel), limit, window_s, counts_globally=True)

    async def main():
        discord = Discord()
        await patter.play(SAME10.load(1, asyncio.get_running_loop().time()), DiscordPy(discord), bucket_of)
        return discord

    discord = virtual_time.run(main())
    assert discord.answered >= 10
    assert discord.refused == 0


def test_a_refused_request_of_patter_gives_no_figure(monkeypatch):
    class Stricter(Discord):
        def _answer(self, bucket):
            self.refused += 1
            return super()._answer(bucket)

    monkeypatch.setattr(report, "Discord", Stricter)
    with pytest.raises(RuntimeError, match="refused"):
        report.play_patter(ONE, 0)


def test_a_seed_gives_the_same_figures_again_and_another_seed_others():
    first, again, other = (report.play_patter(OWN10, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_each_figure_is_what_it_is_called():
    seen = Seen(Stream(0, 0, 0.0, (1.0, 2.0, 3.0, 4.0)))
    seen.see(1, 1.5)  # lag 0.5
    seen.see(2, 2.1)  # lag 0.1
    seen.see(4, 5.0)  # lags 2.0 and 1.0; it stood still from 3.0 on, when the third token came
    seen.see(4, 5.5)  # nothing new, yet it is the last edit
    measured = figures.of_run([seen])
    assert measured.final == pytest.approx(1.5)
    assert measured.freeze == pytest.approx(2.0)
    assert measured.mean_token_lag == pytest.approx(0.9)
    assert measured.standstill == pytest.approx(2.0)


def test_a_message_that_moves_but_lags_behind_is_frozen_and_does_not_stand_still():
    seen = Seen(Stream(0, 0, 0.0, tuple(float(number) for number in range(10))))
    for number in range(10):
        seen.see(number + 1, 2.0 * number + 1.0)
    measured = figures.of_run([seen])
    assert measured.freeze == pytest.approx(10.0)
    assert measured.standstill == pytest.approx(2.0)


def test_a_token_that_was_never_shown_gives_no_figure():
    seen = Seen(Stream(0, 0, 0.0, (1.0, 2.0)))
    seen.see(1, 1.5)
    with pytest.raises(RuntimeError, match="1 tokens"):
        figures.of_run([seen])


def test_over_runs_the_longest_freezes_are_averaged_and_the_worst_is_kept():
    seen = Seen(Stream(0, 0, 0.0, (1.0,)))
    seen.see(1, 2.0)
    one = figures.of_run([seen])
    both = figures.over_runs([one, replace(one, freeze=3.0, worst_freeze=3.0)])
    assert (both.freeze, both.worst_freeze) == (pytest.approx(2.0), pytest.approx(3.0))


def test_the_least_mean_lag_of_one_stream_is_that_of_an_even_pace_within_each_window():
    stream, bucket = ONE.load(0, 0.0)[0], channel_edits(0)
    windows, rest_s = divmod(stream.lasts_s, bucket.window_s)
    ends = [number * 1.0 for number in range(1, int(windows) * 5 + 1)]
    ends += [windows * 5.0 + rest_s * number / 5 for number in range(1, 6)]
    seen = Seen(stream)
    for end in ends:
        at = stream.arrivals[0] + end + 1e-9
        seen.see(stream.arrived(at), at + 0.15)
    least = bounds.alone([stream], bucket)
    assert figures.of_run([seen]).mean_token_lag == pytest.approx(least["mean_token_lag"], abs=0.01)
    assert figures.of_run([seen]).freeze == pytest.approx(least["freeze"], abs=0.04)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
@pytest.mark.parametrize("cell", [ONE, SAME10, OWN10], ids=lambda cell: cell.name)
def test_nobody_goes_below_the_bound(rival, cell):
    least = cell.bound(cell.load(3, 0.0))
    for measured in (report.play_rival(rival, cell, 3), report.play_patter(cell, 3)):
        assert measured.final >= least["final"] - 1e-6
        assert measured.freeze >= least["freeze"]
        assert measured.mean_token_lag >= least.get("mean_token_lag", 0.0)


def test_endings_that_go_at_once_can_only_lengthen_the_least_freeze():
    least = SAME10.bound(SAME10.load(0, 0.0))
    assert least["freeze"] < least["freeze_if_endings_go_at_once"]


def test_the_result_holds_each_cell_with_its_bound_and_each_rival(monkeypatch):
    monkeypatch.setattr(report, "CELLS", (ONE, replace(ASK10, seeds=1)))
    monkeypatch.setattr(report, "RIVALS", RIVALS[:2])
    lines = []
    result = report.measure(tell=lines.append)
    assert set(result) == {"cells", "rivals"}
    assert set(result["cells"]) == {"one", "ask10"}
    assert set(result["cells"]["one"]) == {"final", "freeze", "mean_token_lag", "bound"}
    assert result["cells"]["one"]["bound"]["final"] == pytest.approx(0.15)
    assert set(result["rivals"]) == {"llmcord", "llmcord-go"}
    assert set(result["rivals"]["llmcord"]) == {"one"}
    assert len(lines) == 1 + 2 + 2
