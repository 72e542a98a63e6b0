#!/usr/bin/env bash
# The application goes back to an older image: it starts, because a database that is ahead is fine.
# The schema goes back only when asked: by a Job with `downgrade`, from what the newer image stored.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
cp -r "$work/v1" "$work/v2"
migration v2 0002_add_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
migration v2 0002_add_total.down.sql <<<"ALTER TABLE orders DROP COLUMN total;"
migration v2 0003_create_items.sql <<<"CREATE TABLE items (id bigint PRIMARY KEY);"
migration v2 0003_create_items.down.sql <<<"DROP TABLE items;"
v1=$(image v1)
v2=$(image v2)

headway headway "$v1" '[upgrade]' | pod_with_application database | deployment shop 2
rolled_out shop 90
headway headway "$v2" '[upgrade]' | pod_with_application database | deployment shop 2
rolled_out shop 90
expect "the history" "$(applied)" "0001 0002 0003"

kube rollout undo deployment/shop >/dev/null
rolled_out shop 90
expect "the history with the older image" "$(applied)" "0001 0002 0003"
pod=$(kube get pods --selector app=shop --output jsonpath="{.items[?(@.spec.initContainers[0].image==\"$v1\")].metadata.name}")
pod=${pod%% *}
expect "outcome" "$(message_of "$pod" headway | field outcome)" nothing-to-do
expect_match "the log" "$(kube logs "$pod" --container headway)" 'ahead|does not know|unknown'

# Not without --yes in production.
headway headway "$v1" '[downgrade, head]' | pod_of database | job unconfirmed "backoffLimit: 0
$failure_policy"
kube wait --for=condition=Failed --timeout=60s job/unconfirmed
expect "exit code" "$(status_of "$(pods unconfirmed)" headway .state.terminated.exitCode)" 26
expect "the history" "$(applied)" "0001 0002 0003"

headway headway "$v1" '[downgrade, head, "--yes"]' | pod_of database | job back "backoffLimit: 0
$failure_policy"
kube wait --for=condition=Complete --timeout=60s job/back
expect "the history after the downgrade" "$(applied)" 0001
expect "the table of 0003" "$(has_table items)" f

headway headway "$v2" '[upgrade]' | pod_with_application database | deployment shop 2
rolled_out shop 90
expect "the history at last" "$(applied)" "0001 0002 0003"
expect "the table of 0003" "$(has_table items)" t
