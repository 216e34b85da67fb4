"""One websocket of the gateway: HELLO, IDENTIFY or RESUME, heartbeats, and a queue of frames going out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import WSMsgType, web

from playground.chat import events
from playground.chat.audience import may_ask_for
from playground.chat.limits import Window
from playground.chat.model import ChannelKind, Json, User
from playground.chat.payloads import channel_json, member_json, own_user_json
from playground.chat.record import Identify
from playground.chat.session import Session

if TYPE_CHECKING:
    from playground.chat.gateway import Gateway

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, MEMBERS = 1, 2, 3, 4, 6, 8

UNKNOWN_OP, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = range(4001, 4006)
RATE_LIMITED, INVALID_INTENTS, DISALLOWED_INTENTS = 4008, 4013, 4014


class Connection:
    """`session` is None until the client has said who it is."""

    def __init__(self, gateway: Gateway, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._gateway, self._ws, self._transport = gateway, ws, transport
        self.session: Session | None = None
        self._outbox: asyncio.Queue[bytes | int] = asyncio.Queue()
        self._is_ending = False
        self._sends = Window(gateway.limiter.limits.gateway_sends, gateway.clock)

    def send(self, frame: bytes) -> None:
        self._outbox.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close once all that is queued has gone out."""
        self._outbox.put_nowait(code)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def run(self) -> None:
        """Speak with the client until either side closes."""
        interval = round(self._gateway.limiter.limits.heartbeat_s * 1000)
        self._say(10, {"heartbeat_interval": interval})
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump())
            try:
                await self._listen()
            finally:
                self._detach()
                pump.cancel()

    async def _pump(self) -> None:
        """Send what is queued, in order. A number closes with that code."""
        try:
            while True:
                frame = await self._outbox.get()
                if isinstance(frame, int):
                    self._is_ending = True
                    await self._ws.close(code=frame)
                    return
                await self._ws.send_frame(frame, WSMsgType.TEXT)
        except ConnectionError:
            return  # the client went away; `_listen` sees it too

    async def _listen(self) -> None:
        async for message in self._ws:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                frame = msgspec.json.decode(message.data)
                op, data = frame["op"], frame.get("d")
            except (msgspec.DecodeError, KeyError, TypeError):
                self.close(DECODE_ERROR)
                continue
            if not self._sends.take():
                self.close(RATE_LIMITED)
                continue
            self._receive(op, data)

    def _receive(self, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            self.send(b'{"op":11,"d":null,"s":null,"t":null}')
        elif op in {IDENTIFY, RESUME} and self.session is not None:
            self.close(ALREADY_AUTHENTICATED)
        elif op == IDENTIFY:
            self._identify(data)
        elif op == RESUME:
            self._resume(data)
        elif self.session is None:
            self.close(NOT_AUTHENTICATED)
        elif op == MEMBERS:
            self._send_members(self.session, data)
        elif op == PRESENCE:
            if self.session.user.bot:
                self._gateway.record.presence(data)
        elif op != VOICE:
            self.close(UNKNOWN_OP)

    def _identify(self, data: Json) -> None:
        gateway = self._gateway
        token = str(data.get("token", "")).removeprefix("Bot ")
        user = gateway.world.by_token(token)
        if user is None:
            self.close(AUTHENTICATION_FAILED)
            return
        if user.bot:
            gateway.record.identify(Identify(gateway.clock(), user.id, resumed=False))
            gateway.limiter.identifies(user.id).take()
            intents = data.get("intents")
            if not isinstance(intents, int):
                self.close(INVALID_INTENTS)
                return
            if not may_ask_for(gateway.world.applications[user.id], intents):
                self.close(DISALLOWED_INTENTS)
                return
        shard, shards = data.get("shard") or (0, 1)
        session = Session(
            user, data.get("intents", 0), gateway.limiter.limits.replay_events, shard=shard, shards=shards
        )
        gateway.sessions[session.id] = session
        self._attach(session)
        self._welcome(session)

    def _welcome(self, session: Session) -> None:
        world, user = self._gateway.world, session.user
        guilds = [guild for guild in world.guilds.values() if user.id in guild.members and session.serves(guild)]
        ready: Json = {
            "v": 10,
            "user": own_user_json(user),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._gateway.url,
            "private_channels": [],
        }
        if user.bot:
            ready["application"] = {"id": str(user.id), "flags": world.applications[user.id].flags}
            ready["shard"] = [session.shard, session.shards]
        else:
            ready["private_channels"] = self._dms(user)
        session.send("READY", msgspec.json.encode(ready))
        for guild in guilds:
            if not guild.unavailable:
                session.deliver(events.guild_created(guild, user))

    def _dms(self, user: User) -> list[Json]:
        channels = self._gateway.world.channels.values()
        return [channel_json(one, user) for one in channels if one.kind is ChannelKind.DM and user in one.recipients]

    def _resume(self, data: Json) -> None:
        gateway = self._gateway
        session = gateway.sessions.get(data.get("session_id", ""))
        token = str(data.get("token", "")).removeprefix("Bot ")
        is_known = session is not None and session.user.token == token
        if session is None or not is_known or not session.can_replay(data.get("seq") or 0):
            self._say(9, data=False)
            return
        if session.user.bot:
            gateway.record.identify(Identify(gateway.clock(), session.user.id, resumed=True))
        self._attach(session)
        session.replay(data.get("seq") or 0)

    def _attach(self, session: Session) -> None:
        self.session = session
        session.connection, session.lost_at = self, None

    def _detach(self) -> None:
        """Leave the session to a client that comes back, unless it said goodbye itself."""
        session = self.session
        if session is None or session.connection is not self:
            return
        session.connection, session.lost_at = None, self._gateway.clock()
        if self._ws.close_code in {1000, 1001} and not self._is_ending:
            self._gateway.sessions.pop(session.id, None)

    def _send_members(self, session: Session, data: Json) -> None:
        guild = self._gateway.world.guilds[int(data["guild_id"])]
        wanted = {int(one) for one in _list(data.get("user_ids"))}
        members = [one for one in guild.members.values() if not wanted or one.user.id in wanted]
        chunk: Json = {
            "guild_id": str(guild.id),
            "members": [member_json(one) for one in members],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": data.get("nonce"),
        }
        session.send("GUILD_MEMBERS_CHUNK", msgspec.json.encode(chunk))

    def _say(self, op: int, data: Any) -> None:
        self.send(msgspec.json.encode({"op": op, "d": data, "s": None, "t": None}))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
