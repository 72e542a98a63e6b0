"""Audit accounts

Revision ID: f1122b3c4d5e
Revises: f0011a2b3c4d
"""
import sqlalchemy as sa
from alembic import op

revision = 'f1122b3c4d5e'
down_revision = 'f0011a2b3c4d'
branch_labels = None
depends_on = 'c07f5a81e934'


def upgrade():
    op.add_column("audit", sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.id")))


def downgrade():
    op.drop_column("audit", "account_id")
