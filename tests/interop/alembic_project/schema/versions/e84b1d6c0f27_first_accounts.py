"""Insert the first accounts

Revision ID: e84b1d6c0f27
Revises: 5d20e9f7ab31
"""
import sqlalchemy as sa
from alembic import op

revision = 'e84b1d6c0f27'
down_revision = '5d20e9f7ab31'
branch_labels = None
depends_on = None


def upgrade():
    account = sa.table("account", sa.column("email", sa.String))
    op.bulk_insert(account, [{"email": "a@example.org"}, {"email": "b'c;d@example.org"}])
    op.execute("INSERT INTO item (account_id, title) SELECT id, 'at 10\\:30, 5% off' FROM account")


def downgrade():
    op.execute("DELETE FROM item")
    op.execute("DELETE FROM account")
