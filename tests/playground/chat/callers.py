"""Plain HTTP and websocket callers, so that the server is tested without the client that it is made for."""

import asyncio
from dataclasses import dataclass

import aiohttp
import msgspec

ASK = {
    "name": "ask",
    "description": "Ask",
    "options": [
        {"name": "prompt", "description": "What", "type": 3, "required": True, "max_length": 50},
        {"name": "model", "description": "Which", "type": 3, "autocomplete": True},
        {"name": "private", "description": "Only for you", "type": 5},
    ],
}
STOP = [{"type": 1, "components": [{"type": 2, "style": 4, "label": "Stop", "custom_id": "stop"}]}]


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


@dataclass
class Answer:
    status: int
    headers: dict
    body: object

    @property
    def refusal(self):
        return self.status, self.body["code"]

    @property
    def id(self):
        return int(self.body["id"])


class Caller:
    """Calls REST with one token, or none."""

    def __init__(self, http, api_url, authorization=None):
        self._http, self._api_url = http, api_url
        self._headers = {"Authorization": authorization} if authorization else {}

    async def __call__(self, method, path, body=None, *, data=None):
        headers = self._headers
        if body is not None:
            data, headers = msgspec.json.encode(body), {**headers, "Content-Type": "application/json"}
        async with self._http.request(method, self._api_url + path, data=data, headers=headers) as response:
            raw = await response.read()
            is_json = response.headers.get("Content-Type") == "application/json"
            return Answer(response.status, response.headers, msgspec.json.decode(raw) if is_json else raw.decode())


class Socket:
    """A gateway connection by hand."""

    def __init__(self, ws):
        self._ws = ws
        self.seq = 0

    async def send(self, op, data):
        await self._ws.send_str(msgspec.json.encode({"op": op, "d": data}).decode())

    async def raw(self, text):
        await self._ws.send_str(text)

    async def receive(self):
        """Give the next frame, or the code that closed the connection."""
        async with asyncio.timeout(5):
            message = await self._ws.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            return self._ws.close_code
        frame = msgspec.json.decode(message.data)
        self.seq = frame["s"] or self.seq
        return frame

    async def event(self, name):
        """Give the data of the next event of that name; others are passed over."""
        while isinstance(frame := await self.receive(), dict):
            if frame["t"] == name:
                return frame["d"]
        raise AssertionError(f"closed with {frame} before {name}")

    async def until_closed(self):
        while isinstance(frame := await self.receive(), dict):
            pass
        return frame

    async def identify(self, token, intents=0, **more):
        """Say HELLO's answer; give READY."""
        assert (await self.receive())["op"] == 10
        await self.send(2, {"token": token, "intents": intents, "properties": {}, **more})
        return await self.event("READY")

    async def close(self, code=1000):
        await self._ws.close(code=code)
