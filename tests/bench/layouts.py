"""The same migrations in the layout of each tool.

A set of N begins with the table `entry`; from there on every three migrations are a table, a column
of it, and a row in `entry`: small ones, as most of a project's are.
"""
import base64
import hashlib
from pathlib import Path

FIRST = 20260101000000  # versions look like times, where a layout allows it


# One migration each, for `stall`.
STALL = {
    "one table": ("add_column", "ALTER TABLE app.busy_3 ADD COLUMN note text;"),
    "three tables": (
        "add_columns",
        "\n".join(f"ALTER TABLE app.busy_{k} ADD COLUMN note text;" for k in (1, 2, 3)),
    ),
}


def statements(count):
    """(name, SQL) of each migration, in order; `count` may be the name of a set."""
    if count in STALL:
        yield STALL[count]
        return
    for index in range(count):
        if index == 0:
            yield "create_entry", "CREATE TABLE entry (item bigint PRIMARY KEY, note text NOT NULL);"
            continue
        item, step = divmod(index - 1, 3)
        table = f"item_{item:05}"
        if step == 0:
            yield f"create_{table}", (
                f"CREATE TABLE {table} (\n"
                "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
                "  name text NOT NULL,\n"
                "  created_at timestamptz NOT NULL DEFAULT now()\n"
                ");"
            )
        elif step == 1:
            yield f"describe_{table}", f"ALTER TABLE {table} ADD COLUMN description text;"
        else:
            yield f"enter_{table}", f"INSERT INTO entry (item, note) VALUES ({item}, 'item {item}');"


CHECK = """
SELECT (SELECT count(*) FROM pg_catalog.pg_class
        WHERE relkind = 'r' AND (relname = 'entry' OR relname LIKE 'item\\_%')),
       (SELECT count(*) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = attrelid
        WHERE relkind = 'r' AND relname LIKE 'item\\_%' AND attname = 'description'),
       (SELECT count(*) FROM entry)
"""


