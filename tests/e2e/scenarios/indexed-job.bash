#!/usr/bin/env bash
# Eight databases, shared out among the pods of an Indexed Job by charts/headway.  One of them can't
# be migrated: its index fails at once and alone, the others are at head, and the Job says so.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

shards=8
broken=${database}_5
databases=()
for ((i = 1; i <= 8; ++i)); do databases+=("${database}_$i"); done

in_database() { PGDATABASE=$1 "$here/psql" --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$2"; }
# Where --shard-count puts a target, worked out by itself: indexes that have to fail, or to succeed.
shard_of() {
  python3 -c 'import hashlib, sys
print(int.from_bytes(hashlib.sha256(sys.argv[1].encode()).digest()[:8], "big") % int(sys.argv[2]))' "$1" "$shards"
}

for one in "${databases[@]}"; do
  "$here/psql" --quiet --command "DROP DATABASE IF EXISTS $one WITH (FORCE)" \
    --command "CREATE DATABASE $one OWNER ${database}_owner" 2>/dev/null
done
# Somebody made it by hand; only here.
in_database "$broken" "CREATE TABLE orders (made_by_hand int)"

migration v1 0001_create_customers.sql <<<"CREATE TABLE customers (id bigint PRIMARY KEY);"
migration v1 0002_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
migration v1 0003_add_total.sql <<<"ALTER TABLE orders ADD COLUMN total numeric;"
image v1 >/dev/null
{
  printf '[[tenants]]\ndatabases = ['
  printf '"%s", ' "${databases[@]}"
  printf ']\n'
} >"$work/targets.toml"
kube create configmap targets --from-file="$work/targets.toml" >/dev/null
start_prometheus

release() { # install or upgrade, further arguments
  helm "$1" fleet "$root/charts/headway" --set image.repository=localhost/migrations \
    --set "image.tag=$name-v1" --set image.pullPolicy=Never --set database.existingSecret=database \
    --set database.logicalName=fleet --set targets.configMap=targets \
    --set job.indexed.completions=$shards --set job.indexed.parallelism=4 \
    --set job.indexed.backoffLimitPerIndex=2 --set 'extraArgs={--linger=120s}' "${@:2}"
}
newest_job() { kube get jobs --sort-by .metadata.creationTimestamp --output jsonpath='{.items[-1:].metadata.name}'; }
# The versions that a database has, each as often as it is there.
versions() { in_database "$1" "SELECT string_agg(version, ' ' ORDER BY applied_at) FROM headway.history WHERE version <> 'base'"; }

release install
job=$(newest_job)
kube wait --for=condition=Failed --timeout=180s "job/$job"

step "seven are at head, and the eighth is where it can be"
for one in "${databases[@]}"; do
  [ "$one" = "$broken" ] || expect "$one" "$(versions "$one")" "0001 0002 0003"
done
expect "$broken" "$(versions "$broken")" 0001

step "the Job tells which index failed, and why"
index=$(shard_of "$broken")
state_of_job() { kube get job "$job" --output jsonpath="$1"; }
expect "the failed indexes" "$(state_of_job '{.status.failedIndexes}')" "$index"
expect "how many succeeded" "$(state_of_job '{.status.succeeded}')" $((shards - 1))
# FailIndex: no second attempt for what another attempt can't cure.
expect "how many pods failed" "$(state_of_job '{.status.failed}')" 1
expect "why the Job failed" "$(state_of_job '{.status.conditions[?(@.type=="Failed")].reason}')" FailedIndexes

step "the pod's last words tell the same"
pod=$(kube get pods --selector "batch.kubernetes.io/job-name=$job,batch.kubernetes.io/job-completion-index=$index" \
  --output jsonpath='{.items[*].metadata.name}')
expect "its exit code" "$(status_of "$pod" headway .state.terminated.exitCode)" 20
message=$(message_of "$pod" headway)
expect "error_id" "$(field error_id <<<"$message")" migration-failed
expect "targets_failed" "$(field targets_failed <<<"$message")" 1
expect_match "what people read" "$message" "$broken"

step "so do the metrics of all pods together"
total() { query "sum(last_over_time(headway_targets{database=\"fleet\",state=\"$1\"}[10m]))"; }
expect "targets that are ok" "$(total ok)" 7
expect "targets that failed" "$(total failed)" 1
expect "which pod" "$(query "last_over_time(headway_targets{pod=\"$pod\",state=\"failed\"}[10m])")" 1

step "once it is mended, the same release again does what was left"
in_database "$broken" "DROP TABLE orders"
release upgrade --set job.rerunToken=mended --wait --wait-for-jobs --timeout 3m
job=$(newest_job)
expect "the completed indexes" "$(state_of_job '{.status.completedIndexes}')" "0-$((shards - 1))"
for one in "${databases[@]}"; do expect "$one" "$(versions "$one")" "0001 0002 0003"; done

for one in "${databases[@]}"; do
  "$here/psql" --quiet --command "DROP DATABASE $one WITH (FORCE)"
done
