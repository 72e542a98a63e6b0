#!/usr/bin/env bash
# A Job that ends at once is seen by Prometheus all the same: with --linger it stays until it was
# scraped twice; one that had nothing to do does not stay.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
v1=$(image v1)
start_prometheus
lingering() { # name
  headway headway "$v1" '[upgrade, "--http=:9490", "--linger=120s"]' 'ports: [{name: headway-http, containerPort: 9490}]' |
    pod_of database | job "$1" "backoffLimit: 0
$failure_policy"
}

lingering first
kube wait --for=condition=Complete --timeout=60s job/first
pod=$(pods first)
seen() { query "last_over_time($1{pod=\"$pod\"${2:-}}[5m])"; } # metric, further labels
expect "last_run_success" "$(seen headway_last_run_success)" 1
expect "what was executed" "$(seen headway_migrations_executed_total ',result="success"')" 1
expect "the last state" "$(seen headway_state ',state="done"')" 1

started=$SECONDS
lingering second
kube wait --for=condition=Complete --timeout=60s job/second
[ $((SECONDS - started)) -lt 30 ] || fail "a Job that had nothing to do stayed"
expect "outcome" "$(message_of "$(pods second)" headway | field outcome)" nothing-to-do
