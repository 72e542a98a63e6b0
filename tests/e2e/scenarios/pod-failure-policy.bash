#!/usr/bin/env bash
# podFailurePolicy tells exit codes apart: a broken migration ends the Job at once, a database that
# can't be reached is tried again.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY);"
migration v2 0001_fails.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY, id bigint);"
v1=$(image v1)
v2=$(image v2)
reason() { kube get job "$1" --output jsonpath='{.status.conditions[?(@.type=="Failed")].reason}'; }
codes() { kube get pods --selector "app=$1" --output jsonpath='{range .items[*]}{.status.containerStatuses[0].state.terminated.exitCode} {end}'; }

headway headway "$v2" '[upgrade]' | pod_of database | job broken "backoffLimit: 6
$failure_policy"
kube wait --for=condition=Failed --timeout=60s job/broken
expect "why it failed" "$(reason broken)" PodFailurePolicy
expect "exit codes" "$(codes broken)" "20 "

# A port that refuses: each pod gives up after a second, the Job tries again.
headway headway "$v1" '[upgrade, --connect-timeout=1s]' '- {name: HEADWAY_DATABASE_URL, value: "postgresql://nobody@10.99.0.1:1/nothing"}' |
  pod_of database | job unreachable "backoffLimit: 1
$failure_policy"
kube wait --for=condition=Failed --timeout=120s job/unreachable
expect "why it failed" "$(reason unreachable)" BackoffLimitExceeded
expect "exit codes" "$(codes unreachable)" "10 10 "
