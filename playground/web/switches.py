"""What can be made to go wrong from the page."""

import msgspec

from playground.chat.faults import Plan, server_error
from playground.chat.record import Entry
from playground.chat.server import ChatServer
from playground.llm.front import Front


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Which switches to turn; None leaves one as it is. `cut_stream` and `gateway_drop` happen once."""

    ollama_down: bool | None = None
    cut_stream: bool | None = None
    discord_500: bool | None = None
    gateway_drop: bool | None = None


class Switches:
    def __init__(self, chat: ChatServer, front: Front) -> None:
        self._chat, self._front = chat, front
        self._failing: Plan | None = None

    def state(self) -> dict[str, bool]:
        """Tell what is wrong now; a cut is, while it waits for an answer to cut."""
        return {
            "ollama_down": self._front.is_down,
            "cut_stream": self._front.tap.cuts_next,
            "discord_500": self._failing is not None,
            "gateway_drop": False,
        }

    async def turn(self, wanted: Wanted) -> None:
        """Raises OSError if the model's port was taken while it was down."""
        if wanted.ollama_down is not None:
            await self._front.set_down(wanted.ollama_down)
        if wanted.cut_stream:
            self._front.tap.cut()
        if wanted.discord_500 is not None:
            self._fail(wanted.discord_500)
        if wanted.gateway_drop:
            self._chat.gateway.drop()

    def _fail(self, wanted: bool) -> None:
        if self._failing is not None:
            self._chat.faults.cancel(self._failing)
        self._failing = self._chat.faults.plan(server_error(), where=self._is_the_bots, times=None) if wanted else None

    def _is_the_bots(self, entry: Entry) -> bool:
        """Tell the bot's requests from those of the page, whose people have tokens of their own."""
        return entry.by in {None, self._chat.world.bot.id}
