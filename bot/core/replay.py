"""A second stream after a cut: silent until it has passed what the first one gave."""

from bot.core.answer import Answer
from bot.core.errors import StreamCut


class Replay:
    """Text that comes again from its first token, held back while the answer already shows as much."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._wanted = len(answer.text)
        self._parts: list[str] = []
        self._length = 0

    def feed(self, text: str) -> bool:
        """Add text; true once the answer has taken it all over. Raises StreamCut if it cannot be fitted."""
        self._parts.append(text)
        self._length += len(text)
        if self._length <= self._wanted:
            return False
        again = "".join(self._parts)
        if again.startswith(self._answer.text):
            self._answer.append(again[self._wanted :])
        else:
            self._answer.replace(again)
        return True

    def finish(self) -> None:
        """The stream is whole. Raises StreamCut unless it gave just what is shown."""
        if "".join(self._parts) != self._answer.text:
            raise StreamCut("the second stream ended before it passed the first", again=False)
