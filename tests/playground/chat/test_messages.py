"""Messages of channels: what is kept, what is refused and with which code."""

import aiohttp
import pytest

from playground.chat.permissions import Permission
from tests.playground.chat.callers import STOP


@pytest.fixture
def send(bot, general):
    async def send(content="text", **more):
        return await bot("POST", f"{general}/messages", {"content": content, **more})

    return send


async def test_a_message_is_trimmed_and_counted_in_code_points(send):
    assert (await send("  \n hello \n ")).body["content"] == "hello"
    assert (await send("🛑" * 2000)).status == 200


async def test_what_is_too_long_is_refused(send, bot, general):
    refused = await send("x" * 2001)
    assert refused.refusal == (400, 50035)
    (error,) = refused.body["errors"]["content"]["_errors"]
    assert error == {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    message = await send()
    path = f"{general}/messages/{message.id}"
    assert (await bot("PATCH", path, {"content": "x" * 2001})).refusal == (400, 50035)
    assert (await bot("GET", path)).body["content"] == "text"


@pytest.mark.parametrize("content", ["", "  \n\t ", None])
async def test_an_empty_message_is_refused_when_sent_and_when_edited(send, bot, general, content):
    assert (await send(content)).refusal == (400, 50006)
    message = await send()
    edit = await bot("PATCH", f"{general}/messages/{message.id}", {"content": content})
    assert edit.refusal == (400, 50006)


async def test_an_edit_keeps_components_that_it_leaves_out_and_drops_those_that_it_empties(send, bot, general):
    message = await send(components=STOP)
    path = f"{general}/messages/{message.id}"
    kept = (await bot("PATCH", path, {"content": "new"})).body
    assert kept["components"][0]["components"][0]["custom_id"] == "stop"
    assert kept["edited_timestamp"] is not None
    assert (await bot("PATCH", path, {"components": []})).body["components"] == []


def row(*custom_ids):
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": one} for one in custom_ids]}


@pytest.mark.parametrize(
    "components",
    [
        [row("x" * 101)],
        [row("")],
        [row(*"abcdef")],
        [row()],
        [row("same", "same")],
        [row(str(n)) for n in range(6)],
        [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}]}],
        [{"type": 1, "components": [{"type": 2, "style": 1, "label": "no id"}]}],
        [{"type": 2, "style": 1, "label": "no row", "custom_id": "a"}],
    ],
)
async def test_components_out_of_bounds_are_refused(send, components):
    assert (await send(components=components)).refusal == (400, 50035)


async def test_components_within_bounds_are_taken(send):
    assert (await send(components=[row("x" * 100, *"abcd")] + [row(str(n)) for n in range(4)])).status == 200


async def test_components_v2_take_no_content_and_their_flag_stays(send, bot, general):
    texts = [{"type": 10, "content": "hello"}]
    assert (await send("text", components=texts, flags=1 << 15)).refusal == (400, 50035)
    message = await send(None, components=texts, flags=1 << 15)
    path = f"{general}/messages/{message.id}"
    assert (await bot("PATCH", path, {"flags": 0})).body["flags"] == 1 << 15
    too_much = [{"type": 10, "content": "x" * 2001}] * 2
    assert (await bot("PATCH", path, {"components": too_much})).refusal == (400, 50035)


async def test_embeds_are_bounded(send):
    assert (await send("", embeds=[{"description": "x"}])).body["embeds"] == [{"type": "rich", "description": "x"}]
    assert (await send(embeds=[{"description": "x" * 4097}])).refusal == (400, 50035)
    assert (await send(embeds=[{"description": "x" * 3001}] * 2)).refusal == (400, 50035)


async def test_of_the_flags_only_those_that_may_be_set_are(send, bot, general):
    message = await send(flags=4 | 64 | 128)
    assert message.body["flags"] == 4, "neither EPHEMERAL nor LOADING outside interactions"
    edited = await bot("PATCH", f"{general}/messages/{message.id}", {"flags": 0})
    assert edited.body["flags"] == 0


