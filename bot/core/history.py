"""Which turns of a conversation the model is given: the newest that fit its context, whole, after the system prompt."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.control_tokens import neutralise
from bot.core.errors import MessageTooLong
from bot.core.memory import StoredTurn
from bot.core.model import Turn
from bot.core.speakers import names
from bot.core.tokens import weigh

PROMPT_TOKENS = 32
"""For what a template puts around a conversation."""

TURN_TOKENS = 8
"""For the markup of a turn; ChatML takes 5."""


@dataclass(frozen=True, slots=True)
class Fitted:
    turns: tuple[Turn, ...]
    """The system prompt, if there is one, and a conversation's newest turns, oldest first."""
    left_out: int
    """How many older turns there were."""
    tokens: int
    """About how many tokens it takes, on the safe side."""


def fit(path: Sequence[StoredTurn], *, system: str, context: int, room: int, ratio: float) -> Fitted:
    """
    Give the newest turns of a branch that leave `room` tokens of a `context` for the answer; `room` gets at most half.

    `path` ends with the question. `ratio` is what TokenRatios has of the model. An answer whose question does not fit
    is left out as well. If several people speak on the branch, each question begins with a name. Raises MessageTooLong
    if not even the last question fits.
    """
    said = [*(turn for turn in path[:-1] if turn.text and not turn.text.isspace()), *path[-1:]]
    called = names(turn.speaker for turn in said if turn.role == "user")
    budget = context - min(room, context // 2)
    spent = PROMPT_TOKENS + (_cost(system, ratio) if system else 0.0)
    newest: list[Turn] = []
    for stored in reversed(said):
        turn = _told(stored, called)
        cost = _cost(turn.text, ratio)
        if spent + cost > budget:
            if not newest:
                raise MessageTooLong(_too_long_by(turn.text, spent + cost - budget, ratio))
            break
        spent += cost
        newest.append(turn)
    while 1 < len(newest) < len(said) and newest[-1].role == "assistant":
        spent -= _cost(newest.pop().text, ratio)
    first = (Turn("system", system),) if system else ()
    return Fitted((*first, *reversed(newest)), len(said) - len(newest), math.ceil(spent))


def _told(stored: StoredTurn, called: Mapping[int, str]) -> Turn:
    text = neutralise(stored.text or "")
    if stored.role == "user" and len(called) > 1:
        text = f"{called[stored.speaker.id]}: {text}"
    return Turn(stored.role, text)


def _cost(text: str, ratio: float) -> float:
    return weigh(text) * ratio + TURN_TOKENS


def _too_long_by(text: str, tokens: float, ratio: float) -> int | None:
    """Tell how many characters have to go, None if that would be all of them."""
    chars = math.ceil(len(text) * tokens / (weigh(text) * ratio)) if text else 0
    return chars if 0 < chars < len(text) else None
