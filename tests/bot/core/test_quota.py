"""How much a person and a guild may ask, in virtual time."""

import asyncio
import re

import pytest

from bot.core.errors import Busy
from bot.core.quota import KEPT, Allotment, Quota, Seldom

ANN, BOB, GUILD, ELSEWHERE = 1, 2, 10, 11


async def ask(quota, user_id, guild_id=GUILD):
    quota.check(user_id, guild_id)
    return await quota.take(user_id, guild_id)


async def test_so_many_in_a_row_then_one_whenever_it_is_due():
    quota = Quota(Allotment(per_minute=6), Allotment())
    for _ in range(6):
        (await ask(quota, ANN))()
    with pytest.raises(Busy, match=r"You have asked a lot in the last minute\. Ask again in 10 s\."):
        await ask(quota, ANN)
    (await ask(quota, BOB))()
    await asyncio.sleep(5)
    with pytest.raises(Busy, match=r"in 5 s\.") as told:
        await ask(quota, ANN)
    await asyncio.sleep(int(re.search(r"in (\d+) s", told.value.hint)[1]))
    (await ask(quota, ANN))()
    with pytest.raises(Busy):
        await ask(quota, ANN)


async def test_what_is_refused_is_not_counted():
    quota = Quota(Allotment(per_minute=6), Allotment(per_minute=7))
    for _ in range(6):
        (await ask(quota, ANN))()
    for _ in range(20):
        with pytest.raises(Busy, match="You have"):
            await ask(quota, ANN)
    (await ask(quota, BOB))()
    with pytest.raises(Busy, match="This server has asked a lot"):
        await ask(quota, BOB)
    (await ask(quota, BOB, ELSEWHERE))()


async def test_so_many_at_once_and_another_when_one_has_ended():
    quota = Quota(Allotment(at_once=2), Allotment(at_once=3))
    first, _ = await ask(quota, ANN), await ask(quota, ANN)
    with pytest.raises(Busy, match="2 answers for you are on their way already"):
        await ask(quota, ANN)
    await ask(quota, BOB)
    with pytest.raises(Busy, match="3 answers are on the way for this server already"):
        await ask(quota, BOB)
    first()
    await ask(quota, ANN)


async def test_one_at_once_is_told_in_the_singular():
    quota = Quota(Allotment(at_once=1), Allotment(at_once=1))
    await ask(quota, ANN)
    with pytest.raises(Busy, match="An answer for you is on its way already"):
        await ask(quota, ANN)
    with pytest.raises(Busy, match="1 answer is on the way for this server"):
        await ask(quota, BOB)


async def test_direct_messages_count_for_no_guild():
    quota = Quota(Allotment(), Allotment(per_minute=1, at_once=1))
    for _ in range(5):
        await ask(quota, ANN, guild_id=None)
    await ask(quota, ANN, GUILD)


async def test_nought_is_no_limit():
    quota = Quota(Allotment(), Allotment())
    for _ in range(1000):
        await ask(quota, ANN)


async def test_who_has_not_asked_for_a_while_is_forgotten():
    quota = Quota(Allotment(per_minute=2, at_once=2), Allotment())
    end = await ask(quota, ANN)
    for user_id in range(100, 100 + 3 * KEPT):
        (await ask(quota, user_id))()
        await asyncio.sleep(1)
    accounts = quota._persons._accounts
    assert len(accounts) <= KEPT
    assert accounts[ANN].under_way == 1
    end()


async def test_a_sentence_is_said_once_for_each_in_its_time():
    seldom = Seldom(60.0)
    assert [seldom.may(who) for who in (ANN, ANN, BOB)] == [True, False, True]
    await asyncio.sleep(59)
    assert not seldom.may(ANN)
    await asyncio.sleep(1)
    assert [seldom.may(ANN), seldom.may(ANN)] == [True, False]
    assert len(seldom._said_at) == 1
