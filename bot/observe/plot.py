"""
The last day as a picture, drawn with Pillow.

It is a card with a ground of its own, so that it reads on Discord's dark and light themes alike. Discord shows it at
about half of its size.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from bot.core.statistics import HOURS, Day, Hour

Colour = str

SIZE = (1100, 660)
FINER = 2
"""Pillow draws edges without smoothing: the card is drawn so much larger and shrunk."""

GROUND, TEXT, QUIET, GRID, ABSENT = "#2b2d31", "#f2f3f5", "#b5bac1", "#45484f", "#36383e"
ANSWERS, FAILED, SPEED = "#8ea1ff", "#ffb454", "#5fd6a4"
"""Told apart by those, too, who do not see colours as most do."""

LEFT, RIGHT = 88, 1072
PANELS = ((92, 300), (404, 590))
"""Top and bottom of the two charts."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart's place and scale: `top_value` is at its upper edge, 0 at its lower."""

    draw: ImageDraw.ImageDraw
    top: int
    bottom: int
    top_value: float

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.top_value

    def text(self, at: tuple[float, float], text: str, *, colour: Colour = QUIET, size: int = 24, anchor: str) -> None:
        font = ImageFont.load_default(size * FINER)
        self.draw.text((at[0] * FINER, at[1] * FINER), text, fill=colour, font=font, anchor=anchor)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: int) -> None:
        scaled = [(x * FINER, y * FINER) for x, y in points]
        self.draw.line(scaled, fill=colour, width=width * FINER, joint="curve")

    def box(self, left: float, upper: float, right: float, lower: float, colour: Colour, radius: int = 0) -> None:
        """Fill a rectangle; its upper corners are round."""
        corners = (left * FINER, upper * FINER, right * FINER, lower * FINER)
        self.draw.rounded_rectangle(corners, radius * FINER, fill=colour, corners=(True, True, False, False))

    def swatch(self, x: float, y: float, colour: Colour) -> None:
        corners = (x * FINER, (y - 10) * FINER, (x + 20) * FINER, (y + 10) * FINER)
        self.draw.rounded_rectangle(corners, 4 * FINER, fill=colour)

    def dot(self, x: float, y: float, colour: Colour, radius: float = 6) -> None:
        self.draw.ellipse([(edge * FINER) for edge in (x - radius, y - radius, x + radius, y + radius)], fill=colour)


def draw(day: Day) -> bytes:
    """Give a PNG: answers of each hour above, tokens per second below."""
    width, height = SIZE
    card = Image.new("RGBA", (width * FINER, height * FINER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((0, 0, width * FINER - 1, height * FINER - 1), 24 * FINER, fill=GROUND)
    most = max((hour.answers for hour in day.hours if hour), default=0)
    fastest = max((hour.tokens_per_s or 0.0 for hour in day.hours if hour), default=0.0)
    _draw_answers(Panel(pen, *PANELS[0], _round_up(most)), day.hours)
    _draw_speed(Panel(pen, *PANELS[1], _round_up(fastest)), day.hours)
    png = io.BytesIO()
    card.reduce(FINER).save(png, "PNG")
    return png.getvalue()


def _draw_answers(panel: Panel, hours: Sequence[Hour | None]) -> None:
    _draw_frame(panel, "Answers per hour", ANSWERS, hours)
    panel.swatch(RIGHT - 276, panel.top - 43, FAILED)
    panel.text((RIGHT - 244, panel.top - 43), "of them cut off or failed", anchor="lm")
    for number, hour in enumerate(hours):
        left, right = _x(number) + 5, _x(number + 1) - 5
        if hour is not None and hour.answers:
            panel.box(left, panel.y(hour.answers), right, panel.bottom, ANSWERS, 4)
        if hour is not None and hour.failed:
            panel.box(left, panel.y(hour.failed), right, panel.bottom, FAILED)


def _draw_speed(panel: Panel, hours: Sequence[Hour | None]) -> None:
    _draw_frame(panel, "Tokens per second, while writing", SPEED, hours)
    row: list[tuple[float, float]] = []
    for number, hour in enumerate((*hours, None)):
        speed = hour.tokens_per_s if hour else None
        if speed is not None:
            row.append((_x(number + 0.5), panel.y(speed)))
            panel.dot(*row[-1], SPEED)
            continue
        if len(row) > 1:  # an hour without answers has no speed: the line has a gap there
            panel.line(row, SPEED, 4)
        row = []
    for hours_ago in (24, 18, 12, 6, 0):
        label = f"{hours_ago} h ago" if hours_ago else "now"
        anchor = {24: "la", 0: "ra"}.get(hours_ago, "ma")
        panel.text((_x(HOURS - hours_ago), panel.bottom + 16), label, anchor=anchor)


def _draw_frame(panel: Panel, title: str, colour: Colour, hours: Sequence[Hour | None]) -> None:
    panel.swatch(LEFT, panel.top - 43, colour)
    panel.text((LEFT + 32, panel.top - 43), title, colour=TEXT, size=28, anchor="lm")
    absent = sum(hour is None for hour in hours)
    if absent:
        panel.box(LEFT, panel.top, _x(absent), panel.bottom, ABSENT)
    for part in (0.0, 0.5, 1.0):
        value = panel.top_value * part
        panel.line([(LEFT, panel.y(value)), (RIGHT, panel.y(value))], GRID, 2)
        panel.text((LEFT - 14, panel.y(value)), f"{value:,.10g}", anchor="rm")
    if absent >= 5:  # else there is no room to say it
        panel.text(((LEFT + _x(absent)) / 2, panel.y(panel.top_value * 0.25)), "before the start", anchor="mm")


def _x(hours: float) -> float:
    return LEFT + (RIGHT - LEFT) * hours / HOURS


def _round_up(value: float) -> float:
    """
    Give the next number that is easy to read and has a readable half.

    >>> [_round_up(value) for value in (0, 1, 3, 7.3, 41, 130, 999)]
    [2.0, 2.0, 4.0, 8.0, 60.0, 200.0, 1000.0]
    """
    if value <= 2:
        return 2.0
    grain = 10.0 ** math.floor(math.log10(value))
    return next(grain * step for step in (1, 2, 4, 6, 8, 10) if grain * step >= value)
