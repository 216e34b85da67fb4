"""What `/stats` says about the last day, as text and as the description of its picture."""

from bot.core.model import Ending
from bot.core.statistics import Day, Middle

HOUR_S, MINUTE_S = 3600, 60

ENDINGS = {
    Ending.DONE: "finished",
    Ending.LENGTH: "ended at the length limit",
    Ending.TIME: "ended at the time limit",
    Ending.STOPPED: "stopped",
    Ending.INTERRUPTED: "interrupted by a restart",
    Ending.EXPIRED: "out of time",
    Ending.DELETED: "deleted",
    Ending.CUT: "cut off",
    Ending.FAILED: "failed",
}


def report(day: Day, *, under_way: int) -> str:
    """Give the message's text; `under_way` is how many answers are being written now."""
    lines = [f"**{_heading(day)}**", f"- Answers: {_answers(day)}"]
    if day.tokens_per_s is not None:
        lines.append(f"- Tokens: **{day.tokens:,}** at **{day.tokens_per_s:.1f} a second**, of whole answers")
    if day.first_token is not None:
        lines.append(f"- First token after: {_times(day.first_token)}")
    if day.lag is not None:
        lines.append(f"- From the model to the screen: {_times(day.lag)}")
    if day.rate_limits:
        lines.append(f"- Discord said {_times_over(day.rate_limits)} that it was too much (429)")
    if day.reconnects:
        lines.append(f"- The connection to Discord was made again {_times_over(day.reconnects)}")
    if under_way:
        lines.append(f"- Being answered right now: **{under_way}**")
    return "\n".join(lines)


def description(day: Day) -> str:
    """Say what the picture shows to those who cannot see it."""
    hours = list(enumerate(day.hours))
    busiest, most = max(((n, hour.answers) for n, hour in hours if hour), key=lambda one: one[1], default=(0, 0))
    speeds = [hour.tokens_per_s for hour in day.hours if hour and hour.tokens_per_s is not None]
    parts = [f"Two charts, hour by hour. {_heading(day)}: {_count(day.answers, 'answer')}"]
    if most:
        parts[0] += f", most in the hour that ended {_ago(len(hours) - 1 - busiest)}: {most}"
    if speeds:
        slowest, fastest = f"{min(speeds):.0f}", f"{max(speeds):.0f}"
        speed = slowest if slowest == fastest else f"between {slowest} and {fastest}"
        parts.append(f"The model wrote {speed} tokens per second")
    return ". ".join(parts) + "."


def _heading(day: Day) -> str:
    if day.is_whole:
        return "The last 24 hours"
    if day.covers_s < 2 * MINUTE_S:
        return "Since the start just now"
    if day.covers_s < 2 * HOUR_S:
        return f"Since the start {day.covers_s // MINUTE_S:.0f} minutes ago"
    return f"Since the start {day.covers_s // HOUR_S:.0f} hours ago"


def _answers(day: Day) -> str:
    parts = [f"{day.endings[ending]:,} {words}" for ending, words in ENDINGS.items() if day.endings.get(ending)]
    return f"**{day.answers:,}**" + (f" ({', '.join(parts)})" if parts else "")


def _times(middle: Middle) -> str:
    return f"**{_time(middle.median_s)}** in the middle (median), 95 of 100 within {_time(middle.p95_s)}"


def _time(time_s: float) -> str:
    if time_s >= 2 * MINUTE_S:
        return f"{time_s / MINUTE_S:.0f} min"
    return f"{time_s:.0f} s" if time_s >= 10 else f"{time_s:.2g} s"


def _times_over(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _ago(hours: int) -> str:
    return f"{_count(hours, 'hour')} ago" if hours else "now"
