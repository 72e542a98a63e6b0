#!/usr/bin/env bash
# charts/headway, installed by Helm: a Job of another name for each version, `helm test`, and an
# --atomic upgrade whose migration fails.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
cp -r "$work/v1" "$work/v2"
migration v2 0002_add_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
cp -r "$work/v2" "$work/v3"
migration v3 0003_fails.sql <<<"ALTER TABLE orders ADD COLUMN total text;"
for version in v1 v2 v3; do image $version >/dev/null; done

release() { # install or upgrade, version, further arguments
  helm "$1" shop "$root/charts/headway" --set image.repository=localhost/migrations \
    --set "image.tag=$name-$2" --set image.pullPolicy=Never --set database.existingSecret=database "${@:3}"
}
jobs() { kube get jobs --output jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}'; }

release install v1 --wait --wait-for-jobs --timeout 2m
expect "the history" "$(applied)" 0001
first=$(jobs)
expect_match "the Job's name" "$first" '^shop-.*migrate-[0-9a-f]{10}$'
helm test shop --timeout 1m

# The same again changes nothing; the Job, which nobody may change, is not in the way.
release upgrade v1 --wait --wait-for-jobs --timeout 2m
expect "the Job" "$(jobs)" "$first"

release upgrade v2 --wait --wait-for-jobs --timeout 2m
expect "the history" "$(applied)" "0001 0002"
second=$(jobs)
[ "$first" != "$second" ] || fail "the Job of v2 has the name of that of v1"
helm test shop --timeout 1m

if release upgrade v3 --atomic --wait-for-jobs --timeout 45s; then fail "the upgrade to v3 succeeded"; fi
expect "the history" "$(applied)" "0001 0002"
expect "the Job after Helm's rollback" "$(jobs)" "$second"
kube wait --for=condition=Complete --timeout=60s "job/$second"
expect "the release" "$(helm status shop --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["info"]["status"])')" deployed
helm test shop --timeout 1m
