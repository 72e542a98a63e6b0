"""Create an audit trail

Revision ID: f0011a2b3c4d
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = 'f0011a2b3c4d'
down_revision = None
branch_labels = ('audit',)
depends_on = None


def upgrade():
    op.create_table("audit", sa.Column("at", sa.DateTime), sa.Column("what", sa.Text))


def downgrade():
    op.drop_table("audit")
