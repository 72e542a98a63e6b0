#!/usr/bin/env bash
# Headway is killed outright while a migration runs, as by a node that dies: the server notices, rolls
# back and lets the lock go; the restarted container succeeds.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"ALTER TABLE orders ADD COLUMN total numeric; $gate"
headway headway "$(image v1)" '[upgrade]' | pod_with_application database | deployment shop 1
await 60 "the migration runs" at_the_gate
pod=$(pods shop)
before=$(ask "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%test.gate%' AND pid <> pg_backend_pid()")

container=$(status_of "$pod" headway .containerID)
"$here/enter" ctr --namespace k8s.io tasks kill --signal KILL "${container#containerd://}"
killed() { [ "$(status_of "$pod" headway .lastState.terminated.exitCode)" = 137 ]; }
await 30 "exit code 137" killed
# The statement runs on in the server until it looks whether its client is still there.
await 60 "the old session is gone" says "SELECT count(*) FROM pg_stat_activity WHERE pid = $before" 0
await 60 "the restarted container migrates" at_the_gate
expect "the history meanwhile" "$(applied)" 0001
open_gate
rolled_out shop 90
expect "the history" "$(applied)" "0001 0002"
expect "advisory locks" "$(advisory_locks)" 0
