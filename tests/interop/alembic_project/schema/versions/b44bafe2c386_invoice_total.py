"""Sum up invoices in a view

Revision ID: b44bafe2c386
Revises: b33a9e41b275
"""
import sqlalchemy as sa
from alembic import op

revision = 'b44bafe2c386'
down_revision = 'b33a9e41b275'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE VIEW invoice_total AS SELECT account_id, sum(amount) AS total FROM invoice GROUP BY 1")


def downgrade():
    op.execute("DROP VIEW invoice_total")
