"""A gateway session: who gets which events, numbered, and kept for a client that resumes."""

import secrets
from collections import deque
from typing import Protocol

from playground.chat.audience import ALL_INTENTS, hidden_from, receives
from playground.chat.events import Event, Intent
from playground.chat.model import Guild, User


class Connection(Protocol):
    def send(self, frame: bytes) -> None:
        """Queue a frame; returns at once."""
        ...


class Session:
    def __init__(self, user: User, intents: int, replay_events: int, *, shard: int = 0, shards: int = 1) -> None:
        self.id = secrets.token_hex(16)
        self.user = user
        self.intents = intents if user.bot else ALL_INTENTS
        self.shard, self.shards = shard, shards
        self.connection: Connection | None = None
        self.lost_at: float | None = None
        """When the connection went away; None while there is one."""
        self._seq = 0
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=replay_events)

    def deliver(self, event: Event) -> None:
        """Send an event if this session's user gets it."""
        if self.serves(event.guild or (event.channel.guild if event.channel else None)) and receives(
            self.user, self.intents, event
        ):
            message = event.message
            hidden = frozenset[int]()
            if message is not None and self.user.bot and not self.intents & Intent.MESSAGE_CONTENT:
                hidden = hidden_from(self.user, message)
            self.send(event.name, event.encoded(hidden))

    def serves(self, guild: Guild | None) -> bool:
        """Tell whether the guild's events come to this shard; those of no guild come to the first."""
        return (guild.id >> 22) % self.shards == self.shard if guild else self.shard == 0

    def send(self, name: str, data: bytes) -> None:
        self._seq += 1
        frame = b'{"op":0,"s":%d,"t":"%s","d":%s}' % (self._seq, name.encode(), data)
        self._sent.append((self._seq, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def can_replay(self, seq: int) -> bool:
        """Tell whether everything after `seq` is still kept."""
        oldest = self._sent[0][0] if self._sent else self._seq + 1
        return oldest - 1 <= seq <= self._seq

    def replay(self, seq: int) -> None:
        assert self.connection is not None
        for number, frame in list(self._sent):
            if number > seq:
                self.connection.send(frame)
        self.send("RESUMED", b"{}")
