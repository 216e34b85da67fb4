"""A person's client: what Discord's own app does, for tests, the console and the page."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import msgspec

from playground.chat.errors import ApiError
from playground.chat.inbox import EventStream, Inbox
from playground.chat.model import Json

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
BUTTON, TEXT_INPUT, ACTION_ROW = 2, 4, 1
HELLO, HEARTBEAT, IDENTIFY = 10, 1, 2
REPLY_S = 5.0


class Member:
    """
    A person at the keyboard, over REST and gateway. Requests that are refused raise ApiError.

    Events are read in the background, so `messages` is always the newest; a dict in it never changes, a new state
    of a message is a new dict. Ids are ints here and strings in what was received.
    """

    def __init__(self, api_url: str, gateway_url: str, token: str) -> None:
        self._api_url, self._gateway_url, self._token = api_url, gateway_url, token
        self._inbox = Inbox()
        self._nonces = itertools.count(1)
        self._stack = AsyncExitStack()
        self._http: aiohttp.ClientSession
        self._session_id = ""

    async def __aenter__(self) -> Self:
        """Connect; return when all guilds are there."""
        async with AsyncExitStack() as stack:
            self._http = await stack.enter_async_context(aiohttp.ClientSession())
            ws = await stack.enter_async_context(self._http.ws_connect(self._gateway_url, max_msg_size=0))
            hello = await ws.receive_json()
            await ws.send_json({"op": IDENTIFY, "d": {"token": self._token, "properties": {}}})
            for task in (self._listen(ws), self._beat(ws, hello["d"]["heartbeat_interval"] / 1000)):
                stack.push_async_callback(_end, asyncio.create_task(task))
            async with asyncio.timeout(REPLY_S):
                await self._inbox.ready()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inbox.close("the client was closed")
        await self._stack.aclose()

    async def _listen(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ws:
            frame = msgspec.json.decode(message.data)
            if frame["op"] == 0:
                if frame["t"] == "READY":
                    self._session_id = frame["d"]["session_id"]
                self._inbox.receive(frame["t"], frame["d"])
        self._inbox.close(f"the gateway closed with {ws.close_code}")

    async def _beat(self, ws: aiohttp.ClientWebSocketResponse, interval: float) -> None:
        while not ws.closed:
            await asyncio.sleep(interval)
            await ws.send_json({"op": HEARTBEAT, "d": None})

    # What is there

    @property
    def id(self) -> int:
        return int(self._inbox.user["id"])

    @property
    def guilds(self) -> list[Json]:
        return list(self._inbox.guilds.values())

    def channel(self, name: str) -> int:
        """Give the id of the channel or thread of that name. Raises LookupError."""
        for channel_id, channel in self._inbox.channels.items():
            if channel.get("name") == name:
                return channel_id
        raise LookupError(f"no channel {name!r}")

    def messages(self, channel_id: int) -> list[Json]:
        """Give the messages seen so far, oldest first, one's ephemeral ones included."""
        return self._inbox.messages(channel_id)

    async def until(self, predicate: Callable[[Json], bool], timeout: float = 5.0) -> Json:  # noqa: ASYNC109 - a bound for tests
        """Give the first message that `predicate` is true of, now or later. Raises TimeoutError."""
        return await self._inbox.until(predicate, timeout)

    def events(self) -> EventStream:
        """Give what comes by the gateway from now on, as (name, data)."""
        return self._inbox.stream()

    async def history(self, channel_id: int, limit: int = 50) -> list[Json]:
        """Read what was said before; it joins `messages`."""
        messages: list[Json] = await self._ask("GET", f"/channels/{channel_id}/messages?limit={limit}")
        self._inbox.add_history(messages)
        return messages[::-1]

    # Talking

    async def say(self, channel_id: int, text: str, reply_to: int | None = None, ping: bool = True) -> Json:
        """Send a message; a reply pings whom it answers unless `ping` is off."""
        body: Json = {"content": text, "nonce": self._nonce()}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to), "channel_id": str(channel_id)}
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        sent: Json = await self._ask("POST", f"/channels/{channel_id}/messages", body)
        return sent

    async def edit(self, channel_id: int, message_id: int, text: str) -> Json:
        path = f"/channels/{channel_id}/messages/{message_id}"
        edited: Json = await self._ask("PATCH", path, {"content": text})
        return edited

    async def delete(self, channel_id: int, message_id: int) -> None:
        await self._ask("DELETE", f"/channels/{channel_id}/messages/{message_id}")

    async def react(self, channel_id: int, message_id: int, emoji: str) -> None:
        await self._ask("PUT", _reaction(channel_id, message_id, emoji))

    async def unreact(self, channel_id: int, message_id: int, emoji: str) -> None:
        await self._ask("DELETE", _reaction(channel_id, message_id, emoji))

    async def dm(self, user_id: int) -> int:
        """Give the id of the DM with someone."""
        channel = await self._ask("POST", "/users/@me/channels", {"recipient_id": str(user_id)})
        return int(channel["id"])

    async def start_thread(self, channel_id: int, message_id: int, name: str) -> int:
        path = f"/channels/{channel_id}/messages/{message_id}/threads"
        return int((await self._ask("POST", path, {"name": name}))["id"])

    # Applications

    async def command(self, channel_id: int, name: str, /, **options: Any) -> None:
        """Use a slash command; `name` may go on with a subcommand, as in "model set"."""
        command, given = await self._fill(channel_id, name, options)
        await self._interact(COMMAND, channel_id, command["application_id"], _data(command, options=given))

    async def context(self, channel_id: int, name: str, target_id: int) -> None:
        """Use a command of a message's or user's context menu."""
        command = await self._find(channel_id, name)
        data = _data(command, target_id=str(target_id))
        await self._interact(COMMAND, channel_id, command["application_id"], data)

    async def autocomplete(self, channel_id: int, name: str, /, *, focused: str, **options: Any) -> list[Json]:
        """Give the choices for the option `focused` with what is typed so far. Raises TimeoutError."""
        command, given = await self._fill(channel_id, name, options, focused)
        events = self.events()
        data = _data(command, options=given)
        nonce = await self._interact(AUTOCOMPLETE, channel_id, command["application_id"], data)
        async with asyncio.timeout(REPLY_S):
            async for event, answer in events:
                if event == "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE" and answer["nonce"] == nonce:
                    choices: list[Json] = answer["choices"]
                    return choices
        raise ConnectionError("the gateway closed")

    async def click(self, message: Json, custom_id: str, values: list[str] | None = None) -> None:
        """Press a button, or choose `values` in a menu."""
        data: Json = {"component_type": BUTTON, "custom_id": custom_id} | ({"values": values} if values else {})
        app = message.get("application_id") or message["author"]["id"]
        await self._interact(COMPONENT, int(message["channel_id"]), app, data, message_id=message["id"])

    async def submit(self, modal: Json, **values: str) -> None:
        """Send a modal as INTERACTION_MODAL_CREATE brought it, with the values of its text inputs."""
        inputs = [{"type": TEXT_INPUT, "custom_id": key, "value": value} for key, value in values.items()]
        rows = [{"type": ACTION_ROW, "components": [one]} for one in inputs]
        data = {"id": modal["id"], "custom_id": modal["custom_id"], "components": rows}
        await self._interact(MODAL, int(modal["channel_id"]), modal["application_id"], data)

    async def _interact(self, kind: int, channel_id: int, application: str, data: Json, **more: Any) -> str:
        nonce = self._nonce()
        body = {
            "type": kind,
            "application_id": application,
            "guild_id": self._inbox.channels.get(channel_id, {}).get("guild_id"),
            "channel_id": str(channel_id),
            "session_id": self._session_id,
            "nonce": nonce,
            "data": data,
        }
        await self._ask("POST", "/interactions", body | more)
        return nonce

    async def _find(self, channel_id: int, name: str) -> Json:
        index = await self._ask("GET", f"/channels/{channel_id}/application-command-index")
        for command in index["application_commands"]:
            if command["name"] == name:
                return dict(command)
        raise LookupError(f"no command {name!r} here")

    async def _fill(
        self, channel_id: int, name: str, options: Json, focused: str | None = None
    ) -> tuple[Json, list[Json]]:
        """Find a command and fill its options in; those of a subcommand stand within it."""
        first, *below = name.split(" ")
        command = await self._find(channel_id, first)
        level, path = command, []
        for word in below:
            level = next(one for one in level.get("options") or [] if one["name"] == word)
            path.append(level)
        kinds = {one["name"]: one["type"] for one in level.get("options") or []}
        given: list[Json] = [
            {"name": key, "type": kinds.get(key, 3), "value": value} | ({"focused": True} if key == focused else {})
            for key, value in options.items()
        ]
        for sub in reversed(path):
            given = [{"name": sub["name"], "type": sub["type"], "options": given}]
        return command, given

    def _nonce(self) -> str:
        return str(next(self._nonces))

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        headers = {"Authorization": self._token, "Content-Type": "application/json"}
        data = msgspec.json.encode(body) if body is not None else None
        async with self._http.request(method, self._api_url + path, data=data, headers=headers) as response:
            raw = await response.read()
            answer = msgspec.json.decode(raw) if response.content_type == "application/json" else {}
            if response.status >= 400:
                raise ApiError(response.status, answer.get("code", 0), answer.get("message", ""), answer)
            return answer


def _reaction(channel_id: int, message_id: int, emoji: str) -> str:
    return f"/channels/{channel_id}/messages/{message_id}/reactions/{quote(emoji)}/@me"


def _data(command: Json, **more: Any) -> Json:
    return {"id": command["id"], "version": command["version"], "name": command["name"], "type": command["type"]} | more


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
