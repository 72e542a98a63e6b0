"""Call it a label

Revision ID: d33b6c290acb
Revises: d2205b18f9ba
"""
import sqlalchemy as sa
from alembic import op

revision = 'd33b6c290acb'
down_revision = 'd2205b18f9ba'
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("item_tag", "tag", new_column_name="label")


def downgrade():
    op.alter_column("item_tag", "label", new_column_name="tag")
