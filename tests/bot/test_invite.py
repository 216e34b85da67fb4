from urllib.parse import parse_qs, urlsplit

from discord import Permissions

from bot.invite import NEEDED, invite_url, missing


def test_the_link_asks_for_exactly_what_is_needed():
    query = parse_qs(urlsplit(invite_url(42)).query)
    asked = Permissions(int(query["permissions"][0]))
    assert query["client_id"] == ["42"]
    assert query["scope"] == ["bot applications.commands"]
    assert {name for name, granted in asked if granted} == {
        "read_messages", "send_messages", "send_messages_in_threads", "create_public_threads", "read_message_history",
        "attach_files",
    }  # fmt: skip


def test_an_administrator_lacks_nothing():
    assert not missing(Permissions(administrator=True).value)
    assert list(missing(0)) == list(NEEDED)


def test_what_is_missing_is_named():
    bits = sum(permission.bit for permission in NEEDED) & ~Permissions(attach_files=True).value
    assert [permission.name for permission in missing(bits)] == ["Attach Files"]
