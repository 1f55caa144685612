"""One seal a day over all chains, for `verify --head`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mail_desk.store.schema import Instant

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('seal',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('chains', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number'),
    sa.UniqueConstraint('day')
    )
    op.add_column('ticket', sa.Column('sealed_seq', sa.Integer(), nullable=False, server_default='0'))
