"""What each change replaced, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "r2"
down_revision = "r1"


def upgrade() -> None:
    """Makes the table of changes; what was done before it existed cannot be undone."""
    op.create_table(
        "aftershock_change",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("stamp", sa.BigInteger, primary_key=True),
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("before", sa.Text, nullable=True),
    )
