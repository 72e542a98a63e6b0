"""The tricky sets in sets/: in which order their tool takes the files, and how it is started on them."""
import re
import shutil
from dataclasses import dataclass
from typing import Callable

from shell import HERE

from server import USER  # noqa: E402
from tools import FLYWAY, RIVALS, TOOLS  # noqa: E402

SETS = HERE / "sets"
BENCHED = {tool.name: tool for tool in TOOLS}


def numbers(pattern):
    """The version in a file's path as the numbers that it is compared by; None: it is no migration's."""

    def order(path):
        found = re.search(pattern, path)
        return found and tuple(int(part) for part in re.split(r"[._]", found.group(1)))

    return order


def by_name(path):
    return path if re.match(r"\d[^/]*\.sql$", path) else None


@dataclass(frozen=True)
class TrickySet:
    tool: str
    order: Callable  # path -> what orders it; None for what belongs to all of them
    history: str  # its table
    format: str = ""  # as Headway calls it, where that differs
    environment: tuple = ()  # of the tool and of Headway
    headway: tuple = ()  # further words for Headway
    argv: Callable = None  # where it is not the benchmark's
    finish: Callable = None  # (shell, directory), behind a change of the files
    edited: str = ""  # a file of which the tool keeps a checksum
    sums: str = ""  # a query for all of them, by version or repeatable
    again: str = ""  # a repeatable
    slow: bool = False  # it takes seconds to start

    @property
    def directory(self):
        return SETS / self.tool

    def files(self):
        return sorted(
            str(file.relative_to(self.directory)) for file in self.directory.rglob("*") if file.is_file()
        )

    def versions(self):
        """In order."""
        return sorted({self.order(file) for file in self.files()} - {None})

    def copy(self, shell, place, count):
        """The first `count` versions, with what belongs to all of them."""
        kept = set(self.versions()[:count])
        shutil.rmtree(place, ignore_errors=True)
        for file in self.files():
            version = self.order(file)
            if version is None or version in kept:
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self.directory / file, place / file)
        if self.finish:
            self.finish(shell, place)

    def run(self, shell, directory, database):
        port = shell.server.port
        benched = BENCHED[self.tool]
        argv = (self.argv or benched.argv)(RIVALS / "bin" / self.tool, directory, port, database)
        environment = {**benched.environment(port, database), **dict(self.environment)}
        shell.run(self.tool, argv, environment, directory)

    def run_headway(self, shell, *words, directory, database):
        return shell.run_headway(
            *words,
            f"--format={self.format or self.tool}",
            *self.headway,
            directory=directory,
            database=database,
            environment=self.environment,
        )


def write_sums(shell, directory):
    shell.run(
        "atlas migrate hash",
        [RIVALS / "bin/atlas", "migrate", "hash", "--dir", f"file://{directory}"],
        BENCHED["atlas"].environment(None, None),
    )


def witness(program, directory, port, database):
    return [
        *(program, "-cp", f"{FLYWAY}/*", HERE / "Witness.java", directory),
        *(f"jdbc:postgresql://127.0.0.1:{port}/{database}?sslmode=disable", USER),
    ]


TRICKY = [
    TrickySet("migrate", numbers(r"^(\d+)_.*\.sql$"), "schema_migrations", format="golang-migrate"),
    TrickySet(
        "goose",
        numbers(r"^(\d+)_.*\.sql$"),
        "goose_db_version",
        environment=(("INTEROP_WORD", "a $ word"), ("INTEROP_EMPTY", "")),
    ),
    TrickySet("dbmate", by_name, "schema_migrations"),
    TrickySet(
        "flyway",
        numbers(r"(?:^|/)[VU]([\d._]+?)__[^/]*$"),
        "flyway_schema_history",
        environment=(
            # Else it holds a transaction open beside the migrations, for which an index that is
            # built concurrently waits for ever.
            ("FLYWAY_POSTGRESQL_TRANSACTIONAL_LOCK", "false"),
            ("FLYWAY_PLACEHOLDERS_WORD", "a word"),
        ),
        headway=("--placeholder=word=a word",),
        argv=witness,
        edited="V3__comment.sql",
        sums="SELECT coalesce(version, description), checksum FROM flyway_schema_history"
        " ORDER BY installed_rank",
        again="nested/R__a_view.sql",
        slow=True,
    ),
    TrickySet(
        "sqlx",
        numbers(r"^(\d+)_.*\.sql$"),
        "_sqlx_migrations",
        edited="10_comment.up.sql",
        sums="SELECT version, encode(checksum, 'hex') FROM _sqlx_migrations ORDER BY version",
    ),
    TrickySet(
        "atlas",
        by_name,
        "atlas_schema_revisions.atlas_schema_revisions",
        finish=write_sums,
        edited="53_comment.sql",
        sums="SELECT version, hash FROM atlas_schema_revisions.atlas_schema_revisions"
        " ORDER BY executed_at",
    ),
    TrickySet("tern", numbers(r"^(\d+)_.*\.sql$"), "schema_version"),
    TrickySet(
        "refinery",
        numbers(r"(?:^|/)[VU](\d+)__[^/]*$"),
        "refinery_schema_history",
        edited="V10__comment.sql",
        sums="SELECT version, checksum FROM refinery_schema_history ORDER BY version",
    ),
]
