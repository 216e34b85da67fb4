"""How often one answer is asked for, and after which pauses."""

from random import Random

from bot.core.errors import ModelBusy, ModelError, StreamCut
from bot.core.model import Restarted, Retrying
from bot.llm.options import OllamaOptions


class Tries:
    """The tries of one answer: `retries` before its first token, and as many again after each of its `restarts`."""

    def __init__(self, options: OllamaOptions, random: Random, *, restarts: int) -> None:
        self._options, self._random = options, random
        self._restarts = restarts
        self._failures = 0
        self._cut: StreamCut | None = None

    def after(self, error: ModelError) -> tuple[Retrying | Restarted, float]:
        """
        Say what to tell of a failed try, and the pause in seconds before the next.

        Raises the error if it is final. Once an answer has been cut, whatever keeps it from going on ends it as cut.
        """
        if isinstance(error, StreamCut) and error.again and self._restarts > 0:
            self._cut = error
            self._restarts -= 1
            self._failures = 0
            return Restarted(), 0.0
        if not isinstance(error, StreamCut) and error.again and self._failures < self._options.retries:
            self._failures += 1
            return Retrying(busy=isinstance(error, ModelBusy)), self._pause_s()
        if self._cut is None or isinstance(error, StreamCut):
            raise error
        raise self._cut from error

    def _pause_s(self) -> float:
        """Between half and all of a time that doubles: spread out, yet never next to nothing."""
        longest = min(self._options.longest_pause_s, self._options.first_pause_s * 2.0 ** (self._failures - 1))
        return longest * self._random.uniform(0.5, 1.0)