async def test_a_repeated_nonce_gives_the_first_message_for_some_minutes(send, world, clock):
    first = await send("one", nonce="n", enforce_nonce=True)
    again = await send("two", nonce="n", enforce_nonce=True)
    assert (again.id, again.body["content"]) == (first.id, "one")
    clock.advance(301)
    assert (await send("three", nonce="n", enforce_nonce=True)).id != first.id
    assert (await send("x", nonce="n" * 26)).refusal == (400, 50035)


async def test_a_reply_shows_its_target_and_pings_its_author(send, bot, general, as_user, world):
    ann = as_user(world.ann)
    asked = await ann("POST", f"{general}/messages", {"content": "question"})
    reply = (await send("answer", message_reference={"message_id": str(asked.id)})).body
    assert reply["type"] == 19
    assert reply["referenced_message"]["id"] == str(asked.id)
    assert [one["username"] for one in reply["mentions"]] == ["ann"]
    silent = {"message_reference": {"message_id": str(asked.id)}, "allowed_mentions": {"parse": []}}
    assert (await send("answer", **silent)).body["mentions"] == []
    await ann("DELETE", f"{general}/messages/{asked.id}")
    assert (await bot("GET", f"{general}/messages/{reply['id']}")).body["referenced_message"] is None


async def test_a_reply_to_nothing_is_refused_unless_it_may_stand_alone(send):
    assert (await send(message_reference={"message_id": "1"})).refusal == (400, 50035)
    alone = await send(message_reference={"message_id": "1", "fail_if_not_exists": False})
    assert (alone.status, alone.body["type"]) == (200, 0)


async def test_without_allowed_mentions_everything_pings_and_an_edit_parses_again(send, bot, general, world):
    world.set_permissions(world.playground, None, world.playground.roles[world.playground.id].permissions | 1 << 17)
    text = f"<@{world.ann.id}> <@&{world.moderators.id}> @everyone"
    loud = (await send(text)).body
    assert ([one["username"] for one in loud["mentions"]], loud["mention_everyone"]) == (["ann"], True)
    assert loud["mention_roles"] == [str(world.moderators.id)]
    message = await send(text, allowed_mentions={"parse": []})
    assert (message.body["mentions"], message.body["mention_everyone"]) == ([], False)
    edited = await bot("PATCH", f"{general}/messages/{message.id}", {"content": text + "!"})
    assert edited.body["mention_everyone"] is True


async def test_unknown_things_have_their_codes(bot, general):
    assert (await bot("GET", f"{general}/messages/1")).refusal == (404, 10008)
    assert (await bot("PATCH", f"{general}/messages/1", {"content": "x"})).refusal == (404, 10008)
    assert (await bot("POST", "/channels/1/messages", {"content": "x"})).refusal == (404, 10003)
    assert (await bot("GET", "/guilds/1/channels")).refusal == (404, 10004)
    assert (await bot("GET", "/nowhere")).status == 404


async def test_callers_are_told_apart(bot, nobody, as_user, world, general):
    assert (await nobody("GET", "/users/@me")).status == 401
    person = as_user(world.ann)
    assert (await person("GET", "/gateway/bot")).refusal == (403, 20002)
    assert (await bot("POST", "/interactions", {"type": 2})).refusal == (403, 20001)
    assert (await person("GET", "/users/@me")).body["username"] == "ann"


async def test_a_missing_permission_and_a_hidden_channel_are_told_apart(send, bot, general, world):
    world.overwrite(world.general, world.bot, deny=Permission.SEND_MESSAGES)
    assert (await send()).refusal == (403, 50013)
    world.overwrite(world.general, world.bot, deny=Permission.VIEW_CHANNEL)
    assert (await send()).refusal == (403, 50001)
    assert (await bot("GET", f"{general}/messages")).refusal == (403, 50001)
    world.leave(world.playground, world.bot)
    assert (await send()).refusal == (403, 50001)


async def test_only_the_author_edits_and_only_moderators_delete_for_others(send, as_user, general, world):
    path = f"{general}/messages/{(await send()).id}"
    ann, bob = as_user(world.ann), as_user(world.bob)
    assert (await ann("PATCH", path, {"content": "mine"})).refusal == (403, 50005)
    assert (await ann("DELETE", path)).refusal == (403, 50013)
    assert (await bob("PATCH", path, {"content": "mine"})).refusal == (403, 50005)
    assert (await bob("PATCH", path, {"flags": 4})).body["flags"] == 4
    assert (await bob("DELETE", path)).status == 204
    assert (await bob("GET", path)).refusal == (404, 10008)


