"""Discord's REST API, as far as a diagnosis reads it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import msgspec

from bot.core.errors import PatterError

TIMEOUT_S = 8.0
GUILDS_A_PAGE = 200
MOST_PAGES = 13
"""Discord wants shards from 2,500 servers on."""

T = TypeVar("T")


class TokenRefused(PatterError):  # noqa: N818 - the states that they are, as in core
    hint = "Discord refused the token."


class DiscordUnreachable(PatterError):  # noqa: N818 - as above
    hint = "Discord cannot be reached."


class DiscordRefused(PatterError):  # noqa: N818 - as above
    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(hint=f"Discord answered with status {status}.")


class BotUser(msgspec.Struct, frozen=True):
    id: str
    username: str
    bot: bool = False


class Application(msgspec.Struct, frozen=True):
    id: str
    name: str
    flags: int = 0
    bot_public: bool = True
    bot_require_code_grant: bool = False
    interactions_endpoint_url: str | None = None

    @property
    def snowflake(self) -> int:
        return int(self.id)


class Guild(msgspec.Struct, frozen=True):
    """`permissions` are the bot's own there, those of channels apart."""

    id: str
    name: str
    permissions: str

    @property
    def permission_bits(self) -> int:
        return int(self.permissions)


class Command(msgspec.Struct, frozen=True):
    name: str


class Logins(msgspec.Struct, frozen=True):
    """How often the gateway may still be identified with; `reset_after` in ms."""

    total: int
    remaining: int
    reset_after: int


class _GatewayBot(msgspec.Struct, frozen=True):
    session_start_limit: Logins


class DiscordApi:
    """All methods raise TokenRefused, DiscordUnreachable or DiscordRefused."""

    def __init__(self, http: httpx.AsyncClient, now: Callable[[], float] = time.time) -> None:
        self._http, self._now = http, now
        self.clock_skew_s: float | None = None
        """By how much this machine's clock is ahead of Discord's; None until an answer has told."""

    async def me(self) -> BotUser:
        return await self._get("/users/@me", BotUser)

    async def application(self) -> Application:
        return await self._get("/oauth2/applications/@me", Application)

    async def guilds(self) -> list[Guild]:
        found: list[Guild] = []
        for _ in range(MOST_PAGES):
            after = found[-1].id if found else "0"
            page = await self._get("/users/@me/guilds", list[Guild], {"limit": GUILDS_A_PAGE, "after": after})
            found += page
            if len(page) < GUILDS_A_PAGE:
                break
        return found

    async def commands(self, application_id: int, guild_id: int | None = None) -> list[Command]:
        where = f"/guilds/{guild_id}" if guild_id else ""
        return await self._get(f"/applications/{application_id}{where}/commands", list[Command])

    async def logins(self) -> Logins:
        return (await self._get("/gateway/bot", _GatewayBot)).session_start_limit

    async def _get(self, path: str, kind: type[T], query: dict[str, Any] | None = None) -> T:
        asked = self._now()
        try:
            response = await self._http.get(path, params=query)
        except (httpx.HTTPError, OSError) as error:
            raise DiscordUnreachable(type(error).__name__) from error
        self._compare_clocks(response, (asked + self._now()) / 2)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise TokenRefused
        if response.status_code != httpx.codes.OK:
            raise DiscordRefused(response.status_code)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.DecodeError as error:
            raise DiscordRefused(response.status_code) from error

    def _compare_clocks(self, response: httpx.Response, here: float) -> None:
        try:
            there = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        except ValueError:
            return
        # The header is cut to whole seconds: half of one is the best guess for the rest.
        self.clock_skew_s = here - (there + 0.5)


@asynccontextmanager
async def open_discord(api_url: str, token: str) -> AsyncIterator[DiscordApi]:
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (https://discord.com, 1) Patter"}
    async with httpx.AsyncClient(base_url=api_url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as http:
        yield DiscordApi(http)
