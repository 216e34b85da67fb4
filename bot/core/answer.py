"""One growing text: written by the reader of the model's stream, drawn by the writer of the message."""

import asyncio

from bot.core.errors import StreamCut
from bot.core.model import InLine, Outcome, Phase, Status
from bot.core.ports import Render

TURNS_TO_READ = 4
"""Of the event loop, until what is wanted is there: the reader asks, the socket is found ready, is read, and given."""


class Answer:
    """
    The text so far and what is true of it: its phase, and at last its outcome.

    Adding to it costs the same however long it is; only `advance` renders, and only what is new.
    """

    def __init__(self, render: Render) -> None:
        self._render = render
        self._parts: list[str] = []
        self._fresh: list[str] = []  # not yet given to the render
        self._rewound = False  # whether _fresh stands in place of all that the render has not settled
        self._changed = asyncio.Event()
        self.phase: Phase | InLine = Phase.WAITING
        self.chars = 0
        self.outcome: Outcome | None = None
        self.visible = False  # whether there is anything but white space, which Discord trims
        self.unseen_since = 0.0
        self.wanted = asyncio.Event()  # set when the text is about to be drawn

    @property
    def text(self) -> str:
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    @property
    def status(self) -> Status:
        return self.outcome or self.phase

    def append(self, text: str) -> None:
        self._parts.append(text)
        self.chars += len(text)
        self._fresh.append(text)
        self.visible = self.visible or not text.isspace()
        self._touch()

    def replace(self, text: str) -> None:
        """
        Take `text` instead of what is there. Raises StreamCut if they differ on a page that is finished.

        `text` must be at least as long as what is there.
        """
        settled = self._render.settled
        if text[:settled] != self.text[:settled]:
            raise StreamCut("the second stream differs on a finished page", again=False)
        self._parts, self._fresh, self._rewound = [text], [text[settled:]], True
        self.chars = len(text)
        self._touch()

    def leave_out(self, outcome: Outcome) -> None:
        """Let the open page show none of the text, and another end than it had."""
        self.outcome = outcome
        self._fresh, self._rewound = [], True
        self._touch()

    def show(self, phase: Phase | InLine) -> None:
        if phase != self.phase:
            self.phase = phase
            self._touch()

    def end(self, outcome: Outcome) -> None:
        """Set the outcome, once and for all."""
        assert self.outcome is None, "an answer ends once"
        self.outcome = outcome
        self._touch()

    async def wait_for_change(self) -> None:
        """Return as soon as there is something that `advance` has not yet drawn."""
        await self._changed.wait()

    async def catch_up(self) -> None:
        """Let the reader take what has arrived and was left to gather; waits for nothing that has not."""
        self.wanted.set()
        for _ in range(TURNS_TO_READ):
            await asyncio.sleep(0)

    def advance(self) -> list[str]:
        """Render what is new; return the pages that it finished. `open_page` is up to date from then on."""
        self._changed.clear()
        fresh, self._fresh = "".join(self._fresh), []
        rewound, self._rewound = self._rewound, False
        return self._render.rewind(fresh) if rewound else self._render.feed(fresh)

    def open_page(self) -> str:
        return self._render.open_page(self.status)

    @property
    def attachment(self) -> str | None:
        return self._render.attachment

    def _touch(self) -> None:
        if not self._changed.is_set():
            self.unseen_since = asyncio.get_running_loop().time()
            self._changed.set()
