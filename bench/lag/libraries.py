"""How the libraries queue what does not fit: each asks Discord, and tells when a response has arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import Protocol, cast

import aiohttp
from discord.http import Ratelimit
from discord.webhook.async_ import AsyncDeferredLock

from bench.lag.limits_model import Bucket, Discord, Response

OnResponse = Callable[[Response], None]
"""Called as soon as a response is there, which may be long before the library's call returns."""


class Library(Protocol):
    async def request(self, bucket: Bucket, on_response: OnResponse) -> None:
        """Make one request, over and over until it is not refused."""
        ...


class DiscordPy:
    """
    discord.py: its own limiters, taken from it, around the model's requests.

    The request that empties a bucket sleeps out the window before it returns; the others wait behind it. A global 429
    holds back all requests that have not begun.
    """

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self._limits: defaultdict[Hashable, Ratelimit] = defaultdict(lambda: Ratelimit(None))
        self._locks: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._global_over = asyncio.Event()
        self._global_over.set()

    async def request(self, bucket: Bucket, on_response: OnResponse) -> None:
        if bucket.counts_globally:
            await self._as_bot(bucket, on_response)
        else:
            await self._as_webhook(bucket, on_response)

    async def _as_bot(self, bucket: Bucket, on_response: OnResponse) -> None:
        await self._global_over.wait()
        limit = self._limits[bucket.key]
        async with limit:
            while True:
                response = await self._discord.request(bucket)
                on_response(response)
                if response.retry_after_s is None:
                    limit.update(_with_headers(response))
                    return
                if response.is_global:
                    self._global_over.clear()
                await asyncio.sleep(response.retry_after_s)
                self._global_over.set()

    async def _as_webhook(self, bucket: Bucket, on_response: OnResponse) -> None:
        async with AsyncDeferredLock(self._locks[bucket.key]) as lock:
            while True:
                response = await self._discord.request(bucket)
                on_response(response)
                if response.retry_after_s is None:
                    if response.remaining == 0:
                        lock.delay_by(response.reset_after_s)
                    return
                await asyncio.sleep(response.retry_after_s)


def _with_headers(response: Response) -> aiohttp.ClientResponse:
    headers = {
        "X-Ratelimit-Limit": str(response.limit),
        "X-Ratelimit-Remaining": str(response.remaining),
        "X-Ratelimit-Reset-After": str(response.reset_after_s),
    }
    return cast("aiohttp.ClientResponse", SimpleNamespace(headers=headers))


class InOrder:
    """
    One request of a bucket at a time; returns with the response, and the next waits out an empty bucket.

    So do discord.js (`offset_s` = 0.05 more than the headers say) and discordgo. A global 429 holds all back.
    """

    def __init__(self, discord: Discord, offset_s: float = 0.0) -> None:
        self._discord, self._offset_s = discord, offset_s
        self._turns: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._open_at: defaultdict[Hashable, float] = defaultdict(float)
        self._all_open_at = 0.0

    async def request(self, bucket: Bucket, on_response: OnResponse) -> None:
        loop = asyncio.get_running_loop()
        async with self._turns[bucket.key]:
            while True:
                await self._opened(bucket)
                response = await self._discord.request(bucket)
                on_response(response)
                if response.is_global:
                    self._all_open_at = loop.time() + response.reset_after_s + self._offset_s
                elif response.remaining == 0:
                    self._open_at[bucket.key] = loop.time() + response.reset_after_s + self._offset_s
                if response.retry_after_s is None:
                    return

    async def _opened(self, bucket: Bucket) -> None:
        while True:
            wait_s = max(self._all_open_at, self._open_at[bucket.key]) - asyncio.get_running_loop().time()
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s)


def discord_js(discord: Discord) -> InOrder:
    return InOrder(discord, offset_s=0.05)


def discordgo(discord: Discord) -> InOrder:
    return InOrder(discord)
