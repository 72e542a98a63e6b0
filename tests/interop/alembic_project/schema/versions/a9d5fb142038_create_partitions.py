"""Create partitions

Revision ID: a9d5fb142038
Revises: 98c4ea031f27
"""
import sqlalchemy as sa
from alembic import op

revision = 'a9d5fb142038'
down_revision = '98c4ea031f27'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE TABLE event (at date NOT NULL, what text) PARTITION BY RANGE (at)")
    for year in (2025, 2026):
        op.execute(
            f"CREATE TABLE event_{year} PARTITION OF event "
            f"FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
        )


def downgrade():
    op.execute("DROP TABLE event")
