"""What is measured: how each tool is started, and how its history says that it is at head."""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import layouts
from server import USER


@dataclass(frozen=True)
class Tool:
    name: str
    layout: Callable  # (directory, count) -> None
    argv: Callable  # (program, directory, port, database) -> list
    history: str  # a query
    at_head: Callable  # count -> the row that it answers
    environment: Callable = lambda port, database: {}
    note: str = ""
    # Where it is not `argv` that is run:
    no_op: Callable = None
    crowd: Callable = None
    # For a tenant's schema, (schema, program, directory, port, database) -> list; the program runs once
    # for each.  Or, for all of them at once, (tenants file, ...) -> list.
    tenant: Callable = None
    tenants: Callable = None
    tenant_history: str = None  # where it is not `history` on the tenant's search path
    stalls: bool = False  # whether it is measured what an application feels meanwhile


def url(port, database, scheme="postgres", tail="?sslmode=disable"):
    return f"{scheme}://{USER}@127.0.0.1:{port}/{database}{tail}"


def counted(sql):
    return {"history": sql, "at_head": lambda count: (str(count),)}


def newest(sql, value):
    return {"history": sql, "at_head": lambda count: (value(count),)}


def psql(file):
    return lambda program, directory, port, database: [
        *(program, "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1"),
        *("-f", directory / file, url(port, database)),
    ]


def flyway_argv(program, directory, port, database):
    return [
        *(program, "-cp", f"{FLYWAY}:{FLYWAY}/*", "Migrate", directory),
        *(f"jdbc:postgresql://127.0.0.1:{port}/{database}?sslmode=disable", USER),
    ]


RIVALS = Path(os.environ.get("HEADWAY_DEPS") or Path(__file__).parents[2] / ".deps").absolute() / "bench"
FLYWAY = RIVALS / "flyway"

HEADWAY, PSQL = "headway", "psql"

TOOLS = [
    Tool(
        HEADWAY,
        layouts.headway,
        lambda program, directory, port, database: [
            *(program, "upgrade", f"--migrations={directory}"),
            f"--database-url={url(port, database, 'postgresql')}",
        ],
        **counted("SELECT count(*) FROM headway.history WHERE version <> 'base'"),
        tenants=lambda file, program, directory, port, database: [
            *(program, "upgrade", f"--migrations={directory}", f"--targets={file}"),
            f"--database-url={url(port, database, 'postgresql')}",
        ],
        tenant_history="SELECT count(*) FROM headway_history WHERE version <> 'base'",
        stalls=True,
        note="lock, SHA-256 of each file, a transaction per migration",
    ),
    Tool(
        PSQL,
        layouts.psql,
        psql("apply.sql"),
        **counted("SELECT count(*) FROM bench_history"),
        no_op=lambda program, directory, port, database: [
            *(program, "-X", "-q", "-o", "/dev/null", "-c"),
            *("SELECT version FROM bench_history ORDER BY version", url(port, database)),
        ],
        crowd=psql("crowd.sql"),
        tenants=lambda file, program, directory, port, database: [
            *(program, "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-v"),
            *(f"script={directory / 'apply.sql'}", "-f", file, url(port, database)),
        ],
        stalls=True,
        note="the floor: the same statements from one script, no checksums, reads no migration at head",
    ),
    Tool(
        "dbmate",
        layouts.dbmate,
        lambda program, directory, port, database: [
            *(program, "--url", url(port, database), "--migrations-dir", directory),
            *("--no-dump-schema", "migrate"),
        ],
        **counted("SELECT count(*) FROM schema_migrations"),
        tenant=lambda schema, program, directory, port, database: [
            *(program, "--url", url(port, database) + f"&search_path={schema}"),
            *("--migrations-dir", directory, "--no-dump-schema", "migrate"),
        ],
        note="no lock, no checksums; reads only file names at head",
    ),
    Tool(
        "goose",
        layouts.goose,
        lambda program, directory, port, database: [
            *(program, "-dir", directory, "postgres", url(port, database), "up")
        ],
        **counted("SELECT count(*) FROM goose_db_version WHERE version_id > 0 AND is_applied"),
        tenant=lambda schema, program, directory, port, database: [
            *(program, "-dir", directory, "postgres"),
            *(url(port, database) + f"&search_path={schema}", "up"),
        ],
        stalls=True,
        note="no lock on the command line, no checksums; reads only file names at head",
    ),
    Tool(
        "migrate",
        layouts.golang_migrate,
        lambda program, directory, port, database: [
            *(program, "-path", directory, "-database", url(port, database), "up")
        ],
        **newest(
            "SELECT version::text || dirty::text FROM schema_migrations",
            lambda count: layouts.number(count - 1) + "false",
        ),
        tenant=lambda schema, program, directory, port, database: [
            *(program, "-path", directory, "-database"),
            *(url(port, database) + f"&search_path={schema}", "up"),
        ],
        stalls=True,
        note="golang-migrate: lock, no checksums; its history is one row; reads only file names at head",
    ),
    Tool(
        "tern",
        layouts.tern,
        lambda program, directory, port, database: [
            *(program, "migrate", "-m", directory, "--conn-string", url(port, database))
        ],
        **newest("SELECT version FROM public.schema_version", str),
        note="lock, no checksums; its history is one row",
    ),
    Tool(
        "atlas",
        layouts.atlas,
        lambda program, directory, port, database: [
            *(program, "migrate", "apply", "--dir", f"file://{directory}"),
            *("--url", url(port, database)),
        ],
        **counted(
            "SELECT count(*) FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total"
        ),
        # Both would ask a machine on the internet.
        environment=lambda *_: {"ATLAS_NO_UPDATE_NOTIFIER": "1", "ATLAS_NO_ANON_TELEMETRY": "1"},
        note="community, Apache-2.0: lock, SHA-256 of each file, a transaction per migration",
    ),
    Tool(
        "alembic",
        layouts.alembic,
        lambda program, directory, port, database: [
            *(program, "-c", directory / "alembic.ini", "upgrade", "head")
        ],
        **newest(
            "SELECT version_num FROM alembic_version",
            lambda count: layouts.alembic_revision(count - 1),
        ),
        environment=lambda port, database: {
            "BENCH_SQLALCHEMY_URL": url(port, database, "postgresql+psycopg")
        },
        note="no lock, no checksums; its history is one row; as generated, one transaction around all",
    ),
    Tool(
        "flyway",
        layouts.flyway,
        flyway_argv,
        **counted("SELECT count(*) FROM flyway_schema_history WHERE success"),
        stalls=True,
        note="its library, started by a main of ours: lock, CRC32 of each file, a transaction per migration",
    ),
    Tool(
        "sqlx",
        layouts.headway,
        lambda program, directory, port, database: [
            *(program, "migrate", "run", "--source", directory),
            *("--database-url", url(port, database)),
        ],
        **counted("SELECT count(*) FROM _sqlx_migrations WHERE success"),
        tenant=lambda schema, program, directory, port, database: [
            *(program, "migrate", "run", "--source", directory, "--database-url"),
            url(port, database) + f"&options=-csearch_path%3D{schema}",
        ],
        note="lock, SHA-384 of each file, a transaction per migration",
    ),
    Tool(
        "refinery",
        layouts.refinery,
        lambda program, directory, port, database: [
            *(program, "migrate", "-e", "BENCH_REFINERY_URL", "-p", directory)
        ],
        **counted("SELECT count(*) FROM refinery_schema_history"),
        environment=lambda port, database: {"BENCH_REFINERY_URL": url(port, database, tail="")},
        note="no lock, SipHash of each file, a transaction per migration",
    ),
]
