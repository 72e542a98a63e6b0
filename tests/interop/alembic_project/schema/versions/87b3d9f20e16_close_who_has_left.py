"""Close who has left

Revision ID: 87b3d9f20e16
Revises: 76a2c8e19d05
"""
import sqlalchemy as sa
from alembic import op

revision = '87b3d9f20e16'
down_revision = '76a2c8e19d05'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE account SET state = 'closed', closed_at = '2026-01-01' WHERE email LIKE 'b%'")


def downgrade():
    op.execute("UPDATE account SET state = 'active', closed_at = NULL WHERE state = 'closed'")
