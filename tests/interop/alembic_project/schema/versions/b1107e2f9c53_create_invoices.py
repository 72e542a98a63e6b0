"""Create invoices

Revision ID: b1107e2f9c53
Revises: 0a6c93e5d748
"""
import sqlalchemy as sa
from alembic import op

revision = 'b1107e2f9c53'
down_revision = '0a6c93e5d748'
branch_labels = ('billing',)
depends_on = None


def upgrade():
    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.id", ondelete="CASCADE")),
        sa.Column("amount", sa.Integer, nullable=False),
    )


def downgrade():
    op.drop_table("invoice")
