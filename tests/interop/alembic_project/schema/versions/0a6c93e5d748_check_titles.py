"""Check that titles are not empty

Revision ID: 0a6c93e5d748
Revises: e84b1d6c0f27
"""
import sqlalchemy as sa
from alembic import op

revision = '0a6c93e5d748'
down_revision = 'e84b1d6c0f27'
branch_labels = None
depends_on = None


def upgrade():
    op.create_check_constraint("title_not_empty", "item", "title <> ''")


def downgrade():
    op.drop_constraint("title_not_empty", "item")
