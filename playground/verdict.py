"""Whether an answer has ended, and how: read from what the bot shows, as a person would."""

from collections.abc import Sequence
from dataclasses import dataclass

from playground.display import CAPTION, EPHEMERAL, Json, can_be_stopped

BAD_ENDINGS = {"failed": "The answer failed", "cut off": "The answer was cut off"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problem` is empty for an answer that ended well, else a sentence."""

    problem: str = ""


def verdict(pages: Sequence[Json]) -> Verdict | None:
    """
    Tell how the answer on these messages ended; None while it is being written.

    While it is, one of them has a Stop button, or the next page is yet to come: only the last page of an answer
    that is over has a caption and no button.
    """
    if not pages or any(map(can_be_stopped, pages)):
        return None
    last = pages[-1]
    text = last["content"].split("\n")[-1]
    if text.startswith(CAPTION):
        ending, _, why = text.removeprefix(CAPTION).partition(" · ")
        return Verdict(f"{BAD_ENDINGS[ending]}: {why}" if ending in BAD_ENDINGS else "")
    if len(pages) == 1 and last.get("flags", 0) & EPHEMERAL:
        return Verdict(f"The bot said: {last['content']}")
    return None
