"""Index invoices while they are written

Revision ID: b33a9e41b275
Revises: b22f8d30a164
"""
import sqlalchemy as sa
from alembic import op

revision = 'b33a9e41b275'
down_revision = 'b22f8d30a164'
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index("ix_invoice_account_id", "invoice", ["account_id"], postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_invoice_account_id", table_name="invoice", postgresql_concurrently=True)
