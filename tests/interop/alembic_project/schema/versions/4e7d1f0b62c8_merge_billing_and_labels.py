"""Merge billing and labels

Revision ID: 4e7d1f0b62c8
Revises: b44bafe2c386, d33b6c290acb
"""
import sqlalchemy as sa
from alembic import op

revision = '4e7d1f0b62c8'
down_revision = ('b44bafe2c386', 'd33b6c290acb')
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
