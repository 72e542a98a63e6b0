"""Count the items of an account

Revision ID: 5d20e9f7ab31
Revises: c07f5a81e934
"""
import sqlalchemy as sa
from alembic import op

revision = '5d20e9f7ab31'
down_revision = 'c07f5a81e934'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("account", sa.Column("items", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        """
        CREATE FUNCTION count_item() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          UPDATE account SET items = items + 1 WHERE id = NEW.account_id;
          -- a comment; with a semicolon
          RETURN NEW;
        END;
        $body$
        """
    )
    op.execute("CREATE TRIGGER count_item AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION count_item()")


def downgrade():
    op.execute("DROP TRIGGER count_item ON item")
    op.execute("DROP FUNCTION count_item()")
    op.drop_column("account", "items")
