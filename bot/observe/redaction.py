"""Takes out of a log line what would let its reader act in the bot's name. A last line of defence."""

import re
from collections.abc import Iterable

GONE = "…"

SHORTEST_SECRET = 6
"""Anything shorter is no secret, and would be found in ordinary words."""

_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.~%-]+")
_TOKEN_IN_EVENT = re.compile(r"""(["']token["']: ?["'])[^"']+""")
_CREDENTIALS_IN_URL = re.compile(r"(://[^\s:/@]*:)[^\s/@]+(?=@)")


class Redaction:
    """
    >>> redact = Redaction(["hunter2"])
    >>> redact("hunter2 used https://discord.com/api/v10/webhooks/1/aW50ZXI/messages/@original")
    '… used https://discord.com/api/v10/webhooks/1/…/messages/@original'
    >>> redact("{'id': '1', 'token': 'aW50ZXI', 'type': 2}")
    "{'id': '1', 'token': '…', 'type': 2}"
    >>> redact("no route to postgresql+asyncpg://patter:pass@db/patter")
    'no route to postgresql+asyncpg://patter:…@db/patter'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        kept = sorted((secret for secret in secrets if len(secret) >= SHORTEST_SECRET), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, kept))) if kept else None

    def __call__(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(GONE, text)
        for found in (_TOKEN_IN_PATH, _TOKEN_IN_EVENT, _CREDENTIALS_IN_URL):
            text = found.sub(rf"\1{GONE}", text)
        return text
