#!/usr/bin/env bash
# Migrations that were not mounted must not look like "nothing to do": exit 2, and the application
# does not start.  Once the ConfigMap is there, the same pod goes on.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

headway headway localhost/headway:e2e '[upgrade]' | sed 's#^  volumeMounts:#&\n  - {name: migrations, mountPath: /migrations}#' |
  pod_with_application database |
  sed 's#^volumes:#&\n- {name: migrations, configMap: {name: migrations, optional: true}}#' |
  deployment shop 1
failed() { pod=$(pods shop) && [ "$(status_of "$pod" headway .lastState.terminated.exitCode)" != "" ]; }
await 60 "the init container ends" failed
expect "exit code" "$(status_of "$pod" headway .lastState.terminated.exitCode)" 2
message=$(message_of "$pod" headway)
step "$message"
expect "outcome" "$(field outcome <<<"$message")" failed
expect "exit code in the message" "$(field exit_code <<<"$message")" 2
expect_match "the message" "$message" '/migrations'
expect "Headway's schema" "$(ask "SELECT to_regnamespace('headway') IS NULL")" t
expect "the application's start" "$(status_of "$pod" application .state.running.startedAt)" ""

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY);"
migration v1 0002_add_name.sql <<<"ALTER TABLE users ADD COLUMN name text;"
kube create configmap migrations --from-file="$work/v1" >/dev/null
rolled_out shop 120
expect "the pod" "$(pods shop)" "$pod"
expect "the history" "$(applied)" "0001 0002"
