"""Keep cents

Revision ID: b22f8d30a164
Revises: b1107e2f9c53
"""
import sqlalchemy as sa
from alembic import op

revision = 'b22f8d30a164'
down_revision = 'b1107e2f9c53'
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("invoice", "amount", type_=sa.Numeric(12, 2), existing_nullable=False)


def downgrade():
    op.alter_column("invoice", "amount", type_=sa.Integer, existing_nullable=False)
