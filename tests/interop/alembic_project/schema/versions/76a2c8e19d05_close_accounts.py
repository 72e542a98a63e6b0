"""Let accounts be closed

Revision ID: 76a2c8e19d05
Revises: 4e7d1f0b62c8
"""
import sqlalchemy as sa
from alembic import op

revision = '76a2c8e19d05'
down_revision = '4e7d1f0b62c8'
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE account_state ADD VALUE 'closed'")
    op.add_column("account", sa.Column("closed_at", sa.Date))


def downgrade():
    op.drop_column("account", "closed_at")
