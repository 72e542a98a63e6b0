#!/usr/bin/env bash
# An application's chart with headway-lib, installed by Helm with --wait: as an init container, then as
# a sidecar, then as a Job that the pods wait for, each upgrade with a migration more.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
cp -r "$work/v1" "$work/v2"
migration v2 0002_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
cp -r "$work/v2" "$work/v3"
migration v3 0003_note.sql <<<"ALTER TABLE orders ADD COLUMN note text;"
cp -r "$work/v3" "$work/v4"
migration v4 0004_state.sql <<<"ALTER TABLE orders ADD COLUMN state text;"
for version in v1 v2 v3 v4; do image $version >/dev/null; done
secret reader "${database}_reader"

release() { # install or upgrade, version, mode, further arguments
  helm "$1" shop "$root/tests/e2e/sample-app" --set "mode=$3" --set replicas=2 \
    --set image.repository=localhost/application --set image.tag=e2e --set image.pullPolicy=Never \
    --set headway.image.repository=localhost/migrations --set "headway.image.tag=$name-$2" \
    --set headway.image.pullPolicy=Never --set headway.database.existingSecret=database \
    --atomic --wait-for-jobs --timeout 2m "${@:4}"
}
first_of_pods() { # jsonpath below the first init container's status, of the pods with an image
  kube get pods --selector app.kubernetes.io/name=sample-app \
    --output jsonpath="{.items[?(@.spec.initContainers[0].image==\"localhost/migrations:$name-$2\")].status.initContainerStatuses[0]$1}"
}

release install v1 init
expect "the history" "$(applied)" 0001
expect "exit codes" "$(first_of_pods .state.terminated.exitCode v1)" "0 0"

release upgrade v2 sidecar
expect "the history" "$(applied)" "0001 0002"
expect "sidecars that are ready" "$(first_of_pods .ready v2)" "true true"

release upgrade v3 job --set "headway.options.historyReaders={${database}_reader}" --set headway.wait.existingSecret=reader
expect "the history" "$(applied)" "0001 0002 0003"
expect "who waited" "$(first_of_pods .name v3)" "headway-wait headway-wait"
expect "exit codes" "$(first_of_pods .state.terminated.exitCode v3)" "0 0"

release upgrade v4 job --set "headway.options.historyReaders={${database}_reader}" --set headway.wait.existingSecret=reader
expect "the history" "$(applied)" "0001 0002 0003 0004"

# Back to the revision before: its image is older than the schema, and starts.
helm rollback shop --wait --timeout 2m
expect "the history" "$(applied)" "0001 0002 0003 0004"
expect "exit codes" "$(first_of_pods .state.terminated.exitCode v3)" "0 0"
