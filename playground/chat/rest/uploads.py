"""Requests with files: a form of `payload_json` and `files[n]`."""

from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from playground.chat.model import Attachment
from playground.chat.world import World


async def read_form(request: web.Request, world: World, api_url: str) -> tuple[Any, list[Attachment]]:
    """Give the parsed `payload_json` and the files, which can be fetched from then on."""
    body: Any = {}
    uploads: list[Attachment] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue  # Discord's clients send no nested forms
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = msgspec.json.decode(data)
        elif part.filename:
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(_upload(world, api_url, part.filename, content_type, data))
    return body, uploads


def _upload(world: World, api_url: str, filename: str, content_type: str, data: bytes) -> Attachment:
    attachment_id = world.new_id()
    url = f"{api_url}/attachments/{attachment_id}/{filename}"
    attachment = Attachment(attachment_id, filename, content_type, data, url)
    world.attachments[attachment_id] = attachment
    return attachment


def download(request: web.Request, world: World) -> web.Response:
    attachment = world.attachments.get(int(request.match_info["attachment"]))
    if attachment is None:
        return web.Response(status=404)
    return web.Response(body=attachment.data, content_type=attachment.content_type.partition(";")[0])
