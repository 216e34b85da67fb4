"""Each rate limit, by plain HTTP and by a clock under control."""

import pytest

from playground.chat import ChatServer, Limits, Rate
from playground.chat.limits import Window
from tests.playground.chat.callers import Caller, Clock


def test_a_window_opens_with_its_first_use_and_ends_a_period_later():
    clock = Clock()
    window = Window(Rate(2, 5.0), clock)
    clock.advance(100)
    assert window.take()
    clock.advance(4.9)
    assert window.take()
    assert not window.take()
    assert window.reset_after == pytest.approx(0.1)
    clock.advance(0.1)
    assert window.take()
    assert window.remaining == 1
    clock.advance(7)
    assert window.take()
    assert window.reset_after == pytest.approx(5.0), "not on a grid: the next one opens with its own first use"


@pytest.fixture
async def message(bot, general):
    return (await bot("POST", f"{general}/messages", {"content": "one"})).id


async def edits(bot, path, count):
    return [await bot("PATCH", path, {"content": f"edit {n}"}) for n in range(count)]


async def test_a_channel_takes_five_edits_in_five_seconds(server, bot, general, message, clock):
    path = f"{general}/messages/{message}"
    answers = await edits(bot, path, 6)
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    remaining = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert remaining == ["4", "3", "2", "1", "0", "0"]
    clock.advance(5)
    assert (await edits(bot, path, 1))[0].status == 200
    assert server.record.count(status=429) == server.limits.refused == 1


async def test_a_429_says_what_discords_says(bot, general, message, clock):
    path = f"{general}/messages/{message}"
    await edits(bot, path, 5)
    clock.advance(1.2)
    (refused,) = await edits(bot, path, 1)
    assert refused.body == {"message": "You are being rate limited.", "retry_after": 3.8, "global": False}
    expected = {
        "Retry-After": "4",
        "Via": "1.1 google",
        "X-RateLimit-Scope": "user",
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Reset-After": "3.800",
        "X-RateLimit-Bucket": "edit",
    }
    assert expected.items() <= dict(refused.headers).items()
    assert "X-RateLimit-Global" not in refused.headers
    assert float(refused.headers["X-RateLimit-Reset"]) > 1_700_000_000


async def test_all_messages_of_a_channel_share_its_edits(bot, general):
    paths = [f"{general}/messages/{(await bot('POST', f'{general}/messages', {'content': 'x'})).id}" for _ in range(2)]
    answers = [await bot("PATCH", paths[n % 2], {"content": "y"}) for n in range(6)]
    assert answers[-1].status == 429


async def test_a_thread_has_edits_of_its_own(world, bot, general, message):
    thread = await bot("POST", f"{general}/messages/{message}/threads", {"name": "thread"})
    inside = (await bot("POST", f"/channels/{thread.id}/messages", {"content": "in"})).id
    await edits(bot, f"{general}/messages/{message}", 5)
    answers = await edits(bot, f"/channels/{thread.id}/messages/{inside}", 5)
    assert {answer.status for answer in answers} == {200}


