"""One request on its way to a handler, and what handlers say to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from multidict import MultiMapping

from playground.chat import errors
from playground.chat.audience import hidden_in_rest, sees
from playground.chat.events import without_content
from playground.chat.limits import Lane, RateLimiter
from playground.chat.message_payloads import message_json
from playground.chat.model import Application, Attachment, Channel, Json, Message, User
from playground.chat.permissions import may
from playground.chat.world import World


class Reply(NamedTuple):
    status: int
    payload: Any = None


NO_CONTENT = Reply(204)


@dataclass(slots=True)
class Call:
    """
    A request whose caller is known. `params` are the path's, `body` is never None.

    `user` is who calls; handlers of routes that are open (a token in the path says who) don't read it.
    """

    world: World
    limiter: RateLimiter
    gateway_url: str
    user: User
    params: dict[str, str]
    query: MultiMapping[str]
    body: Any
    uploads: list[Attachment]

    @property
    def application(self) -> Application:
        """The application of the bot that calls."""
        return self.world.applications[self.user.id]

    def id(self, name: str) -> int:
        return snowflake(self.params[name])

    def channel(self, *, needs: int = 0) -> Channel:
        """Give the channel in the path. Raises ApiError if the caller does not see it or lacks a permission."""
        channel = self.world.channel(self.id("channel"))
        if not sees(self.user, channel):
            raise errors.missing_access()
        if not may(channel, self.user, needs):
            raise errors.missing_permissions()
        return channel

    def message(self, channel: Channel) -> Message:
        """Give the message in the path; an ephemeral one does not exist for routes of channels."""
        message = channel.messages.get(self.id("message"))
        if message is None or message.only_for is not None:
            raise errors.unknown_message()
        return message

    def show(self, message: Message) -> Json:
        """Show a message to the caller."""
        shown = message_json(message, self.user)
        return without_content(shown, hidden_in_rest(self.application, message)) if self.user.bot else shown

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Read a number of the query. Raises ApiError if it is out of bounds."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise errors.invalid_form(name, "NUMBER_TYPE_COERCE", f"int value should be between {least} and {most}.")
        return int(text)


def snowflake(text: str) -> int:
    if not text.isdecimal():
        raise errors.invalid_form("id", "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
    return int(text)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """
    A method and path template with what answers it.

    `caller` says who may: "open" routes carry a token in the path, need no Authorization and stand outside the
    global limit. The bucket in `lane` is the path's channel's or, for an open route, its token's.
    """

    method: str
    path: str
    handler: Handler
    lane: Lane | None = None
    caller: Literal["any", "bot", "person", "open"] = "any"
