"""Where the migrations run: the database that SAMPLE_DATABASE_URL names."""
import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine

fileConfig(context.config.config_file_name)
# What a project may print is not SQL.
print("sample project")

url = os.environ.get("SAMPLE_DATABASE_URL", "postgresql+psycopg://nobody@nowhere/sample")

if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
