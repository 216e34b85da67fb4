"""What the model is asked: the system prompt, what fits of the conversation, and the question."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.history import fit
from bot.core.memory import StoredTurn
from bot.core.model import Question, Usage
from bot.core.ports import ChatModel
from bot.core.tokens import TokenRatios


@dataclass(frozen=True, slots=True)
class Composed:
    question: Question
    left_out: int
    """How many older turns did not fit."""


class Composer:
    """`answer_tokens` is the room kept for an answer. Learns from each answer how the model counts."""

    def __init__(self, model: ChatModel, *, system_prompt: str, answer_tokens: int) -> None:
        self._model, self._system_prompt, self._answer_tokens = model, system_prompt, answer_tokens
        self._ratios = TokenRatios()

    async def compose(self, model: str, path: Sequence[StoredTurn]) -> Composed:
        """Give what to ask `model`; `path` ends with the question. Raises MessageTooLong if that alone does not fit."""
        fitted = fit(
            path,
            system=self._system_prompt,
            context=await self._model.context(model),
            room=self._answer_tokens,
            ratio=self._ratios.of(model),
        )
        return Composed(Question(fitted.turns, model, seed=secrets.randbelow(2**31)), fitted.left_out)

    def learn(self, question: Question, usage: Usage) -> None:
        if usage.prompt_tokens:
            self._ratios.learn(question.model, question.turns, usage.prompt_tokens)
