"""Runs tools and Headway against one server, and looks at what they leave there."""
import difflib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "bench"))

from server import USER  # noqa: E402
from tools import url  # noqa: E402

# What is not the set's: the histories.
HISTORIES = [
    "schema_migrations",
    "goose_db_version",
    "schema_version",
    "flyway_schema_history",
    "_sqlx_migrations",
    "refinery_schema_history",
    "atlas_schema_revisions",
    "alembic_version",
]


class Failure(Exception):
    pass


def same(what, left, right):
    if left == right:
        return
    if isinstance(left, str):
        lines = difflib.unified_diff(left.splitlines(), right.splitlines(), lineterm="", n=4)
        raise Failure(f"{what} differ:\n" + "\n".join(lines))
    raise Failure(f"{what} differ:\n{left}\n---\n{right}")


class Shell:
    def __init__(self, server, headway):
        self.server, self.headway = server, headway

    def url(self, database, scheme="postgresql"):
        return url(self.server.port, database, scheme)

    def run(self, what, argv, environment=None, directory=None):
        done = subprocess.run(
            [str(word) for word in argv],
            env={**os.environ, **(environment or {})},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise Failure(f"{what} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def run_headway(self, *words, directory, database, environment=()):
        return self.run(
            f"headway {' '.join(words)}",
            [self.headway, *words, f"--migrations={directory}"],
            {"HEADWAY_DATABASE_URL": self.url(database), **dict(environment)},
        )

    def dump(self, database, *what):
        """The schema, or what else pg_dump is asked for, without what is the tools' own."""
        leave_out = [f"--exclude-table=*.{name}" for name in HISTORIES]
        schemas = ["--exclude-schema=headway", "--exclude-schema=atlas_schema_revisions"]
        text = self.run(
            "pg_dump",
            [
                *(self.server.programs / "pg_dump", *(what or ("-s",)), "-O", *leave_out, *schemas),
                *("-h", "127.0.0.1", "-p", self.server.port, "-U", USER, database),
            ],
        )
        # Newer ones write a random word around the dump.
        return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))

    def ask(self, database, sql):
        with self.server.connect(database) as connection:
            return connection.query(sql)
