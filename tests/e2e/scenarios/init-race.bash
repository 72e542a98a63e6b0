#!/usr/bin/env bash
# Five replicas start at once, each with Headway as its init container: one migrates, four wait, and
# no application runs before the schema is there.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_wait.sql <<<"$gate"
migration v1 0003_add_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric NOT NULL DEFAULT 0;"
image=$(image v1)

headway headway "$image" '[upgrade]' | pod_with_application database | deployment shop 5
await 60 "one pod migrates" at_the_gate
running() {
  [ "$(kube get pods --output jsonpath='{range .items[*]}{.status.initContainerStatuses[0].state.running.startedAt}{"\n"}{end}' | grep -c .)" = 5 ]
}
await 60 "five init containers run" running
expect "pods whose application was started" \
  "$(kube get pods --output jsonpath='{range .items[*]}{.status.containerStatuses[0].state.running.startedAt}{end}')" ""
# The others look again and again and never queue on the lock.
await 20 "one advisory lock" says "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted" 1
expect "locks that are waited for" "$(ask "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")" 0
step "one migrates, four wait"

open_gate
rolled_out shop 90
expect "the history" "$(applied)" "0001 0002 0003"
expect "successes among the events" \
  "$(ask "SELECT string_agg(version, ' ' ORDER BY at) FROM headway.events WHERE event = 'applied'")" "0001 0002 0003"
expect "runs that applied something" "$(ask "SELECT count(DISTINCT run_id) FROM headway.history WHERE version <> 'base'")" 1
expect "advisory locks" "$(advisory_locks)" 0

outcomes=
for pod in $(pods shop); do
  outcomes+=$(message_of "$pod" headway | field outcome)$'\n'
  expect "exit code of $pod" "$(status_of "$pod" headway .state.terminated.exitCode)" 0
  expect "restarts of $pod" "$(status_of "$pod" headway .restartCount)" 0
done
expect "the outcomes" "$(sort <<<"$outcomes" | grep . | uniq -c | awk '{ print $1, $2 }' | paste -s -d ,)" "1 done,4 nothing-to-do"
expect "Ready replicas" "$(kube get deployment shop --output jsonpath='{.status.readyReplicas}')" 5

# A replica that comes later has nothing to do.
kube scale deployment/shop --replicas=6 >/dev/null
rolled_out shop 60
expect "the history after scaling" "$(applied)" "0001 0002 0003"
