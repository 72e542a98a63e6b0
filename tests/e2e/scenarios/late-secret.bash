#!/usr/bin/env bash
# The Secret is made by an operator after the pod: Headway waits for it, without a restart.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY);"
headway headway "$(image v1)" '[upgrade]' | pod_with_application late | deployment shop 1
waiting() { pod=$(pods shop) && [[ $(kube logs "$pod" --container headway) == */etc/headway/db* ]]; }
await 60 "Headway says what it waits for" waiting
expect "restarts" "$(status_of "$pod" headway .restartCount)" 0

secret late "${database}_owner"
rolled_out shop 120
expect "restarts" "$(status_of "$pod" headway .restartCount)" 0
expect "the history" "$(applied)" 0001
