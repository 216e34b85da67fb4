"""What a question has to pass, and what is given back."""

import pytest

from bot.core.access import Access, Rules, Visitor
from bot.core.admission import Admission
from bot.core.errors import Busy, NotAllowed
from bot.core.memory import Place, PlaceSettings
from bot.core.queue import Line
from bot.core.quota import Allotment, Quota

HERE = Place(20, 10)
ANN, BOB = Visitor(1, HERE), Visitor(2, HERE, may_moderate=True)
OWNER = Visitor(3, HERE, is_owner=True)


class NothingSet:
    async def settings(self, place, *, parent_id=None):
        return PlaceSettings()


def admission(exempt="nobody", size=0, **person):
    quota = Quota(Allotment(**person), Allotment(at_once=1))
    return Admission(Access(Rules("smol"), NothingSet()), quota, Line(1, size), exempt)


async def test_what_nobody_takes_over_is_given_back():
    door = admission()
    with await door.admit(ANN) as admitted:
        assert admitted.model == "smol"
        assert door.line.waiting == 1
    assert door.line.waiting == 0
    (await door.admit(ANN)).take_over()


async def test_what_is_taken_over_is_given_back_once_by_whoever_took_it():
    door = admission()
    with await door.admit(ANN) as admitted:
        give_back = admitted.take_over()
    assert door.line.waiting == 1
    with pytest.raises(Busy, match="on the way for this server"):
        await door.admit(BOB)
    give_back()
    assert door.line.waiting == 0
    with await door.admit(BOB):
        pass


async def test_what_is_refused_takes_nothing():
    door = admission(per_minute=1)
    with pytest.raises(NotAllowed):
        await door.admit(ANN, "big")
    blocker = door.line.join(99)
    with pytest.raises(Busy, match="Too many are waiting"):
        await door.admit(ANN)
    blocker.leave()
    with await door.admit(ANN):
        pass
    with pytest.raises(Busy, match="You have asked a lot"):
        await door.admit(ANN)
    assert door.line.waiting == 0


@pytest.mark.parametrize(("exempt", "who"), [("moderators", {BOB, OWNER}), ("owners", {OWNER}), ("nobody", set())])
async def test_whoever_is_exempt_asks_on_where_a_server_has_used_up_its_own(exempt, who):
    door = admission(exempt, size=10)
    (await door.admit(ANN)).take_over()
    for visitor in (ANN, BOB, OWNER):
        if visitor in who:
            (await door.admit(visitor)).take_over()
        else:
            with pytest.raises(Busy):
                await door.admit(visitor)
