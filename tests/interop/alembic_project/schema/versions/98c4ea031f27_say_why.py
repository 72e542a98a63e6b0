"""Say why, "in quotes", -- and more

Revision ID: 98c4ea031f27
Revises: 87b3d9f20e16
The message goes on
over several lines; with
semicolons.
"""
import sqlalchemy as sa
from alembic import op

revision = '98c4ea031f27'
down_revision = '87b3d9f20e16'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("COMMENT ON TABLE item IS 'what an account has'")
    op.execute("-- nothing but a comment")


def downgrade():
    op.execute("COMMENT ON TABLE item IS NULL")
