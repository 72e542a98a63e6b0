#!/usr/bin/env bash
# A migration that fails keeps the new pods from starting the application, while the old ones serve;
# kubectl shows why; the next upgrade repairs it.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY, email text);"
migration v2 0001_create_users.sql <"$work/v1/0001_create_users.sql"
migration v2 0002_add_name.sql <<<"ALTER TABLE users ADD COLUMN name text;"
migration v2 0003_unique_email.sql <<'SQL'
CREATE UNIQUE INDEX users_email ON users (email);
ALTER TABLE users ADD CONSTRAINT users_name CHECK (nmae <> '');
SQL
cp -r "$work/v2" "$work/v3"
migration v3 0003_unique_email.sql <<'SQL'
CREATE UNIQUE INDEX users_email ON users (email);
ALTER TABLE users ADD CONSTRAINT users_name CHECK (name <> '');
SQL
v1=$(image v1)
v2=$(image v2)
v3=$(image v3)

headway headway "$v1" '[upgrade]' | pod_with_application database | deployment shop 2
rolled_out shop 90
old=$(pods shop)

headway headway "$v2" '[upgrade]' | pod_with_application database | deployment shop 2
broken() {
  new=$(pods shop | grep -vxF "$old") && [ "$(status_of "$new" headway .restartCount)" -ge 2 ]
}
await 90 "the new pod fails, and again" broken
expect "exit code" "$(status_of "$new" headway .lastState.terminated.exitCode)" 20
message=$(message_of "$new" headway)
step "$message"
expect "outcome" "$(field outcome <<<"$message")" failed
expect "exit code in the message" "$(field exit_code <<<"$message")" 20
expect "current in the message" "$(field current <<<"$message")" 0002
expect "target in the message" "$(field target <<<"$message")" 0003
expect_match "the message" "$(field message <<<"$message")" '0003_unique_email\.sql:2.*nmae'
expect_match "kubectl describe" "$(kube describe pod "$new")" 'Exit Code: +20'
expect "the application's start" "$(status_of "$new" application .state.running.startedAt)" ""
expect "the history" "$(applied)" "0001 0002"
expect "the index of the failed migration" "$(ask "SELECT to_regclass('public.users_email') IS NULL")" t
for pod in $old; do
  expect "readiness of the old $pod" "$(status_of "$pod" application .ready)" true
done

headway headway "$v3" '[upgrade]' | pod_with_application database | deployment shop 2
rolled_out shop 90
expect "the history after the repair" "$(applied)" "0001 0002 0003"
