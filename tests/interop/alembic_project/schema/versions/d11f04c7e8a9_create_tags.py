"""Create tags

Revision ID: d11f04c7e8a9
Revises: 0a6c93e5d748
"""
import sqlalchemy as sa
from alembic import op

revision = 'd11f04c7e8a9'
down_revision = '0a6c93e5d748'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("tag", sa.Column("name", sa.String(40), primary_key=True))


def downgrade():
    op.drop_table("tag")
