"""Forget what nobody can bring back

Revision ID: cbf71d36425a
Revises: bae60c253149
"""
import sqlalchemy as sa
from alembic import op

revision = 'cbf71d36425a'
down_revision = 'bae60c253149'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_column("item", "title")


def downgrade():
    raise NotImplementedError("the titles are gone")
