"""Give accounts a state

Revision ID: c07f5a81e934
Revises: 91be44d0c6a2
"""
import sqlalchemy as sa
from alembic import op

revision = 'c07f5a81e934'
down_revision = '91be44d0c6a2'
branch_labels = None
depends_on = None


def upgrade():
    state = sa.Enum("new", "active", name="account_state")
    state.create(op.get_bind())
    op.add_column("account", sa.Column("state", state, nullable=False, server_default="new"))


def downgrade():
    op.drop_column("account", "state")
    op.execute("DROP TYPE account_state")
