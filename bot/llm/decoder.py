"""What the lines of one answer amount to: its text, its end, or that it was cut. Sans-IO."""

import logging
from collections.abc import Iterator

from bot.core.errors import StreamCut
from bot.core.model import Delta, Usage
from bot.llm.wire import Framing, Line, read_line

log = logging.getLogger(__name__)

# After the first of a run Ollama lets 30 more pass, and ends the stream before the next without a word.
REPEATS = 31
LOGGED_CHARS = 500
S_PER_NS = 1e-9


class AnswerDecoder:
    """
    The bytes of one answer in, events out.

    All lines of one read become one Delta. What came before a fault is given before StreamCut is raised.
    """

    def __init__(self) -> None:
        self.done = False
        self._framing = Framing()
        # Ollama compares without white space, and what the first chunk is compared with is empty.
        self._last_chunk, self._run = "", 1

    def feed(self, data: bytes) -> Iterator[Delta | Usage]:
        """Give what `data` brought, the Usage last. Not to be called once `done`."""
        text: list[str] = []
        thinking: list[str] = []
        usage = cut = None
        try:
            for raw in self._framing.feed(data):
                line = read_line(raw)
                self._take(line, text, thinking)
                if line.done:
                    usage = _usage(line)
                    break
        except StreamCut as error:
            cut = self.cut(str(error))
            cut.__cause__ = error.__cause__
        if text or thinking:
            yield Delta("".join(text), "".join(thinking))
        if cut is not None:
            raise cut
        if usage is not None:
            self.done = True
            yield usage

    def end(self) -> Iterator[Delta | Usage]:
        """Give what the last bytes brought, if no newline came after them. Raises StreamCut unless that is the end."""
        yield from self.feed(b"\n")
        if not self.done:
            raise self.cut("the stream ended before the answer did")

    def cut(self, message: str) -> StreamCut:
        """Say that the answer was cut here; the same seed would run into the same repetition again."""
        return StreamCut(message, again=self._run < REPEATS)

    def _take(self, line: Line, text: list[str], thinking: list[str]) -> None:
        if line.error is not None:
            log.debug("error in a stream: %s", line.error[:LOGGED_CHARS])
            raise StreamCut("an error line in the stream")
        if line.message is not None:
            content, thought = line.message.content, line.message.thinking
        elif line.response is not None or line.done:
            content, thought = line.response, line.thinking
        else:
            raise StreamCut("a line that says nothing")
        if content:
            text.append(content)
        if thought:
            thinking.append(thought)
        if content or thought:
            self._count(content or thought or "")

    def _count(self, chunk: str) -> None:
        chunk = chunk.strip()
        if chunk == self._last_chunk:
            self._run += 1
        else:
            self._last_chunk, self._run = chunk, 1


def _usage(line: Line) -> Usage:
    return Usage(
        prompt_tokens=line.prompt_eval_count,
        answer_tokens=line.eval_count,
        load_s=line.load_duration * S_PER_NS,
        prompt_s=line.prompt_eval_duration * S_PER_NS,
        answer_s=line.eval_duration * S_PER_NS,
        hit_limit=line.done_reason == "length",
    )
