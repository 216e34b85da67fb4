"""The console: the channel above, growing in place, and a line to type in below."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.styles import Style
from prompt_toolkit.widgets import TextArea

from playground.chat.inbox import EventStream
from playground.lines import Line, Quit, Unclear, parse
from playground.plain_console import converse_in_lines
from playground.play import Play
from playground.screen import screen_lines, window, wrap
from playground.seat import Seat

PEOPLE = ("ann", "bob", "owner")
SHOWN = 50  # messages; what is above them cannot be scrolled to
PAGE_LINES = 10
INPUT_ROWS = 2  # the rule and the line to type in
WELCOME = "You are ann in #general. Type /ask and a question, or /help."
STYLE = Style.from_dict(
    {
        "author": "bold ansicyan",
        "question": "ansibrightblack",
        "caption": "italic ansibrightblack",
        "button": "reverse",
        "rule": "ansibrightblack",
        "notice": "ansiyellow",
    }
)


async def converse(play: Play, say: Callable[[str], None]) -> None:
    """Let a person chat until they leave. Raises BotDied."""
    async with AsyncExitStack() as stack:
        people = {name: await stack.enter_async_context(play.member(name)) for name in PEOPLE}
        seat = Seat(people, play.channel_id)
        can_redraw = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}
        if can_redraw:
            await play.bot.alive_while(Console(seat).run())
        else:
            say(WELCOME)
            await play.bot.alive_while(converse_in_lines(seat, say))


class Console:
    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._notice = WELCOME
        self._back = 0  # lines scrolled up from the end
        self._input = TextArea(
            height=1,
            multiline=False,
            prompt=lambda: f"{seat.name}> ",
            accept_handler=self._accept,
            history=InMemoryHistory(),
        )
        self._application: Application[None] = Application(
            layout=Layout(self._rooms(), focused_element=self._input),
            key_bindings=_keys(self._page),
            style=STYLE,
            full_screen=True,
        )

    async def run(self) -> None:
        """Stay until the person leaves."""
        async with asyncio.TaskGroup() as tasks:
            watching = [tasks.create_task(self._watch(events)) for events in self._seat.events().values()]
            await self._application.run_async(handle_sigint=False)
            for task in watching:
                task.cancel()

    def _rooms(self) -> HSplit:
        return HSplit(
            [
                Window(FormattedTextControl(self._channel), always_hide_cursor=True),
                Window(FormattedTextControl(self._notices), height=lambda: len(self._notices())),
                Window(height=1, char="─", style="class:rule"),
                self._input,
            ]
        )

    def _channel(self) -> StyleAndTextTuples:
        """Show as much of the channel as there is room for above the rest."""
        size = self._application.output.get_size()
        room = max(1, size.rows - INPUT_ROWS - len(self._notices()))
        lines = screen_lines(self._seat.messages[-SHOWN:], size.columns)
        self._back = max(0, min(self._back, len(lines) - room))
        return [(style, text + "\n") for style, text in window(lines, room, self._back)]

    def _notices(self) -> StyleAndTextTuples:
        columns = self._application.output.get_size().columns
        lines = [part for line in self._notice.splitlines() for part in wrap(line, columns)]
        return [("class:notice", line + "\n") for line in lines]

    def _page(self, lines: int) -> None:
        self._back = max(0, self._back + lines)

    async def _watch(self, events: EventStream) -> None:
        async for _ in events:
            self._application.invalidate()

    def _accept(self, buffer: Buffer) -> bool:
        """Take a typed line; False tells prompt_toolkit to empty the field."""
        try:
            line = parse(buffer.text)
        except Unclear as sentence:
            self._notice = str(sentence)
            return False
        if isinstance(line, Quit):
            self._application.exit()
        elif line is not None:
            self._notice, self._back = "", 0
            self._application.create_background_task(self._perform(line))
        return False

    async def _perform(self, line: Line) -> None:
        notice = await self._seat.perform(line)
        if notice:
            self._notice = notice
        self._application.invalidate()


def _keys(page: Callable[[int], None]) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    @keys.add("c-d")
    def _leave(event: KeyPressEvent) -> None:
        event.app.exit()

    @keys.add("pageup")
    def _up(_: KeyPressEvent) -> None:
        page(PAGE_LINES)

    @keys.add("pagedown")
    def _down(_: KeyPressEvent) -> None:
        page(-PAGE_LINES)

    return keys
