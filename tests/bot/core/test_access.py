"""Who may ask, where, and which models."""

import asyncio

import pytest

from bot.core.access import Access, Models, Rules, Visitor
from bot.core.errors import NotAllowed, StoreError
from bot.core.memory import Place, PlaceSettings

ANN, GUILD, CHANNEL, THREAD, ROLE, OTHER = 1, 10, 20, 21, 30, 99
HERE = Visitor(ANN, Place(CHANNEL, GUILD), role_ids=frozenset({ROLE}))
IN_THREAD = Visitor(ANN, Place(THREAD, GUILD), parent_id=CHANNEL, role_ids=frozenset({ROLE}))
IN_DM = Visitor(ANN, Place(40))
DEFAULTS = PlaceSettings()


class Notice:
    """What is set, the same for every place; or the store's failure."""

    def __init__(self, settings, failure=None):
        self.settings_here, self.failure, self.asked = settings, failure, []

    async def settings(self, place, *, parent_id=None):
        self.asked.append((place, parent_id))
        if self.failure == "slow":
            await asyncio.sleep(100)
        if self.failure:
            raise StoreError
        return self.settings_here


def access(settings=DEFAULTS, **rules):
    return Access(Rules("smol", **rules), Notice(settings))


@pytest.mark.parametrize(
    ("rules", "visitor", "words"),
    [
        ({"allowed_guilds": {OTHER}}, HERE, "not in use on this server"),
        ({"blocked_guilds": {GUILD}}, HERE, "not in use on this server"),
        ({"allowed_guilds": {GUILD, OTHER}}, HERE, ""),
        ({"allowed_guilds": {OTHER}}, IN_DM, ""),
        ({"allowed_channels": {OTHER}}, HERE, "in this channel"),
        ({"blocked_channels": {CHANNEL}}, HERE, "in this channel"),
        ({"blocked_channels": {CHANNEL}}, IN_THREAD, "in this channel"),
        ({"blocked_channels": {THREAD}}, IN_THREAD, "in this channel"),
        ({"blocked_channels": {THREAD}}, HERE, ""),
        ({"allowed_channels": {CHANNEL}}, IN_THREAD, ""),
        ({"allowed_channels": {OTHER}}, IN_DM, ""),
        ({"allowed_channels": {CHANNEL}, "blocked_channels": {CHANNEL}}, HERE, "in this channel"),
        ({"allowed_roles": {OTHER}}, HERE, "none of the roles"),
        ({"allowed_roles": {OTHER, ROLE}}, HERE, ""),
        ({"allowed_roles": {ROLE}}, IN_DM, "none of the roles"),
        ({"blocked_roles": {ROLE}}, HERE, "may not ask me here"),
        ({"blocked_users": {ANN}}, HERE, "may not ask me here"),
        ({"blocked_users": {ANN}}, IN_DM, "may not ask me here"),
        ({"direct_messages": False}, IN_DM, "direct messages"),
        ({"direct_messages": False}, HERE, ""),
        ({}, HERE, ""),
        ({}, IN_DM, ""),
    ],
)
async def test_what_the_deployment_allows_and_blocks(rules, visitor, words):
    door = access(**{name: frozenset(ids) if isinstance(ids, set) else ids for name, ids in rules.items()})
    if words:
        with pytest.raises(NotAllowed, match=words):
            await door.admit(visitor)
    else:
        await door.admit(visitor)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (PlaceSettings(answers=False), "in this channel"),
        (PlaceSettings(allowed_roles=(OTHER,)), "none of the roles"),
        (PlaceSettings(blocked_roles=(ROLE,)), "may not ask me here"),
    ],
)
async def test_a_guild_can_be_stricter_than_the_deployment_but_not_laxer(settings, words):
    with pytest.raises(NotAllowed, match=words):
        await access(settings, allowed_roles=frozenset({ROLE}), allowed_channels=frozenset({CHANNEL})).admit(HERE)
    lax = PlaceSettings(answers=True, allowed_roles=(ROLE,))
    with pytest.raises(NotAllowed):
        await access(lax, blocked_roles=frozenset({ROLE})).admit(HERE)
    with pytest.raises(NotAllowed):
        await access(lax, blocked_channels=frozenset({CHANNEL})).admit(HERE)


async def test_a_thread_is_looked_up_with_its_channel_and_a_dm_not_at_all():
    door = access()
    for visitor in (HERE, IN_THREAD, IN_DM):
        await door.admit(visitor)
    assert door._places.asked == [(HERE.place, None), (IN_THREAD.place, CHANNEL)]


@pytest.mark.parametrize("failure", ["broken", "slow"])
async def test_what_was_known_last_holds_while_the_store_fails(failure):
    door = access(PlaceSettings(answers=False))
    with pytest.raises(NotAllowed):
        await door.admit(HERE)
    door._places.failure = failure
    before = asyncio.get_running_loop().time()
    with pytest.raises(NotAllowed):
        await door.admit(HERE)
    await door.admit(IN_THREAD)  # nothing is known of it
    assert asyncio.get_running_loop().time() - before < 1.5
    door._places.failure, door._places.settings_here = None, PlaceSettings()
    await door.admit(HERE)
    door._places.failure = failure
    await door.admit(HERE)


@pytest.mark.parametrize(
    ("deployment", "guild", "expected"),
    [
        ((), (), Models("smol", ("smol",))),
        (("big",), (), Models("smol", ("smol", "big"))),
        (("smol:latest", "big"), (), Models("smol", ("smol", "big"))),
        (("*",), (), Models("smol", None)),
        (("big",), ("big",), Models("big", ("big",))),
        (("big",), ("big", "smol"), Models("smol", ("big", "smol"))),
        (("big",), ("huge", "big"), Models("big", ("big",))),
        (("big",), ("huge",), Models("smol", ("smol", "big"))),
        (("*",), ("huge",), Models("huge", ("huge",))),
    ],
)
async def test_a_guild_chooses_among_what_the_deployment_allows(deployment, guild, expected):
    door = access(PlaceSettings(models=guild), models=deployment)
    assert await door.models(HERE) == await door.admit(HERE) == expected


def test_the_wish_is_refused_with_the_list_and_a_former_model_quietly_left():
    models = Models("smol", ("smol", "big:1b"))
    assert models.choose(None) == "smol"
    assert models.choose("big:1b") == "big:1b"
    assert models.choose("smol:latest") == "smol:latest"
    assert models.choose(None, former="big:1b") == "big:1b"
    assert models.choose(None, former="huge") == "smol"
    assert models.choose("smol", former="big:1b") == "smol"
    with pytest.raises(NotAllowed, match=r"Only `smol` and `big:1b` may be used here\."):
        models.choose("huge")
