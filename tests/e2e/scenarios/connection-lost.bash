#!/usr/bin/env bash
# The server ends the session while a migration runs, as in a failover: the same container connects
# again and goes on, without a restart.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"ALTER TABLE orders ADD COLUMN total numeric; $gate"
headway headway "$(image v1)" '[upgrade]' | pod_with_application database | deployment shop 1
await 60 "the migration runs" at_the_gate
pod=$(pods shop)
session="SELECT pid FROM pg_stat_activity WHERE datname = current_database()
  AND query LIKE '%test.gate%' AND pid <> pg_backend_pid()"
first=$(ask "$session")
expect "pg_terminate_backend" "$(ask "SELECT pg_terminate_backend($first)")" t
another() { local now; now=$(ask "$session") && [ -n "$now" ] && [ "$now" != "$first" ]; }
await 60 "another session migrates" another
open_gate
rolled_out shop 90
expect "restarts" "$(status_of "$pod" headway .restartCount)" 0
expect "the history" "$(applied)" "0001 0002"
expect "successes of 0002" "$(ask "SELECT count(*) FROM headway.events WHERE event = 'applied' AND version = '0002'")" 1
expect "outcome" "$(message_of "$pod" headway | field outcome)" "done"