def expected(count):
    """What CHECK must answer after `count` migrations."""
    return (
        str(1 + (count + 1) // 3),
        str(count // 3),
        str((count - 1) // 3),
    )


def number(index):
    return str(FIRST + index)


def plain(directory, count, name_of, text_of=lambda sql: sql + "\n"):
    for index, (name, sql) in enumerate(statements(count)):
        (directory / name_of(index, name)).write_text(text_of(sql))


def headway(directory, count):
    plain(directory, count, lambda i, name: f"{number(i)}_{name}.sql")


def dbmate(directory, count):
    plain(
        directory,
        count,
        lambda i, name: f"{number(i)}_{name}.sql",
        lambda sql: f"-- migrate:up\n{sql}\n\n-- migrate:down\n",
    )


def goose(directory, count):
    plain(
        directory,
        count,
        lambda i, name: f"{number(i)}_{name}.sql",
        lambda sql: f"-- +goose Up\n{sql}\n",
    )


def golang_migrate(directory, count):
    plain(directory, count, lambda i, name: f"{number(i)}_{name}.up.sql")


def tern(directory, count):
    plain(directory, count, lambda i, name: f"{i + 1:05}_{name}.sql")


def flyway(directory, count):
    plain(directory, count, lambda i, name: f"V{number(i)}__{name}.sql")


def refinery(directory, count):
    plain(directory, count, lambda i, name: f"V{i + 1}__{name}.sql")


def atlas(directory, count):
    """With atlas.sum: one running SHA-256 over names and contents, and one over its states."""
    headway(directory, count)
    running, total, lines = hashlib.sha256(), hashlib.sha256(), []
    for file in sorted(directory.iterdir()):
        running.update(file.name.encode())
        running.update(file.read_bytes())
        digest = base64.b64encode(running.digest()).decode()
        total.update((file.name + digest).encode())
        lines.append(f"{file.name} h1:{digest}\n")
    head = base64.b64encode(total.digest()).decode()
    (directory / "atlas.sum").write_text(f"h1:{head}\n" + "".join(lines))


ALEMBIC_INI = "[alembic]\nscript_location = {}\n"
ALEMBIC_ENV = """\
import os

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["BENCH_SQLALCHEMY_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
ALEMBIC_REVISION = '''\
"""{name}"""
from alembic import op

revision = "{revision}"
down_revision = {previous}
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""{sql}""")


def downgrade():
    pass
'''


def alembic_revision(index):
    return f"r{number(index)}"


def alembic(directory, count):
    (directory / "alembic.ini").write_text(ALEMBIC_INI.format(directory))
    (directory / "env.py").write_text(ALEMBIC_ENV)
    (directory / "versions").mkdir()
    for index, (name, sql) in enumerate(statements(count)):
        text = ALEMBIC_REVISION.format(
            name=name,
            revision=alembic_revision(index),
            previous=repr(alembic_revision(index - 1)) if index else None,
            sql=sql,
        )
        (directory / "versions" / f"{alembic_revision(index)}_{name}.py").write_text(text)


PSQL_CROWD = """\
SELECT pg_advisory_lock(1);
SELECT to_regclass('bench_history') IS NULL AS fresh \\gset
\\if :fresh
\\i {}
\\endif
"""


TENANTS = """\
[[tenants]]
schema-query = 'SELECT nspname::text FROM pg_namespace WHERE nspname LIKE $$tenant\\_%$$'
"""
PSQL_TENANT = """\
SET search_path = {0};
SELECT to_regclass('bench_history') IS NULL AS fresh \\gset
\\if :fresh
\\i :script
\\else
SELECT version FROM bench_history ORDER BY version;
\\endif
"""


def tenant(index):
    return f"tenant_{index:04}"


def headway_tenants(file, _):
    file.write_text(TENANTS)


def psql_tenants(file, count):
    file.write_text("".join(PSQL_TENANT.format(tenant(index)) for index in range(count)))


def psql(directory, count):
    """One script that sends what a migrator that does nothing else would."""
    script = ["CREATE TABLE bench_history (version text PRIMARY KEY);\n"]
    for index, (_, sql) in enumerate(statements(count)):
        script.append(
            f"BEGIN;\nINSERT INTO bench_history VALUES ('{number(index)}');\n{sql}\nCOMMIT;\n"
        )
    (directory / "apply.sql").write_text("".join(script))
    (directory / "crowd.sql").write_text(PSQL_CROWD.format(directory / "apply.sql"))


def large(directory, mega_bytes):
    """A source to parse: functions, comments, wide inserts, COPY with its data.  Returns its bytes."""
    tables = "".join(
        f"-- Table {k}; holds what the sensors of site {k} reported.\n"
        f"CREATE TABLE reading_{k} (\n"
        "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        "  sensor text NOT NULL CHECK (sensor <> ''),\n"
        "  value double precision,\n"
        "  taken_at timestamptz NOT NULL DEFAULT now()\n"
        ");\n"
        f"CREATE INDEX reading_{k}_sensor ON reading_{k} (sensor, taken_at DESC); /* by sensor */\n"
        f"CREATE FUNCTION latest_{k}(wanted text) RETURNS double precision LANGUAGE plpgsql AS $body$\n"
        "DECLARE\n  found double precision;\nBEGIN\n"
        f"  SELECT value INTO found FROM reading_{k} WHERE sensor = wanted ORDER BY taken_at DESC LIMIT 1;\n"
        "  RETURN coalesce(found, 0);  -- none yet\nEND\n$body$;\n"
        for k in range(40)
    )
    inserts = "".join(
        f"INSERT INTO reading_{k % 40} (sensor, value) VALUES ('it''s sensor {k}', {k}.25), "
        f"('outside; north', {k}), (E'tab\\there', NULL);\n"
        for k in range(400)
    )
    copy = (
        "COPY reading_0 (sensor, value) FROM stdin;\n"
        + "".join(f"sensor {k}\t{k}.5\n" for k in range(4000))
        + "\\.\n"
    )
    text = (tables + inserts + copy).encode()
    files = max(1, round(mega_bytes * 1e6 / len(text)))
    for index in range(files):
        (directory / f"{number(index)}_part.sql").write_bytes(text)
    return files * len(text)
