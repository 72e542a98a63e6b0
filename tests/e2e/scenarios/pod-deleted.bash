#!/usr/bin/env bash
# A pod is deleted while a migration runs: it rolls back and lets the lock go before its grace period
# is over, and the pod that takes its place succeeds.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"ALTER TABLE orders ADD COLUMN total numeric; $gate"
headway headway "$(image v1)" '[upgrade]' | pod_with_application database | deployment shop 1
await 60 "the migration runs" at_the_gate
pod=$(pods shop)
# With a finalizer the API keeps the pod that is gone, and so what became of it.
kube patch pod "$pod" --type merge --patch '{"metadata": {"finalizers": ["headway.test/keep"]}}' >/dev/null

kube delete pod "$pod" --wait=false >/dev/null
ended() { [ -n "$(status_of "$pod" headway .state.terminated.exitCode)" ]; }
await 25 "the container ends within its grace period" ended
expect "exit code" "$(status_of "$pod" headway .state.terminated.exitCode)" 13
message=$(message_of "$pod" headway)
step "$message"
expect "outcome" "$(field outcome <<<"$message")" interrupted
kube patch pod "$pod" --type merge --patch '{"metadata": {"finalizers": null}}' >/dev/null

await 60 "the next pod migrates" at_the_gate
expect "the history while the next one runs" "$(applied)" 0001
open_gate
rolled_out shop 90
expect "the history" "$(applied)" "0001 0002"
expect "advisory locks" "$(advisory_locks)" 0
expect_match "the events" "$(ask "SELECT string_agg(event || ' ' || coalesce(version, ''), ', ' ORDER BY at) FROM headway.events")" \
  'locked .*, locked , applied 0002'
