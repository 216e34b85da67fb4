"""What a person's client has received: guilds, channels, the newest state of each message."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Self

from playground.chat.model import Json

Predicate = Callable[[Json], bool]
SHOWN = 5  # messages in the text of a TimeoutError


class EventStream:
    """Live events from the moment it was made, as (name, data); ends when the client closes."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[str, Json] | None] = asyncio.Queue()

    def put(self, event: tuple[str, Json] | None) -> None:
        self._queue.put_nowait(event)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[str, Json]:
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return event


class Inbox:
    def __init__(self) -> None:
        self.user: Json = {}
        self.guilds: dict[int, Json] = {}
        self.channels: dict[int, Json] = {}
        self._messages: dict[int, dict[int, Json]] = {}
        self._waiting: list[tuple[Predicate, asyncio.Future[Json]]] = []
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()
        self._is_settled = asyncio.Event()
        self._closed = ""
        self._takers: dict[str, Callable[[Json], None]] = {
            "READY": self._begin,
            "GUILD_CREATE": self._put_guild,
            "GUILD_DELETE": self._drop_guild,
            "CHANNEL_CREATE": self._put_channel,
            "CHANNEL_UPDATE": self._put_channel,
            "CHANNEL_DELETE": self._drop_channel,
            "THREAD_CREATE": self._put_channel,
            "THREAD_UPDATE": self._put_channel,
            "THREAD_DELETE": self._drop_channel,
            "MESSAGE_CREATE": self._put_message,
            "MESSAGE_UPDATE": self._put_message,
            "MESSAGE_DELETE": self._drop_message,
            "MESSAGE_DELETE_BULK": self._drop_messages,
        }

    def receive(self, name: str, data: Json) -> None:
        taker = self._takers.get(name)
        if taker is not None:
            taker(data)
        for stream in list(self._streams):
            stream.put((name, data))

    def _begin(self, ready: Json) -> None:
        self.user = ready["user"]
        self.guilds = {int(guild["id"]): guild for guild in ready["guilds"]}
        self.channels = {int(dm["id"]): dm for dm in ready["private_channels"]}
        self._settle()

    def _put_guild(self, guild: Json) -> None:
        self.guilds[int(guild["id"])] = guild
        self.channels |= {int(one["id"]): one for one in guild["channels"] + guild["threads"]}
        self._settle()

    def _settle(self) -> None:
        if not any(guild["unavailable"] for guild in self.guilds.values()):
            self._is_settled.set()

    def _drop_guild(self, guild: Json) -> None:
        self.guilds.pop(int(guild["id"]), None)
        self.channels = {key: one for key, one in self.channels.items() if one.get("guild_id") != guild["id"]}

    def _put_channel(self, channel: Json) -> None:
        self.channels[int(channel["id"])] = channel

    def _drop_channel(self, channel: Json) -> None:
        self.channels.pop(int(channel["id"]), None)
        self._messages.pop(int(channel["id"]), None)

    def _drop_message(self, data: Json) -> None:
        self._of(data).pop(int(data["id"]), None)

    def _drop_messages(self, data: Json) -> None:
        for message_id in data["ids"]:
            self._of(data).pop(int(message_id), None)

    def _of(self, data: Json) -> dict[int, Json]:
        return self._messages.setdefault(int(data["channel_id"]), {})

    def _put_message(self, data: Json) -> None:
        messages, message_id = self._of(data), int(data["id"])
        # A new dict each time: who holds an earlier state keeps it.
        message = messages[message_id] = messages.get(message_id, {}) | data
        for predicate, future in self._waiting:
            if not future.done():
                _try(predicate, message, future)

    async def ready(self) -> None:
        """Wait until all guilds are there. Raises ConnectionError if the gateway closes before that."""
        await self._is_settled.wait()
        if self._closed:
            raise ConnectionError(self._closed)

    def messages(self, channel_id: int) -> list[Json]:
        messages = self._messages.get(channel_id, {})
        return [messages[key] for key in sorted(messages)]

    def add_history(self, messages: list[Json]) -> None:
        for message in messages:
            self._of(message).setdefault(int(message["id"]), message)

    async def until(self, predicate: Predicate, timeout: float) -> Json:  # noqa: ASYNC109 - part of what callers ask for
        """Give the first message that is or becomes so. Raises TimeoutError, ConnectionError."""
        for messages in list(self._messages.values()):
            for message in messages.values():
                if predicate(message):
                    return message
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        waiting = (predicate, future)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise TimeoutError(f"no such message in {timeout} s; the newest are {self._newest()}") from None
        finally:
            self._waiting.remove(waiting)

    def _newest(self) -> list[tuple[str, str]]:
        everything = [one for messages in self._messages.values() for one in messages.values()]
        newest = sorted(everything, key=lambda one: int(one["id"]))[-SHOWN:]
        return [(one["author"]["username"], one["content"]) for one in newest]

    def stream(self) -> EventStream:
        stream = EventStream()
        self._streams.add(stream)
        return stream

    def close(self, reason: str) -> None:
        """End the streams and fail those who wait."""
        self._closed = reason
        self._is_settled.set()
        for stream in list(self._streams):
            stream.put(None)
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionError(reason))


def _try(predicate: Predicate, message: Json, future: asyncio.Future[Json]) -> None:
    try:
        if predicate(message):
            future.set_result(message)
    except Exception as error:  # noqa: BLE001 - the waiter is told, whatever it was
        future.set_exception(error)
