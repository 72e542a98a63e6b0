"""What an application feels while a migration waits behind somebody else's open transaction."""
import threading
import time

from server import ServerError

TABLES = ("app.busy_1", "app.busy_2", "app.busy_3")  # Flyway insists on an empty public
ROWS = 1000
CLIENTS = 6
NOTICED = 0.1  # seconds: a query that takes longer has stalled


def create(server, database):
    with server.connect(database) as connection:
        connection.query("CREATE SCHEMA app")
        for table in TABLES:
            connection.query(
                f"CREATE TABLE {table} (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0);"
                f"INSERT INTO {table} (id) SELECT generate_series(1, {ROWS})"
            )


class Application:
    """Clients that read and write all tables, one short query after the other."""

    def __init__(self, server, database):
        self.stopping = threading.Event()
        self.queries = [[] for _ in range(CLIENTS)]  # (begin, end) of each that stalled
        self.failed = []
        self.connections = [server.connect(database) for _ in range(CLIENTS)]
        self.threads = [
            threading.Thread(target=self._run, args=(index,), daemon=True)
            for index in range(CLIENTS)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, index):
        connection, turn = self.connections[index], index
        while not self.stopping.is_set():
            table, row = TABLES[turn % len(TABLES)], turn * 7 % ROWS + 1
            turn += 1
            begin = time.monotonic()
            try:
                if turn % 2:
                    connection.query(f"SELECT n FROM {table} WHERE id = {row}")
                else:
                    connection.query(f"UPDATE {table} SET n = n + 1 WHERE id = {row}")
            except ServerError as error:
                self.failed.append(str(error))
                return
            end = time.monotonic()
            if end - begin > NOTICED:
                self.queries[index].append((begin, end))
            time.sleep(0.002)

    def stop(self, begin, end):
        """(longest stall in seconds, share of the time from `begin` to `end` that clients stalled)."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        for connection in self.connections:
            connection.close()
        if self.failed:
            raise ServerError(self.failed[0])
        longest, total = 0.0, 0.0
        for queries in self.queries:
            for since, until in queries:
                overlap = min(until, end) - max(since, begin)
                if overlap > 0:
                    longest = max(longest, until - since)
                    total += overlap
        return longest, total / (CLIENTS * (end - begin))


class OpenTransaction:
    """Has read a table and is forgotten for `seconds`."""

    def __init__(self, server, database, table, seconds):
        self.connection = server.connect(database)
        self.connection.query("BEGIN")
        self.connection.query(f"SELECT count(*) FROM {table}")
        self.timer = threading.Timer(seconds, self._end)
        self.timer.start()

    def _end(self):
        self.connection.query("COMMIT")
        self.connection.close()

    def join(self):
        self.timer.join()
