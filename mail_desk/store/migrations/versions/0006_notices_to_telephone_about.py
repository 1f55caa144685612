"""What was to remind of a telephone call by itself waits for the worklist of its day."""

from __future__ import annotations

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE moment SET state = 'waiting' WHERE action = 'confirm' AND state = 'pending'")
