"""How much a person and a guild may ask."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil

from aiolimiter import AsyncLimiter

from bot.core.errors import Busy

MINUTE_S = 60.0

KEPT = 1000
"""Accounts beyond this number are looked through for idle ones when another is opened."""

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one may ask; 0 stands for no limit."""

    per_minute: int = 0
    """So many in a row; after that they come back evenly, so many each minute."""
    at_once: int = 0


class Quota:
    def __init__(self, person: Allotment, guild: Allotment) -> None:
        self._persons = _Ledger(person, _person_asks_too_fast, _person_has_too_many)
        self._guilds = _Ledger(guild, _guild_asks_too_fast, _guild_has_too_many)

    def check(self, user_id: int, guild_id: int | None) -> None:
        """Raise Busy, which says when to come back, if `take` would exceed what is allowed."""
        for account in self._accounts(user_id, guild_id):
            account.check()

    async def take(self, user_id: int, guild_id: int | None) -> Callable[[], None]:
        """
        Count one ask, which is under way until what is returned is called, once.

        Right after a `check` it returns without waiting.
        """
        accounts = self._accounts(user_id, guild_id)
        for account in accounts:
            await account.take()

        def end() -> None:
            for account in accounts:
                account.under_way -= 1

        return end

    def _accounts(self, user_id: int, guild_id: int | None) -> "list[_Account]":
        guild = [] if guild_id is None else [self._guilds.account(guild_id)]
        return [self._persons.account(user_id), *guild]


class _Ledger:
    def __init__(self, allotment: Allotment, too_fast: Callable[[int], str], too_many: Callable[[int], str]) -> None:
        self._allotment, self._too_fast, self._too_many = allotment, too_fast, too_many
        self._accounts: dict[int, _Account] = {}

    def account(self, holder_id: int) -> "_Account":
        if holder_id not in self._accounts:
            if len(self._accounts) >= KEPT:
                self._accounts = {id_: account for id_, account in self._accounts.items() if not account.is_idle}
            self._accounts[holder_id] = _Account(self._allotment, self._too_fast, self._too_many)
        return self._accounts[holder_id]


class _Account:
    def __init__(self, allotment: Allotment, too_fast: Callable[[int], str], too_many: Callable[[int], str]) -> None:
        self._allotment, self._too_fast, self._too_many = allotment, too_fast, too_many
        self._minute = AsyncLimiter(allotment.per_minute, MINUTE_S) if allotment.per_minute else None
        self.under_way = 0

    @property
    def is_idle(self) -> bool:
        return not self.under_way and (self._minute is None or self._minute.has_capacity(self._minute.max_rate))

    def check(self) -> None:
        if self._allotment.at_once and self.under_way >= self._allotment.at_once:
            raise Busy(hint=self._too_many(self.under_way))
        wait_s = self._wait_s()
        if wait_s:
            raise Busy(hint=self._too_fast(wait_s))

    async def take(self) -> None:
        self.under_way += 1
        if self._minute is not None:
            await self._minute.acquire()

    def _wait_s(self) -> int:
        """Seconds until there is one to take, rounded up; the limiter tells to a tenth of an ask how far it is."""
        if self._minute is None or self._minute.has_capacity():
            return 0
        there = max(tenths for tenths in range(TENTHS) if self._minute.has_capacity(tenths / TENTHS))
        return ceil((TENTHS - there) / TENTHS * MINUTE_S / self._minute.max_rate)


class Seldom:
    """Keeps what is said over and over from being said more than once in `every_s` seconds for each key."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._said_at: dict[Hashable, float] = {}  # oldest first

    def may(self, key: Hashable) -> bool:
        """Tell whether it may be said now, and take it as said if so."""
        now = asyncio.get_running_loop().time()
        while self._said_at and now - self._said_at[oldest := next(iter(self._said_at))] >= self._every_s:
            del self._said_at[oldest]
        if key in self._said_at:
            return False
        self._said_at[key] = now
        return True


def _person_asks_too_fast(wait_s: int) -> str:
    return f"You have asked a lot in the last minute. Ask again in {wait_s} s."


def _person_has_too_many(under_way: int) -> str:
    if under_way == 1:
        return "An answer for you is on its way already. Ask again when it has ended, or stop it."
    return f"{under_way} answers for you are on their way already. Ask again when one has ended, or stop one."


def _guild_asks_too_fast(wait_s: int) -> str:
    return f"This server has asked a lot in the last minute. Ask again in {wait_s} s."


def _guild_has_too_many(under_way: int) -> str:
    answers = "1 answer is" if under_way == 1 else f"{under_way} answers are"
    return f"{answers} on the way for this server already. Ask again when one has ended."
