"""The tables. A change here goes with a new script in `migrations/versions`, and with `migrating.HEAD`."""

import re

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """Text of people and models, in which half a surrogate pair, that no database takes, is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - it is handed over
        return value and _SURROGATE.sub("\ufffd", value)


metadata = MetaData()

_Id = BigInteger().with_variant(Integer(), "sqlite")  # in SQLite an INTEGER PRIMARY KEY is the row's own id

turns = Table(
    "turns",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
    Column("parent_id", _Id, ForeignKey("turns.id")),
    Column("role", String(9), nullable=False),
    Column("text", Words),
    Column("channel_id", _Id, nullable=False),
    Column("guild_id", _Id),
    Column("speaker_id", _Id, nullable=False),
    Column("speaker_name", Words, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("model", Words, nullable=False),
    Column("tokens", Integer, nullable=False),
    Index("turns_by_parent", "parent_id"),
    Index("turns_by_channel", "channel_id"),
    Index("turns_by_speaker", "speaker_id"),
)

turn_messages = Table(
    "turn_messages",
    metadata,
    Column("message_id", _Id, primary_key=True, autoincrement=False),
    Column("turn_id", _Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("channel_id", _Id, nullable=False),  # the turn's, for the index
    Index("turn_messages_by_turn", "turn_id"),
    Index("turn_messages_by_channel", "channel_id", "message_id"),
)

fresh_starts = Table(
    "fresh_starts",
    metadata,
    Column("channel_id", _Id, primary_key=True, autoincrement=False),
    Column("after_message_id", _Id, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("user_id", _Id, primary_key=True, autoincrement=False),
    Column("up_to_id", _Id, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("channel_id", _Id, nullable=False),
    Column("guild_id", _Id),
    Column("asker_id", _Id, nullable=False),
    Column("asker_name", Words, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("model", Words, nullable=False),
    Column("begun_at", Float(53), nullable=False),
    Column("answer_id", _Id),  # no foreign key: the run outlives its turn
    Column("application_id", _Id, nullable=False),
    Column("token", Text, nullable=False),
)

run_messages = Table(
    "run_messages",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", _Id, primary_key=True, autoincrement=False),
)

place_settings = Table(
    "place_settings",
    metadata,
    Column("scope_id", _Id, primary_key=True, autoincrement=False),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

told = Table(
    "told",
    metadata,
    Column("scope_id", _Id, primary_key=True, autoincrement=False),
    Column("what", String(64), primary_key=True),
)
