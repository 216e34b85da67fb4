"""Conversations, answers under way, and what is set per place."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _conversations()
    _journal()
    _places()


def _conversations() -> None:
    op.create_table(
        "turns",
        _id("id", primary_key=True),
        _id("parent_id", sa.ForeignKey("turns.id"), nullable=True),
        sa.Column("role", sa.String(9), nullable=False),
        sa.Column("text", sa.Text),
        _id("channel_id"),
        _id("guild_id", nullable=True),
        _id("speaker_id"),
        sa.Column("speaker_name", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
    )
    op.create_index("turns_by_parent", "turns", ["parent_id"])
    op.create_index("turns_by_channel", "turns", ["channel_id"])
    op.create_index("turns_by_speaker", "turns", ["speaker_id"])
    op.create_table(
        "turn_messages",
        _id("message_id", primary_key=True),
        _id("turn_id", sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        _id("channel_id"),
    )
    op.create_index("turn_messages_by_turn", "turn_messages", ["turn_id"])
    op.create_index("turn_messages_by_channel", "turn_messages", ["channel_id", "message_id"])
    op.create_table("fresh_starts", _id("channel_id", primary_key=True), _id("after_message_id"))


def _journal() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(64), primary_key=True),
        _id("channel_id"),
        _id("guild_id", nullable=True),
        _id("asker_id"),
        sa.Column("asker_name", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("begun_at", sa.Float(53), nullable=False),
        _id("answer_id", nullable=True),
        _id("application_id"),
        sa.Column("token", sa.Text, nullable=False),
    )
    op.create_table(
        "run_messages",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True),
        _id("message_id", primary_key=True),
    )


def _places() -> None:
    op.create_table(
        "place_settings",
        _id("scope_id", primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table("told", _id("scope_id", primary_key=True), sa.Column("what", sa.String(64), primary_key=True))


def _id(name: str, *constraints: sa.ForeignKey, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, *constraints, primary_key=primary_key, nullable=nullable, autoincrement=False)
