#!/usr/bin/env bash
# Two Jobs of charts/headway as hooks of Helm: one expands the schema before the rollout, one contracts
# it afterwards.  Pods that wait for the expand phase start while the contract one runs.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY, name text);"
cp -r "$work/v1" "$work/v2"
migration v2 0002_add_title.sql <<<"ALTER TABLE orders ADD COLUMN title text;"
migration v2 0003_drop_name.sql <<EOF
-- headway: phase=contract
$gate
ALTER TABLE orders DROP COLUMN name;
EOF
image v1 >/dev/null
v2=$(image v2)

release() { # install or upgrade, version
  helm "$1" shop "$root/charts/headway" --set job.hook=helm --set job.contract.enabled=true \
    --set image.repository=localhost/migrations --set "image.tag=$name-$2" \
    --set image.pullPolicy=Never --set database.existingSecret=database --wait --timeout 2m
}
columns() { ask "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
  WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped"; }

release install v1
expect "the history" "$(applied)" 0001

# The new version's pods are there before its migrations are.
headway headway "$v2" '[wait, "--phase=expand", "--timeout=5m"]' | pod_with_application database | deployment shop 2
waiting() { [ "$(kube get pods --selector app=shop --output jsonpath='{.items[*].status.initContainerStatuses[0].started}')" = "true true" ]; }
await 60 "two pods wait" waiting

release upgrade v2 &
upgrade=$!
await 60 "the second Job contracts" at_the_gate
expect "the history meanwhile" "$(applied)" "0001 0002"
expect "the columns meanwhile" "$(columns)" "id name title"
rolled_out shop 60
open_gate
wait "$upgrade" || fail "helm upgrade"
expect "the history" "$(applied)" "0001 0002 0003"
expect "the columns" "$(columns)" "id title"

# Nothing is left to do for either Job.
release upgrade v2
expect "the history" "$(applied)" "0001 0002 0003"
