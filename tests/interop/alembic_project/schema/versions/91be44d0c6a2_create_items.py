"""Create items

Revision ID: 91be44d0c6a2
Revises: 3f1a0c7d2b10
"""
import sqlalchemy as sa
from alembic import op

revision = '91be44d0c6a2'
down_revision = '3f1a0c7d2b10'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("title", sa.Text, nullable=False, server_default="it's; nothing"),
    )
    op.create_index("ix_item_account_id", "item", ["account_id"])


def downgrade():
    op.drop_index("ix_item_account_id", table_name="item")
    op.drop_table("item")
