import pytest

from bot.chat.day_report import ENDINGS, description, report
from bot.core.model import Ending
from bot.core.statistics import HOURS, Day, Hour, Middle

BUSY = Day(
    covers_s=24 * 3600.0,
    answers=1234,
    tokens=98_765,
    tokens_per_s=41.26,
    first_token=Middle(0.8312, 12.4),
    lag=Middle(0.95, 150.0),
    rate_limits=2,
    reconnects=1,
    endings={Ending.FAILED: 4, Ending.DONE: 1200, Ending.STOPPED: 30},
    hours=(Hour(1, 0, 10, 30.0),) * (HOURS - 3) + (Hour(40, 1, 900, 44.6), Hour(), Hour(2, 0, 20, 38.0)),
)


def test_a_busy_day():
    assert report(BUSY, under_way=3).splitlines() == [
        "**The last 24 hours**",
        "- Answers: **1,234** (1,200 finished, 30 stopped, 4 failed)",
        "- Tokens: **98,765** at **41.3 a second**, of whole answers",
        "- First token after: **0.83 s** in the middle (median), 95 of 100 within 12 s",
        "- From the model to the screen: **0.95 s** in the middle (median), 95 of 100 within 2 min",
        "- Discord said 2 times that it was too much (429)",
        "- The connection to Discord was made again once",
        "- Being answered right now: **3**",
    ]


def test_of_what_is_not_known_nothing_is_said():
    assert report(Day(covers_s=30.0), under_way=0) == "**Since the start just now**\n- Answers: **0**"


@pytest.mark.parametrize(
    ("covers_s", "heading"),
    [
        (119, "Since the start just now"),
        (125, "Since the start 2 minutes ago"),
        (7199, "Since the start 119 minutes ago"),
        (3 * 3600 + 5, "Since the start 3 hours ago"),
        (24 * 3600 - 1, "Since the start 23 hours ago"),
        (24 * 3600, "The last 24 hours"),
    ],
)
def test_it_says_since_when(covers_s, heading):
    assert report(Day(covers_s=covers_s), under_way=0).startswith(f"**{heading}**")


def test_every_ending_has_words():
    assert ENDINGS.keys() == set(Ending)


def test_the_picture_is_described_for_those_who_do_not_see_it():
    assert description(BUSY) == (
        "Two charts, hour by hour. The last 24 hours: 1,234 answers, most in the hour that ended 2 hours ago: 40. "
        "The model wrote between 30 and 45 tokens per second."
    )
    assert description(Day(covers_s=30.0)) == "Two charts, hour by hour. Since the start just now: 0 answers."


def test_both_fit_what_discord_takes():
    full = Day(
        24 * 3600, 10**9, 10**12, 1e6, Middle(1e5, 1e5), Middle(1e5, 1e5), 10**9, 10**9, dict.fromkeys(Ending, 10**9)
    )
    assert len(report(full, under_way=10**6)) < 2000
    assert len(description(full)) < 1024
