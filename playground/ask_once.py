"""One question without a terminal: each state of the answer is printed as it comes, then the whole."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from playground.chat.errors import ApiError
from playground.chat.inbox import EventStream
from playground.chat.member import Member
from playground.display import Json, Printout, lines_of, printable, rule
from playground.errors import PlaygroundError
from playground.play import Play
from playground.verdict import verdict

LIMIT_S = 300.0


async def ask_once(play: Play, text: str, say: Callable[[str], None]) -> None:
    """Ask as ann and return when the answer has ended. Raises PlaygroundError if it did not end well."""
    async with play.member("ann") as ann:
        try:
            async with asyncio.timeout(LIMIT_S):
                pages = await play.bot.alive_while(_ask(play, ann, text, say))
        except TimeoutError:
            raise PlaygroundError(f"The answer did not end in {LIMIT_S:.0f} s.") from None
        except (ApiError, LookupError) as error:
            raise PlaygroundError(f"The command could not be used: {error}.") from error
    say(rule("the answer"))
    for page in pages:
        say("\n".join(lines_of(page)))


async def _ask(play: Play, ann: Member, text: str, say: Callable[[str], None]) -> list[Json]:
    events, began = ann.events(), time.monotonic()
    await ann.command(play.channel_id, "ask", prompt=text)
    printout, pages = Printout(), dict[str, Json]()
    async for message in _states(events, str(play.bot_id)):
        pages[message["id"]] = message
        block = printout.block(message, f"{time.monotonic() - began:.1f} s")
        if block:
            say("\n".join(block))
        found = verdict(list(pages.values()))
        if found and found.problem:
            raise PlaygroundError(printable(found.problem))
        if found:
            return list(pages.values())
    raise PlaygroundError("The playground closed the connection.")


async def _states(events: EventStream, bot_id: str) -> AsyncIterator[Json]:
    """Give each state of each message of the bot's, in order."""
    async for name, data in events:
        if name == "INTERACTION_FAILURE":
            raise PlaygroundError("The bot did not answer the command within three seconds.")
        if name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} and data["author"]["id"] == bot_id:
            yield data
