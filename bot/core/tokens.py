"""
How many tokens a text takes, without the model's tokenizer: a guess, corrected by what the model's server counted.

The guess goes by UTF-8 bytes of four kinds, since tokenizers do: they merge the letters of common words and next to
nothing else, fall back to single bytes, and so never make more tokens than bytes. Counted by code points alone, a text
in Korean or Thai would come out at a fifth of what it takes.
"""

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

from bot.core.model import Turn

# Tokens a byte, as SmolLM2 counts (0.22 for English prose), but for the last: there it takes 0.4 to 0.9, and models
# that were made for the language 0.15 to 0.3.
_KINDS = (
    ((ascii_lowercase + " ").encode(), 0.25),
    (ascii_uppercase.encode(), 0.4),
    (digits.encode(), 0.9),
    (bytes(range(0x80, 0x100)), 0.4),
)
_OTHER = 0.5  # punctuation, line ends

BEFORE_THE_FIRST_LESSON = 1.3
LEAST, MOST = 0.25, 3.0
"""No tokenizer is known whose counts are further from the guess."""

MARGIN = 1.1
DOWN = 0.2
"""Which part of the way a lower count moves the ratio. A higher one moves it all the way: too much loses text."""

CACHED = 0.25
"""A count below this part of the expected one leaves out what the server had in its cache."""

LESSON_TOKENS = 40
"""A shorter prompt says more of the template than of the text."""

LEAST_TURN_TOKENS = 3
"""What the template's markup adds to a turn, at least."""


def weigh(text: str) -> float:
    """
    Guess how many tokens a text takes.

    >>> weigh("the sky"), weigh("2024"), round(weigh("空"), 1)
    (1.75, 3.6, 1.2)
    """
    data = text.encode(errors="replace")
    rest, weight = len(data), 0.0
    for kind, tokens in _KINDS:
        size = len(data) - len(data.translate(None, kind))
        rest -= size
        weight += size * tokens
    return weight + rest * _OTHER


class TokenRatios:
    """How many tokens each model makes of one guessed, learned from the prompts that it has counted."""

    def __init__(self) -> None:
        self._learned: dict[str, float] = {}

    def of(self, model: str) -> float:
        """Give the factor for `weigh`, with a margin on top."""
        return self._learned.get(model, BEFORE_THE_FIRST_LESSON) * MARGIN

    def learn(self, model: str, turns: Sequence[Turn], prompt_tokens: int) -> None:
        """Take in what the server counted for a prompt of these turns; a count that cannot be of all is ignored."""
        guessed = sum(weigh(turn.text) for turn in turns)
        if guessed < LESSON_TOKENS:
            return
        known = self._learned.get(model, BEFORE_THE_FIRST_LESSON)
        seen = (prompt_tokens - LEAST_TURN_TOKENS * len(turns)) / guessed
        if seen < known * CACHED:
            return
        step = 1.0 if seen > known else DOWN
        self._learned[model] = min(max(known + step * (seen - known), LEAST), MOST)