async def test_a_channel_takes_five_messages_in_five_seconds(bot, general, world):
    answers = [await bot("POST", f"{general}/messages", {"content": "x"}) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    elsewhere = await bot("POST", f"/channels/{world.side.id}/messages", {"content": "x"})
    assert elsewhere.status == 200


async def test_reactions_go_one_in_a_quarter_second(bot, general, message, clock):
    path = f"{general}/messages/{message}/reactions/%F0%9F%9B%91/@me"
    assert (await bot("PUT", path)).status == 204
    refused = await bot("DELETE", path)
    assert (refused.status, refused.body["retry_after"]) == (429, 0.25)
    clock.advance(0.25)
    assert (await bot("DELETE", path)).status == 204


async def test_edits_and_follow_ups_of_one_token_share_five_in_two_seconds(asked, respond, nobody, hook, clock):
    first, second = await asked(), await asked()
    for interaction in (first, second):
        await respond(interaction, content="x")
    original = hook(first, "/messages/@original")
    follow_up = await nobody("POST", hook(first), {"content": "more"})
    calls = [
        await nobody("PATCH", original, {"content": "y"}),
        await nobody("PATCH", hook(first, f"/messages/{follow_up.id}"), {"content": "y"}),
        await nobody("DELETE", hook(first, f"/messages/{follow_up.id}")),
        await nobody("PATCH", original, {"content": "z"}),
    ]
    assert [call.status for call in calls] == [200, 200, 204, 200]
    refused = await nobody("PATCH", original, {"content": "!"})
    assert (refused.status, refused.headers["X-RateLimit-Bucket"]) == (429, "token")
    assert (await nobody("PATCH", hook(second, "/messages/@original"), {"content": "y"})).status == 200
    clock.advance(2)
    assert (await nobody("PATCH", original, {"content": "!"})).status == 200


async def test_old_messages_take_three_edits_in_six_seconds(bot, general, message, clock):
    clock.advance(3601)
    answers = await edits(bot, f"{general}/messages/{message}", 4)
    assert [answer.status for answer in answers] == [200] * 3 + [429]
    refused = answers[-1]
    assert (refused.body["code"], refused.body["retry_after"]) == (30046, 6.0)
    assert refused.headers["X-RateLimit-Remaining"] == "1", "the channel's bucket does not foretell it"
    assert refused.headers["Via"] == "1.1 google"


async def test_a_bot_has_fifty_requests_a_second_in_all(bot, clock, as_user, world):
    answers = [await bot("GET", "/users/@me") for _ in range(51)]
    assert [answer.status for answer in answers] == [200] * 50 + [429]
    refused = answers[-1]
    assert refused.body["global"] is True
    assert (refused.headers["X-RateLimit-Scope"], refused.headers["X-RateLimit-Global"]) == ("global", "true")
    assert (await as_user(world.ann)("GET", "/users/@me")).status == 200, "a person is not that bot"
    clock.advance(1)
    assert (await bot("GET", "/users/@me")).status == 200


async def test_an_interactions_token_stands_outside_the_global_limit(bot, asked, respond, nobody, hook):
    interaction = await asked()
    for _ in range(50):
        await bot("GET", "/users/@me")
    assert (await bot("GET", "/users/@me")).status == 429
    assert (await respond(interaction, content="x")).status == 204
    path = hook(interaction, "/messages/@original")
    assert (await nobody("PATCH", path, {"content": "y"})).status == 200
    assert {(await nobody("GET", path)).status for _ in range(51)} == {200}


async def test_invalid_requests_are_counted_for_ten_minutes(server, bot, nobody, general, clock):
    await nobody("GET", "/users/@me")
    await bot("DELETE", general)
    await bot("GET", "/channels/1")
    assert server.limits.invalid == 2, "401 and 403 count, 404 does not"
    clock.advance(600)
    assert server.limits.invalid == 0


async def test_too_many_invalid_requests_end_in_a_ban(http, clock):
    async with ChatServer(Limits(invalid=Rate(3, 600.0)), clock=clock) as server:
        nobody = Caller(http, server.api_url)
        for _ in range(3):
            assert (await nobody("GET", "/users/@me")).status == 401
        bot = Caller(http, server.api_url, f"Bot {server.world.bot.token}")
        banned = await bot("GET", "/users/@me")
        assert (banned.status, banned.headers["Content-Type"].partition(";")[0]) == (429, "text/html")
        assert "Via" not in banned.headers
        clock.advance(600)
        assert (await bot("GET", "/users/@me")).status == 200


async def test_every_period_is_a_parameter(http, clock):
    async with ChatServer(Limits(edit=Rate(1, 0.1)), clock=clock) as server:
        bot = Caller(http, server.api_url, f"Bot {server.world.bot.token}")
        general = f"/channels/{server.world.general.id}"
        message = (await bot("POST", f"{general}/messages", {"content": "x"})).id
        first, second = await edits(bot, f"{general}/messages/{message}", 2)
        assert (first.status, second.status, second.body["retry_after"]) == (200, 429, 0.1)
