"""The small line under an answer that says what it is doing, or how it ended. It is Discord's subtext: `-# …`."""

from collections.abc import Iterator, Sequence

from bot.chat.text.graphemes import clip
from bot.chat.text.markdown import neutralise, one_line
from bot.core.durations import in_words
from bot.core.errors import PatterError, StreamCut
from bot.core.model import Ending, InLine, Outcome, Phase, Status, Usage

CAPTION_CHARS = 200
NAME_CHARS = 40

NO_ANSWER = "The model gave no answer."
IN_A_THREAD = "-# to be answered in a thread of its own"

_DOING = {
    Phase.WAITING: "waiting for the model…",
    Phase.LOADING: "loading {name}, this may take a minute…",
    Phase.THINKING: "thinking…",
    Phase.WRITING: "writing…",
    Phase.BUSY: "the model's server is full, trying again…",
    Phase.UNREACHABLE: "the model's server cannot be reached, trying again…",
    Phase.RECONNECTING: "the stream was cut, reconnecting…",
}
_ENDED = {
    Ending.DONE: "",
    Ending.LENGTH: "hit the length limit",
    Ending.TIME: "hit the time limit",
    Ending.STOPPED: "stopped",
    Ending.INTERRUPTED: "interrupted by a restart",
    Ending.EXPIRED: "ended here: a private answer can be written for 14 minutes only",
    Ending.DELETED: "deleted",
}


def caption(status: Status, model: str, notes: Sequence[str] = ()) -> str:
    """
    Say on one line, of at most `CAPTION_CHARS` code points, how the answer stands; `notes` go with its end.

    >>> caption(Phase.LOADING, "smollm2:135m")
    '-# loading smollm2:135m, this may take a minute…'
    >>> usage = Usage(answer_tokens=182, answer_s=4.03)
    >>> caption(Outcome(Ending.DONE, usage=usage, seconds=4.1), "smollm2:135m")
    '-# smollm2:135m · 182 tokens · 45.2 tokens/s · 4.1 s'
    """
    name = neutralise(model, NAME_CHARS) or "the model"
    if isinstance(status, Phase):
        return f"-# {_DOING[status].format(name=name)}"
    if isinstance(status, InLine):
        return f"-# {_in_line(status)}"
    parts = [*_ended(status), *notes, *_figures(status, name)]
    return clip("-# " + " · ".join(part for part in parts if part), CAPTION_CHARS)


def _in_line(status: InLine) -> str:
    """
    Say where somebody stands in line.

    >>> _in_line(InLine(3, 20)), _in_line(InLine(12))
    ('3rd in line, about 20 s', '12th in line')
    """
    teen = status.place % 100 in {11, 12, 13}
    suffix = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(status.place % 10, "th")
    about = f", about {in_words(status.seconds)}" if status.seconds is not None else ""
    return f"{status.place}{suffix} in line{about}"


def _ended(outcome: Outcome) -> tuple[str, ...]:
    match outcome.ending:
        case Ending.STOPPED if by := neutralise(outcome.by, NAME_CHARS):
            return (f"stopped by {by}",)
        case Ending.CUT:
            return ("cut off", one_line(outcome.hint or StreamCut.hint, CAPTION_CHARS))
        case Ending.FAILED:
            return ("failed", one_line(outcome.hint or PatterError.hint, CAPTION_CHARS))
        case ending:
            return (_ENDED[ending],)


def _figures(outcome: Outcome, name: str) -> Iterator[str]:
    if outcome.ending in {Ending.CUT, Ending.FAILED}:  # the hint needs the room
        return
    yield name
    yield from _speed(outcome.usage)
    if outcome.seconds > 0:
        yield _duration(outcome.seconds)


def _speed(usage: Usage) -> Iterator[str]:
    if usage.answer_tokens:
        yield "1 token" if usage.answer_tokens == 1 else f"{usage.answer_tokens} tokens"
    if usage.tokens_per_s:
        yield f"{usage.tokens_per_s:.1f} tokens/s"


def _duration(seconds: float) -> str:
    if seconds < 59.95:  # what would be rounded up to 60.0 is a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
