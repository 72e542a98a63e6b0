"""Keep reports apart

Revision ID: bae60c253149
Revises: a9d5fb142038
"""
import sqlalchemy as sa
from alembic import op

revision = 'bae60c253149'
down_revision = 'a9d5fb142038'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE SCHEMA report")
    op.create_table("yearly", sa.Column("year", sa.SmallInteger, primary_key=True), schema="report")


def downgrade():
    op.drop_table("yearly", schema="report")
    op.execute("DROP SCHEMA report")
