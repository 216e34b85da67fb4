"""Gateway v10 as plain JSON text: sessions, their connections, and who is told what."""

from collections.abc import Callable, Iterator

from aiohttp import web

from playground.chat.connection import Connection
from playground.chat.events import Event
from playground.chat.limits import RateLimiter
from playground.chat.model import User
from playground.chat.record import Record
from playground.chat.session import Session
from playground.chat.world import World


class Gateway:
    def __init__(self, limiter: RateLimiter, record: Record, clock: Callable[[], float]) -> None:
        self.limiter, self.record, self.clock = limiter, record, clock
        self.world: World
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()

    def publish(self, event: Event) -> None:
        """Tell all sessions; those without a connection keep it for their return."""
        oldest = self.clock() - self.limiter.limits.resume_life_s
        for session in list(self.sessions.values()):
            if session.lost_at is not None and session.lost_at < oldest:
                del self.sessions[session.id]
            else:
                session.deliver(event)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, timeout=1.0)
        await ws.prepare(request)
        connection = Connection(self, ws, request.transport)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
        return ws

    def has(self, user: User) -> bool:
        """Tell whether a client of this user is connected now."""
        return any(one.user is user and one.connection is not None for one in self.sessions.values())

    def close_all(self) -> None:
        for connection in self._connections:
            connection.close(1001)

    # What a test may do to those connected; `user` None stands for every bot.

    def close(self, code: int = 1001, user: User | None = None) -> None:
        """Close connections with a code. 4004, 4010 to 4014 and the like are for good, others may resume."""
        for connection in self._of(user):
            connection.close(code)

    def drop(self, user: User | None = None) -> None:
        """Break connections without a word."""
        for connection in self._of(user):
            connection.abort()

    def ask_to_reconnect(self, user: User | None = None) -> None:
        for connection in self._of(user):
            connection.send(b'{"op":7,"d":null,"s":null,"t":null}')

    def invalidate(self, user: User | None = None, *, resumable: bool = False) -> None:
        """Tell that the session is over (op 9); unless `resumable`, it is."""
        for connection in self._of(user):
            if not resumable and connection.session is not None:
                self.sessions.pop(connection.session.id, None)
            connection.send(b'{"op":9,"d":%s,"s":null,"t":null}' % (b"true" if resumable else b"false"))

    def _of(self, user: User | None) -> Iterator[Connection]:
        for connection in list(self._connections):
            session = connection.session
            if session is not None and (session.user is user or (user is None and session.user.bot)):
                yield connection
