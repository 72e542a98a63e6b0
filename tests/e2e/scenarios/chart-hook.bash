#!/usr/bin/env bash
# The Job as a hook of Helm: nothing else of the release is there before it is done, and an upgrade
# whose migration fails leaves the running pods as they are.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0002_slow.sql <<<"$gate"
cp -r "$work/v1" "$work/v2"
migration v2 0003_fails.sql <<<"ALTER TABLE orders ADD COLUMN id text;"
cp -r "$work/v1" "$work/v3"
migration v3 0003_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
for version in v1 v2 v3; do image $version >/dev/null; done

release() { # install or upgrade, version
  helm "$1" shop "$root/tests/e2e/sample-app" --set mode=job --set headway.job.hook=helm \
    --set image.repository=localhost/application --set image.tag=e2e --set image.pullPolicy=Never \
    --set headway.image.repository=localhost/migrations --set "headway.image.tag=$name-$2" \
    --set headway.image.pullPolicy=Never --set headway.database.existingSecret=database \
    --wait --timeout 2m
}
installing() { kube get deployment shop --output jsonpath='{.metadata.generation} {.spec.template.spec.initContainers[0].image}'; }

release install v1 &
installation=$!
await 60 "the hook migrates" at_the_gate
if kube get deployment shop >/dev/null 2>&1; then fail "the Deployment is there before the hook is done"; fi
open_gate
wait "$installation" || fail "helm install"
expect "the history" "$(applied)" "0001 0002"
before=$(installing)
pods=$(kube get pods --selector app.kubernetes.io/name=sample-app --output name)

if release upgrade v2; then fail "the upgrade to v2 succeeded"; fi
expect "the Deployment" "$(installing)" "$before"
expect "the pods" "$(kube get pods --selector app.kubernetes.io/name=sample-app --output name)" "$pods"
expect "the history" "$(applied)" "0001 0002"
failed=$(kube get pods --selector app.kubernetes.io/name=sample-app-migrate --output jsonpath='{.items[0].metadata.name}')
expect "exit code" "$(status_of "$failed" headway .state.terminated.exitCode)" 20

release upgrade v3
expect "the history" "$(applied)" "0001 0002 0003"
