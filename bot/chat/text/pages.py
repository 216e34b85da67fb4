"""One answer as the messages that Discord shows: the question, pages of text, and how the answer stands."""

from bot.chat.text.captions import CAPTION_CHARS, NO_ANSWER, caption
from bot.chat.text.draft import Draft
from bot.chat.text.graphemes import clip
from bot.chat.text.links import Links
from bot.chat.text.markdown import question_line
from bot.chat.text.pager import Pager
from bot.core.model import Ending, Outcome, Status

MESSAGE_CHARS = 2000
"""Discord's limit for a message's content; it counts code points."""

MAX_PAGES = 5
ATTACHMENT_NAME = "answer.md"


class AnswerPages:
    """
    The Render of one answer: its question above the first page, a caption under the open one.

    `question` is quoted in at most 200 code points, with its markup neutralised, unless it is None; `preface` is a
    line of ours above it. What the model writes is shown as Discord can draw it. After `max_pages` the last page stays
    as it is, and there is an attachment.

    >>> from bot.core.model import Phase
    >>> pages = AnswerPages("Why?", model="smollm2:135m")
    >>> pages.feed("Because.")
    []
    >>> print(pages.open_page(Phase.WRITING))
    > **Why?**
    Because.
    -# writing…
    """

    def __init__(
        self,
        question: str | None,
        model: str,
        limit: int = MESSAGE_CHARS,
        *,
        preface: str = "",
        max_pages: int = MAX_PAGES,
        links: Links | None = None,
    ) -> None:
        self._model = model
        self._links = links or Links()
        self._notes: list[str] = []
        lines = [preface, question_line(question) if question is not None else ""]
        self._heading = "".join(f"{line}\n" for line in lines if line)
        self._finished = 0
        self._source: list[str] = []
        self._chars = 0
        room = limit - len("\n") - CAPTION_CHARS
        self._draft = Draft(Pager(room, first_limit=room - len(self._heading), max_pages=max_pages))

    @property
    def settled(self) -> int:
        """How many code points of the text decide what stands on finished pages."""
        return self._draft.settled

    @property
    def attachment(self) -> str | None:
        """The whole text as the model wrote it, if the pages do not hold it."""
        return self._text() if self._draft.full else None

    def feed(self, text: str) -> list[str]:
        self._source.append(text)
        self._chars += len(text)
        return [] if self._draft.full else self._titled(self._draft.feed(text))

    def rewind(self, text: str) -> list[str]:
        kept = self._text()[: self.settled]
        self._source, self._chars = [kept, text], len(kept) + len(text)
        return self._titled(self._draft.rewind(kept[self._draft.resumes_at :] + text))

    def open_page(self, status: Status) -> str:
        body = self._links.drawn(self._draft.open_page) or self._instead(status)
        return self._title() + (body + "\n" if body else "") + self._caption(status)

    def add_note(self, sentence: str) -> None:
        """Say something below the end as well, once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def _text(self) -> str:
        self._source = ["".join(self._source)]
        return self._source[0]

    def _titled(self, pages: list[str]) -> list[str]:
        pages = [self._links.drawn(page) for page in pages]
        if pages:
            pages[0] = self._title() + pages[0]
            self._finished += len(pages)
        return pages

    def _title(self) -> str:
        return "" if self._finished else self._heading

    def _caption(self, status: Status) -> str:
        line = caption(status, self._model, self._notes)
        if not self._draft.full:
            return line
        more = f"-# …the whole answer is attached as {ATTACHMENT_NAME}\n"
        if not isinstance(status, Outcome):  # rounded, so that not every look at it makes an edit
            thousands = self._chars // 1000
            more = f"-# …{thousands},000 characters so far: all of it will be attached as {ATTACHMENT_NAME}\n"
        return more + clip(line, CAPTION_CHARS - len(more))

    def _instead(self, status: Status) -> str:
        """What stands in the place of an answer that ended without a word."""
        ended = isinstance(status, Outcome) and status.ending in {Ending.DONE, Ending.LENGTH, Ending.TIME}
        return NO_ANSWER if ended and not self._finished else ""
