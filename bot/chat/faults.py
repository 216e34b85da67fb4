"""discord.py's and aiohttp's exceptions, translated into Patter's at the one boundary."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.core.errors import SurfaceError, SurfaceForbidden, SurfaceGone, SurfaceRefused

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED = 10062, 40060
CANNOT_REPLY = 160002
INVALID_WEBHOOK_TOKEN, THREAD_ARCHIVED, THREAD_LOCKED, THREAD_EXISTS = 50027, 50083, 160005, 160004
PASSING = {408, 429}
"""Statuses between 400 and 500 after which the same request may fare better. The others refuse it for good."""

GONE = {UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, THREAD_ARCHIVED, THREAD_LOCKED}


class TokenExpired(SurfaceError):  # noqa: N818 - reads as the state it is
    """The interaction's token no longer writes; the channel may."""

    may_be_applied = False


class ThreadThere(SurfaceError):  # noqa: N818 - as above
    """The message has a thread already."""


class CannotReply(SurfaceError):  # noqa: N818 - as above
    """A reply takes the right to read the message history; a plain message does not."""


BY_CODE: dict[int, type[SurfaceError]] = {
    INVALID_WEBHOOK_TOKEN: TokenExpired,
    THREAD_EXISTS: ThreadThere,
    CANNOT_REPLY: CannotReply,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise SurfaceError, or one of its kinds, for whatever a request to Discord may raise."""
    try:
        yield
    except discord.HTTPException as error:
        raise _translate(error) from error
    except (discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise SurfaceError(f"{type(error).__name__} on a request to Discord") from error
    except RuntimeError as error:  # aiohttp: the session is closed
        raise SurfaceGone("the client is closed") from error
    except TypeError as error:  # discord.py on a webhook's 429 that carries HTML in place of JSON
        raise SurfaceError("an answer that is not Discord's") from error


def _translate(error: discord.HTTPException) -> SurfaceError:
    return _kind(error.status, error.code)(f"status {error.status}, code {error.code}")


def _kind(status: int, code: int) -> type[SurfaceError]:
    if code in BY_CODE:
        return BY_CODE[code]
    if code in GONE:
        return SurfaceGone
    if status in {401, 403}:
        return SurfaceForbidden
    return SurfaceRefused if 400 <= status < 500 and status not in PASSING else SurfaceError
