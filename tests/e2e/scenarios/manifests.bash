#!/usr/bin/env bash
# The manifests of deploy/, with nothing changed but images: an application goes from one mode to the
# next, each time with a migration more.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
cp -r "$work/v1" "$work/v2"
migration v2 0002_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
cp -r "$work/v2" "$work/v3"
migration v3 0003_note.sql <<<"ALTER TABLE orders ADD COLUMN note text;"
for version in v1 v2 v3; do image $version >/dev/null; done
secret hive-database "${database}_owner"

deploy() { # folder, version
  mkdir -p "$work/$1"
  cat >"$work/$1/kustomization.yaml" <<EOF
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [$(realpath --relative-to="$work/$1" "$root/deploy/$1")]
images:
- {name: hive-migrations, newName: localhost/migrations, newTag: $name-$2}
- {name: hive, newName: localhost/application, newTag: e2e}
EOF
  kube apply --kustomize "$work/$1"
  rolled_out hive 120
}

deploy init-container v1
expect "the history" "$(applied)" 0001
deploy sidecar v2
expect "the history" "$(applied)" "0001 0002"
deploy job-and-wait v3
expect "the history" "$(applied)" "0001 0002 0003"
expect "the Job" "$(kube get jobs --output jsonpath='{.items[*].status.succeeded}')" 1
expect "Ready replicas" "$(kube get deployment hive --output jsonpath='{.status.readyReplicas}')" 3