async def test_many_are_deleted_at_once_by_those_who_manage_messages(send, bot, general, world):
    ids = [str((await send()).id) for _ in range(3)]
    path = f"{general}/messages/bulk-delete"
    assert (await bot("POST", path, {"messages": ids})).refusal == (403, 50013)
    world.overwrite(world.general, world.bot, allow=Permission.MANAGE_MESSAGES)
    assert (await bot("POST", path, {"messages": ids[:1]})).refusal == (400, 50035)
    assert (await bot("POST", path, {"messages": ids[:2]})).status == 204
    assert [one["id"] for one in (await bot("GET", f"{general}/messages")).body] == ids[2:]


async def test_history_is_listed_newest_first_around_ids(send, bot, general, clock):
    ids = []
    for _ in range(6):
        ids.append((await send()).id)
        clock.advance(5)

    async def listed(query):
        return [ids.index(int(one["id"])) for one in (await bot("GET", f"{general}/messages?{query}")).body]

    assert await listed("") == [5, 4, 3, 2, 1, 0]
    assert await listed(f"before={ids[3]}&limit=2") == [2, 1]
    assert await listed(f"after={ids[1]}&limit=2") == [3, 2]
    assert await listed(f"around={ids[3]}&limit=3") == [4, 3, 2]
    assert (await bot("GET", f"{general}/messages?limit=101")).refusal == (400, 50035)


async def test_without_the_right_to_read_history_there_is_none(send, bot, general, world):
    message = await send()
    world.overwrite(world.general, world.bot, deny=Permission.READ_MESSAGE_HISTORY)
    assert (await bot("GET", f"{general}/messages")).body == []
    assert (await bot("GET", f"{general}/messages/{message.id}")).refusal == (403, 50013)
    assert (await send(message_reference={"message_id": str(message.id)})).refusal == (400, 160002)


async def test_files_come_as_a_form_and_can_be_fetched(bot, general, http):
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "see"}', content_type="application/json")
    form.add_field("files[0]", b"some text", filename="a.txt", content_type="text/plain")
    message = await bot("POST", f"{general}/messages", data=form)
    (attachment,) = message.body["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("a.txt", 9)
    async with http.get(attachment["url"]) as response:
        assert await response.read() == b"some text"
    path = f"{general}/messages/{message.id}"
    kept = await bot("PATCH", path, {"attachments": [{"id": attachment["id"]}]})
    assert len(kept.body["attachments"]) == 1
    assert (await bot("PATCH", path, {"attachments": []})).body["attachments"] == []


async def test_a_dm_is_made_once_and_has_no_guild(bot, as_user, world, ann):
    made = await bot("POST", "/users/@me/channels", {"recipient_id": str(world.ann.id)})
    assert made.body["recipients"][0]["username"] == "ann"
    assert await ann.dm(world.bot.id) == made.id
    await bot("POST", f"/channels/{made.id}/messages", {"content": "psst"})
    assert "guild_id" not in await ann.until(lambda m: m["content"] == "psst")
    assert (await as_user(world.bob)("GET", f"/channels/{made.id}")).refusal == (403, 50001)


async def test_json_is_answered_without_a_charset_and_bad_json_is_refused(bot, general, http, server, world):
    assert (await bot("GET", "/users/@me")).headers["Content-Type"] == "application/json"
    assert (await bot("POST", f"{general}/messages", data=b"{")).refusal == (400, 50109)


async def test_a_bot_that_may_not_read_content_gets_empty_texts_by_rest_too(bot, as_user, general, world):
    world.application.flags = 0
    ann = as_user(world.ann)
    secret = await ann("POST", f"{general}/messages", {"content": "for people"})
    spoken = await ann("POST", f"{general}/messages", {"content": f"<@{world.bot.id}> for you"})
    contents = {int(m["id"]): m["content"] for m in (await bot("GET", f"{general}/messages")).body}
    assert contents == {secret.id: "", spoken.id: f"<@{world.bot.id}> for you"}
    world.application.flags = 1 << 19
    assert (await bot("GET", f"{general}/messages/{secret.id}")).body["content"] == "for people"
