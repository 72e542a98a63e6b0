#!/usr/bin/env bash
# Headway as a native sidecar: its startupProbe keeps the application waiting, Prometheus sees it
# migrate, and after the rollout it still tells how the schema stands.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"$gate"
cp -r "$work/v1" "$work/v2"
migration v2 0003_fails.sql <<<"ALTER TABLE orders ADD COLUMN id text;"
v1=$(image v1)
v2=$(image v2)
start_prometheus

sidecar() { # image, further arguments
  headway headway "$1" "[serve, '--watch-interval=1s'${2:-}]" "- {name: HEADWAY_NAME, value: shop}
ports: [{name: headway-http, containerPort: 9490}]
restartPolicy: Always
startupProbe: {exec: {command: [/headway, probe, startup]}, periodSeconds: 1, failureThreshold: 600}
readinessProbe: {httpGet: {path: /readyz, port: headway-http}, periodSeconds: 1}
livenessProbe: {httpGet: {path: /healthz, port: headway-http}, periodSeconds: 1}" |
    pod_with_application database | deployment shop 2
}

sidecar "$v1"
await 60 "a migration runs" at_the_gate
await 30 "Prometheus sees one migrate" shows 'count(headway_state{database="shop",state="applying"} == 1)' 1
await 30 "Prometheus sees one wait" shows 'count(headway_state{database="shop",state="waiting_lock"} == 1)' 1
await 10 "Prometheus sees since when" shows 'count(headway_migration_start_timestamp_seconds{version="0002"})' 1
for pod in $(pods shop); do
  expect "$pod is started" "$(status_of "$pod" headway .started)" false
  expect "the application's start in $pod" "$(status_of "$pod" application .state.running.startedAt)" ""
done
expect "restarts by a probe meanwhile" "$(kube get pods --output jsonpath='{.items[*].status.initContainerStatuses[0].restartCount}')" "0 0"
step "the application waits for the sidecar"

open_gate
rolled_out shop 90
await 15 "both are done" shows 'count(headway_state{state="done"} == 1)' 2
await 15 "the version" shows 'headway_schema_version{database="shop"}' $'2\n2'
expect "what was executed" "$(query 'sum(headway_migrations_executed_total{result="success"})')" 2
expect "the history" "$(applied)" "0001 0002"
# A pod whose sidecar runs counts both containers.
expect "Ready containers" "$(kube get pods --output jsonpath='{.items[*].status.initContainerStatuses[0].ready}')" "true true"

# A later version in the database, such as that of a newer release, does not disturb.
ask "INSERT INTO headway.history (version, previous, name, checksum, kind, state, run_id)
     SELECT '0009', '0002', 'later', checksum, kind, state, run_id FROM headway.history WHERE version = '0002'" ||
  fail "the history has another shape"
await 15 "the watch reports what it does not know" shows 'headway_schema_version{database="shop"}' $'9\n9'
expect "readiness meanwhile" "$(kube get pods --output jsonpath='{.items[*].status.initContainerStatuses[0].ready}')" "true true"
ask "DELETE FROM headway.history WHERE version = '0009'"
await 15 "the watch sees it gone" shows 'headway_schema_version{database="shop"}' $'2\n2'

# SIGTERM after success: exit code 0.
pod=$(kube get pods --selector app=shop --output jsonpath="{.items[0].metadata.name}")
kube patch pod "$pod" --type merge --patch '{"metadata": {"finalizers": ["headway.test/keep"]}}' >/dev/null
kube delete pod "$pod" --wait=false >/dev/null
ended() { [ -n "$(status_of "$pod" headway .state.terminated.exitCode)" ]; }
await 30 "the sidecar ends with its pod" ended
expect "exit code" "$(status_of "$pod" headway .state.terminated.exitCode)" 0
kube patch pod "$pod" --type merge --patch '{"metadata": {"finalizers": null}}' >/dev/null
rolled_out shop 60

# A failure is held long enough for two scrapes, then the container ends and tells why.
sidecar "$v2" ", '--failure-hold=60s'"
failing() {
  new=$(kube get pods --selector app=shop --output jsonpath="{.items[?(@.spec.initContainers[0].image==\"$v2\")].metadata.name}") &&
    [ "$(status_of "$new" headway .lastState.terminated.exitCode)" = 20 ]
}
await 60 "the new sidecar ends with exit code 20" failing
expect "the application's start" "$(status_of "$new" application .state.running.startedAt)" ""
await 10 "Prometheus has seen it fail" shows "max_over_time(headway_state{state=\"failed\",pod=\"$new\"}[5m])" 1
expect "error id" "$(message_of "$new" headway | field error_id)" migration-failed
