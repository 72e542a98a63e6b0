#!/usr/bin/env bash
# A Job migrates; the pods wait with `headway wait`, by a role that may only read the history.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"$gate"
migration v1 0003_add_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
v1=$(image v1)
secret reader "${database}_reader"

# The pods are there first: no table yet, no right yet.
headway headway "$v1" '[wait, "--timeout=5m"]' | pod_with_application reader | deployment shop 3
waiting() { [ "$(kube get pods --selector app=shop --output jsonpath='{.items[*].status.initContainerStatuses[0].started}')" = "true true true" ]; }
await 60 "three pods wait" waiting

headway headway "$v1" "[upgrade, '--history-readers=${database}_reader']" | pod_of database |
  job migrate "backoffLimit: 2
$failure_policy"
await 60 "the Job migrates" at_the_gate
expect "the history meanwhile" "$(applied)" 0001
expect "applications that started" \
  "$(kube get pods --selector app=shop --output jsonpath='{.items[*].status.containerStatuses[0].state.running.startedAt}')" ""
open_gate
kube wait --for=condition=Complete --timeout=60s job/migrate
rolled_out shop 60
expect "the history" "$(applied)" "0001 0002 0003"
expect "outcome" "$(message_of "$(pods migrate)" headway | field outcome)" "done"
for pod in $(pods shop); do
  expect "restarts of $pod" "$(status_of "$pod" headway .restartCount)" 0
done
expect "writes by the waiting role" "$(ask "SELECT count(*) FROM headway.events WHERE by_role = '${database}_reader'")" 0

# What never comes ends in exit code 14.
cp -r "$work/v1" "$work/v2"
migration v2 0004_later.sql <<<"CREATE TABLE later (id bigint);"
headway headway "$(image v2)" '[wait, "--timeout=3s"]' | pod_of reader | job patience "backoffLimit: 0
$failure_policy"
kube wait --for=condition=Failed --timeout=60s job/patience
expect "exit code" "$(status_of "$(pods patience)" headway .state.terminated.exitCode)" 14
