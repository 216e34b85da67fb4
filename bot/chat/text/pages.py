"""One answer as the messages that Discord shows: the question, pages of text, and how the answer stands."""

from bot.chat.text.captions import CAPTION_CHARS, NO_ANSWER, caption
from bot.chat.text.markdown import question_line
from bot.chat.text.pager import Pager
from bot.core.model import Ending, Outcome, Status

MESSAGE_CHARS = 2000
"""Discord's limit for a message's content; it counts code points."""


class AnswerPages:
    """
    The Render of one answer: its question above the first page, a caption under the open one.

    `question` is quoted in at most 200 code points, with its markup neutralised.

    >>> from bot.core.model import Phase
    >>> pages = AnswerPages("Why?", model="smollm2:135m")
    >>> pages.feed("Because.")
    []
    >>> print(pages.open_page(Phase.WRITING))
    > **Why?**
    Because.
    -# writing…
    """

    def __init__(self, question: str, model: str, limit: int = MESSAGE_CHARS) -> None:
        self._model = model
        self._heading = question_line(question) + "\n"
        self._finished = 0
        room = limit - len("\n") - CAPTION_CHARS
        self._pager = Pager(room, first_limit=room - len(self._heading))

    @property
    def settled(self) -> int:
        return self._pager.settled

    def feed(self, text: str) -> list[str]:
        return self._titled(self._pager.feed(text))

    def rewind(self, text: str) -> list[str]:
        return self._titled(self._pager.rewind(text))

    def open_page(self, status: Status) -> str:
        body = self._pager.open_page or self._instead(status)
        return self._title() + (body + "\n" if body else "") + caption(status, self._model)

    def _titled(self, pages: list[str]) -> list[str]:
        if pages:
            pages[0] = self._title() + pages[0]
            self._finished += len(pages)
        return pages

    def _title(self) -> str:
        return "" if self._finished else self._heading

    def _instead(self, status: Status) -> str:
        """What stands in the place of an answer that ended without a word."""
        ended = isinstance(status, Outcome) and status.ending in {Ending.DONE, Ending.LENGTH}
        return NO_ANSWER if ended and not self._finished else ""
