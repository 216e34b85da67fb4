"""Who has had everything of theirs forgotten, and when: so that nothing of it is read back from Discord."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id_ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "forgotten",
        sa.Column("user_id", id_, primary_key=True, autoincrement=False),
        sa.Column("up_to_id", id_, nullable=False),
    )
