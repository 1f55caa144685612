"""What a mail of staff proves of its author, kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('message', sa.Column('proof', sa.JSON(), nullable=True))
