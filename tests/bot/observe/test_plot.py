import io

import pytest
from PIL import Image, ImageColor

from bot.core.statistics import HOURS, Day, Hour
from bot.observe import plot

BEFORE = (None,)


def picture(*hours):
    """The plot of a day that ends with `hours`."""
    day = Day(len(hours) * 3600.0, hours=BEFORE * (HOURS - len(hours)) + hours)
    return Image.open(io.BytesIO(plot.draw(day))).convert("RGBA")


def area(image, colour, hour, panel):
    """How many pixels within an hour's part of a chart have a colour."""
    top, bottom = plot.PANELS[panel]
    part = image.crop((round(plot._x(hour)), top, round(plot._x(hour + 1)), bottom))
    wanted = (*ImageColor.getrgb(colour), 255)
    return sum(count for count, found in part.getcolors(1 << 20) if found == wanted)


def test_it_is_a_card_whose_ground_hides_the_theme_behind_it():
    image = picture(Hour())
    assert image.size == plot.SIZE
    width, height = image.size
    assert image.getpixel((0, 0))[3] == 0
    assert all(image.getpixel((x, height // 2))[3] == 255 for x in (0, width // 2, width - 1))


@pytest.mark.parametrize("colour", [plot.TEXT, plot.QUIET, plot.ANSWERS, plot.FAILED, plot.SPEED])
@pytest.mark.parametrize("ground", [plot.GROUND, plot.ABSENT])
def test_everything_stands_out_from_the_ground(colour, ground):
    lighter, darker = (_luminance(one) + 0.05 for one in (colour, ground))
    assert lighter / darker >= 4.5  # WCAG 2.2, 1.4.3


def _luminance(colour):
    parts = [value / 255 for value in ImageColor.getrgb(colour)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_bar_is_as_high_as_its_number():
    image = picture(Hour(answers=2), Hour(answers=8), Hour())
    small, large, none = (area(image, plot.ANSWERS, hour, 0) for hour in (21, 22, 23))
    assert large / small == pytest.approx(4, rel=0.1)
    assert none == 0


def test_failures_are_a_part_of_their_bar():
    image = picture(Hour(answers=8, failed=2), Hour(answers=8))
    assert area(image, plot.FAILED, 22, 0) / area(image, plot.ANSWERS, 22, 0) == pytest.approx(1 / 3, rel=0.1)
    assert area(image, plot.FAILED, 23, 0) == 0


def test_an_hour_without_speed_is_a_gap_in_the_line():
    image = picture(Hour(1, tokens_per_s=40.0), Hour(1, tokens_per_s=40.0), Hour(), Hour(1, tokens_per_s=40.0))
    assert all(area(image, plot.SPEED, hour, 1) for hour in (20, 21, 23))
    assert area(image, plot.SPEED, 22, 1) == 0


def test_the_hours_before_the_start_are_marked_as_such():
    image = picture(Hour(), Hour())
    assert area(image, plot.ABSENT, 2, 0) > 0
    assert area(image, plot.ABSENT, 22, 0) == 0


@pytest.mark.parametrize("number", [0, 1, 1_000_000])
def test_any_number_finds_room(number):
    image = picture(Hour(number, number, number, float(number)))
    assert image.size == plot.SIZE
