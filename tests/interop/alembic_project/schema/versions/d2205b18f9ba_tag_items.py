"""Tag items

Revision ID: d2205b18f9ba
Revises: d11f04c7e8a9
"""
import sqlalchemy as sa
from alembic import op

revision = 'd2205b18f9ba'
down_revision = 'd11f04c7e8a9'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "item_tag",
        sa.Column("item_id", sa.BigInteger, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("tag", sa.String(40), sa.ForeignKey("tag.name"), primary_key=True),
    )


def downgrade():
    op.drop_table("item_tag")
