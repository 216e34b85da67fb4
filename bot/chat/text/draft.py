"""The model's text on its way onto pages, and how much of it stands on those that are finished."""

from collections import deque

from bot.chat.text.draw.drawing import Drawing, Piece
from bot.chat.text.draw.steps import Start, State
from bot.chat.text.pager import Pager


class Draft:
    """
    Draws what it is fed and cuts the drawing into pages.

    What is drawn as one, such as a link, may be cut only if it fits no page; its source then counts as settled as soon
    as part of it is. So does what was read ahead to know how to draw what stands on a finished page.
    """

    def __init__(self, pager: Pager) -> None:
        self._pager = pager
        self._drawing = Drawing()
        self._pieces: deque[Piece] = deque()
        """What is drawn and not settled."""
        self._after: State = Start()
        self._at = self._known = 0
        """Where in the source the pieces begin, and how far it was read for what stands before them."""
        self._drawn = 0
        """Where in the drawing the pieces begin."""
        self._carried = ""
        """What is drawn before the pieces and not on a finished page."""

    @property
    def settled(self) -> int:
        """How many code points of the source decide what stands on finished pages: later ones change nothing there."""
        return max(self._at, self._known)

    @property
    def resumes_at(self) -> int:
        """Where in the source `rewind` begins: up to `settled` it needs the text again that it was fed."""
        return self._at

    @property
    def full(self) -> bool:
        """Whether the last page is full; what is fed from then on is not drawn."""
        return self._pager.full

    @property
    def open_page(self) -> str:
        rest = "" if self.full else self._drawing.rest
        return self._pager.preview(rest) if rest else self._pager.open_page

    def feed(self, text: str) -> list[str]:
        """Add text; return the pages that it finished."""
        pages: list[str] = []
        for piece in self._drawing.feed(text):
            if self.full:
                return pages
            if piece.room:
                pages += self._pager.reserve(piece.room)
            pages += self._pager.feed(piece.text)
            self._pieces.append(piece)
            self._settle()
        if self._drawing.room:
            pages += self._pager.reserve(self._drawing.room)
            self._settle()
        return pages

    def rewind(self, text: str) -> list[str]:
        """Put `text`, which is the source from `resumes_at` on, in place of all after that."""
        self._pieces.clear()
        self._drawing.restore(self._after, self._at)
        pages = self._pager.rewind(self._carried)
        self._settle()
        return pages + self.feed(text)

    def _settle(self) -> None:
        settled = self._pager.settled
        while self._pieces and self._drawn < settled:
            piece, begin = self._pieces.popleft(), self._drawn
            self._known = max(self._known, piece.known)
            over = begin + len(piece.text) - settled
            if over > 0 and piece.plain is not None:
                self._cut(piece, piece.plain, over)
                break
            self._at, self._after, self._drawn = piece.end, piece.after, begin + len(piece.text)
            self._carried = piece.text[-over:] if over > 0 else ""
        self._carried = self._carried[-(self._drawn - settled) :] if self._drawn > settled else ""

    def _cut(self, piece: Piece, state: State, size: int) -> None:
        """Settle all but the last `size` code points of a plain piece."""
        self._at, self._after, self._drawn = piece.end - size, state, self._drawn + len(piece.text) - size
        self._pieces.appendleft(Piece(piece.text[-size:], piece.end, piece.known, piece.after, piece.plain, piece.room))
