"""Who one is, DMs, guilds, the gateway's address."""

from playground.chat import errors
from playground.chat.model import Guild
from playground.chat.payloads import (
    application_json,
    channel_json,
    member_json,
    own_guild_json,
    own_user_json,
    user_json,
)
from playground.chat.rest.call import Call, Reply, Route, snowflake


def me(call: Call) -> Reply:
    return Reply(200, own_user_json(call.user))


def user(call: Call) -> Reply:
    return Reply(200, user_json(call.world.user(call.id("user"))))


def application(call: Call) -> Reply:
    return Reply(200, application_json(call.application))


def open_dm(call: Call) -> Reply:
    other = call.world.user(snowflake(str(call.body.get("recipient_id", ""))))
    if other is call.user:
        raise errors.cannot_message_user()
    return Reply(200, channel_json(call.world.dm(call.user, other), call.user))


def guilds(call: Call) -> Reply:
    """List the caller's guilds by id, those after `after`, at most `limit`."""
    after, limit = snowflake(call.query.get("after", "0")), call.number("limit", 200, 1, 200)
    mine = [one for one in call.world.guilds.values() if call.user.id in one.members and one.id > after]
    return Reply(200, [own_guild_json(one, call.user) for one in sorted(mine, key=lambda one: one.id)[:limit]])


def _guild(call: Call) -> Guild:
    guild = call.world.guild(call.id("guild"))
    if call.user.id not in guild.members:
        raise errors.missing_access()
    return guild


def member(call: Call) -> Reply:
    found = _guild(call).members.get(call.id("user"))
    if found is None:
        raise errors.unknown_member()
    return Reply(200, member_json(found))


def gateway(call: Call) -> Reply:
    return Reply(200, {"url": call.gateway_url})


def gateway_bot(call: Call) -> Reply:
    window = call.limiter.identifies(call.user.id)
    limit = {
        "total": window.rate.count,
        "remaining": window.remaining,
        "reset_after": round(window.reset_after * 1000),
        "max_concurrency": 1,
    }
    return Reply(200, {"url": call.gateway_url, "shards": 1, "session_start_limit": limit})


ROUTES = (
    Route("GET", "/users/@me", me),
    Route("GET", "/users/{user}", user),
    Route("POST", "/users/@me/channels", open_dm),
    Route("GET", "/users/@me/guilds", guilds),
    Route("GET", "/oauth2/applications/@me", application, caller="bot"),
    Route("GET", "/applications/@me", application, caller="bot"),
    Route("GET", "/guilds/{guild}/members/{user}", member),
    Route("GET", "/gateway", gateway, caller="open"),
    Route("GET", "/gateway/bot", gateway_bot, caller="bot"),
)
