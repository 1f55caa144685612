"""A chain of what belongs to no ticket: settings, people, the ledger of enterprises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mail_desk.store.schema import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('desk_event',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('type', sa.String(length=60), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('cause', sa.String(length=80), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq')
    )
