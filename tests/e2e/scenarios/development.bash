#!/usr/bin/env bash
# In development a failed migration lets the application start all the same, and says so.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY);"
migration v1 0002_fails.sql <<<"ALTER TABLE users ADD COLUMN id text;"
headway headway "$(image v1)" '[upgrade]' '- {name: HEADWAY_ENVIRONMENT, value: development}' |
  pod_with_application database | deployment shop 1
rolled_out shop 90

pod=$(pods shop)
expect "exit code" "$(status_of "$pod" headway .state.terminated.exitCode)" 0
message=$(message_of "$pod" headway)
step "$message"
expect "outcome" "$(field outcome <<<"$message")" degraded
expect_match "the log" "$(kube logs "$pod" --container headway)" '0002_fails\.sql'
expect "the history" "$(applied)" 0001
expect "failures among the events" "$(ask "SELECT count(*) FROM headway.events WHERE event = 'failed' AND version = '0002'")" 1
