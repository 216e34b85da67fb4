"""Permission bits: roles, then overwrites in Discord's order."""

import pytest

from playground.chat.permissions import ALL, Permission, may, permissions_in
from playground.chat.world import Town

SEND = Permission.SEND_MESSAGES


@pytest.fixture
def town():
    return Town(lambda: 0.0, lambda _: None)


def test_a_role_adds_to_what_everyone_may(town):
    assert not may(town.general, town.ann, Permission.MANAGE_MESSAGES)
    assert may(town.general, town.bob, Permission.MANAGE_MESSAGES)


def test_the_owner_and_administrators_may_do_everything(town):
    town.overwrite(town.general, town.owner, deny=SEND)
    assert permissions_in(town.general, town.owner) == ALL
    town.set_roles(town.playground, town.ann, town.add_role(town.playground, "admin", Permission.ADMINISTRATOR))
    assert permissions_in(town.general, town.ann) == ALL


def test_a_members_overwrite_wins_over_a_roles_and_that_over_everyones(town):
    everyone = town.playground.roles[town.playground.id]
    town.overwrite(town.general, everyone, deny=SEND)
    assert not may(town.general, town.bob, SEND)
    town.overwrite(town.general, town.moderators, allow=SEND)
    assert may(town.general, town.bob, SEND)
    town.overwrite(town.general, town.bob, deny=SEND)
    assert not may(town.general, town.bob, SEND)
    assert may(town.side, town.ann, SEND), "other channels are left alone"


def test_a_role_that_allows_wins_over_one_that_denies(town):
    muted = town.add_role(town.playground, "muted", 0)
    town.set_roles(town.playground, town.bob, town.moderators, muted)
    town.overwrite(town.general, muted, deny=SEND)
    town.overwrite(town.general, town.moderators, allow=SEND)
    assert may(town.general, town.bob, SEND)


def test_a_thread_has_the_permissions_of_its_channel(town):
    town.overwrite(town.general, town.ann, deny=Permission.VIEW_CHANNEL)
    thread = town.start_thread(town.general, "thread", town.owner)
    assert not may(thread, town.ann, Permission.VIEW_CHANNEL)


def test_who_is_not_there_may_nothing(town):
    stranger = town.add_user("stranger")
    assert permissions_in(town.general, stranger) == 0
    assert permissions_in(town.dm(town.ann, town.bob), stranger) == 0
