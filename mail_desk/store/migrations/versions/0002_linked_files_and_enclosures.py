"""Files a mail only links to, and files found again by their content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('enclosure',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('sha256', 'message_id')
    )
    op.add_column('message', sa.Column('linked', sa.JSON(), nullable=True))
    op.create_index('ix_ticket_enterprise', 'ticket', ['enterprise', 'received_at'], unique=False)
