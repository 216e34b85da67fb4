"""JSON in and out of the page's own endpoints."""

from typing import Any, TypeVar

import msgspec
from aiohttp import web

BODY_BYTES = 1024 * 1024

T = TypeVar("T")


async def read(request: web.Request, kind: type[T]) -> T:
    """
    Give what was posted. Raises the HTTP error that it deserves.

    A form of a foreign page can post text, but not say that it is JSON.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Post JSON, as application/json.")
    if (request.content_length or 0) > BODY_BYTES or len(body := await request.read()) > BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(BODY_BYTES, text=f"At most {BODY_BYTES} bytes.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"This cannot be read: {error}.") from None


def answer(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
