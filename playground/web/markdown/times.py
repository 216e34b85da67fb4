"""Discord's timestamps, in the time zone of this machine."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

TIME = re.compile(r"<t:(-?\d{1,13})(?::([tTdDfFR]))?>")
UNITS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    machine: str


def written(unix_s: int, style: str) -> Written | None:
    """Write a time in one of Discord's styles; None if it lies outside of what can be written."""
    try:
        when = datetime.fromtimestamp(unix_s, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return None
    hour, half = (when.hour % 12 or 12), "AM" if when.hour < 12 else "PM"
    clock = f"{hour}:{when.minute:02} {half}"
    date = f"{when:%B} {when.day}, {when.year}"
    texts = {
        "t": clock,
        "T": f"{hour}:{when.minute:02}:{when.second:02} {half}",
        "d": f"{when:%m/%d}/{when.year}",
        "D": date,
        "f": f"{date} {clock}",
        "F": f"{when:%A}, {date} {clock}",
    }
    text = ago(unix_s - time.time()) if style == "R" else texts[style]
    return Written(text, when.isoformat())


def ago(seconds: float) -> str:
    """
    Tell a distance in time in its greatest unit.

    >>> ago(-7200), ago(60), ago(0)
    ('2 hours ago', 'in 1 minute', 'now')
    """
    distance = round(abs(seconds))
    unit, length = next(((name, length) for name, length in UNITS if distance >= length), ("second", 1))
    count = distance // length
    if count == 0:
        return "now"
    words = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{words} ago" if seconds < 0 else f"in {words}"
