"""Create accounts

Revision ID: 3f1a0c7d2b10
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = '3f1a0c7d2b10'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("email", sa.String(200), nullable=False, unique=True),
        sa.Column("joined", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        comment="People; those who pay",
    )


def downgrade():
    op.drop_table("account")
