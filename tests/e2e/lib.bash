# shellcheck shell=bash
# What the scenarios share.  A scenario is a program that reads this file; it gets a namespace under
# the restricted Pod Security standard, a database with a Secret, and a directory, all of its own.
# It ends well, or by `fail`.
set -euo pipefail
# shellcheck source=tests/e2e/cluster/paths
. "$(dirname "${BASH_SOURCE[0]}")/cluster/paths"

name=$(basename "$0" .bash)
namespace=e2e-$name
database=${name//-/_}
password=$(openssl rand -hex 12)
work=$state/work/$name
rm -rf "$work"
mkdir -p "$work"

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

step() { printf '%(%T)T %s\n' -1 "$*"; }

kube() { "$here/kubectl" --namespace "$namespace" "$@"; }
helm() { "$here/helm" --namespace "$namespace" "$@"; }
sql() { PGDATABASE=$database "$here/psql" --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }
ask() { sql --command "$1"; }

# Runs a command until it succeeds, for at most so many seconds.
await() { # seconds, what, command...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what: not within its time"
    sleep 0.2
  done
}

expect() { # what, is, should be
  [ "$2" = "$3" ] || fail "$1 is \"$2\", not \"$3\""
}

expect_match() { # what, text, extended regular expression
  grep -qE -- "$3" <<<"$2" || fail "$1 does not match $3: $2"
}

says() { [ "$(ask "$1")" = "$2" ]; } # query, answer: for await

# -- the database ------------------------------------------------------------------------------

new_database() {
  "$here/psql" --quiet --command "DROP DATABASE IF EXISTS $database WITH (FORCE)" \
    --command "DROP ROLE IF EXISTS ${database}_owner, ${database}_reader" \
    --command "CREATE ROLE ${database}_owner LOGIN PASSWORD '$password'" \
    --command "CREATE ROLE ${database}_reader LOGIN PASSWORD '$password'" \
    --command "CREATE DATABASE $database OWNER ${database}_owner" 2>/dev/null
  sql <<EOF
CREATE SCHEMA test;
CREATE TABLE test.gate (open boolean);
INSERT INTO test.gate VALUES (false);
GRANT USAGE ON SCHEMA test TO ${database}_owner;
GRANT SELECT ON test.gate TO ${database}_owner;
EOF
}

# A Secret as a plain one looks, with the authority's certificate beside.
secret() { # name, role
  kube create secret generic "$1" --from-literal=host=postgres.database.svc.cluster.local \
    --from-literal=port=5432 --from-literal=dbname="$database" --from-literal=username="$2" \
    --from-literal=password="$password" --from-file=ca.crt="$state/pki/ca.crt" >/dev/null
}

# SQL that goes on when `open_gate` says so: a migration that takes as long as the scenario needs.
# shellcheck disable=SC2034
gate="DO \$\$ BEGIN
  WHILE NOT EXISTS (SELECT FROM test.gate WHERE open) LOOP PERFORM pg_sleep(0.05); END LOOP;
END \$\$;"
open_gate() { ask "UPDATE test.gate SET open = true"; }
at_the_gate() { says "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
  AND state = 'active' AND query LIKE '%test.gate%' AND pid <> pg_backend_pid()" 1; }

# The versions that were applied, in their order, each as often as it is there.
applied() { ask "SELECT string_agg(version, ' ' ORDER BY applied_at) FROM headway.history WHERE version <> 'base'"; }
has_table() { ask "SELECT to_regclass('public.$1') IS NOT NULL"; }
advisory_locks() { ask "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
  (SELECT oid FROM pg_database WHERE datname = current_database())"; }

# -- migrations --------------------------------------------------------------------------------

migration() { # directory, file; SQL on standard input
  mkdir -p "$work/$1"
  cat >"$work/$1/$2"
}

image() { # directory; prints the image's name
  "$here/images" with-migrations "$name-$1" "$work/$1"
  echo "localhost/migrations:$name-$1"
}

# -- pods --------------------------------------------------------------------------------------

pod_security='{runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532,
  seccompProfile: {type: RuntimeDefault}}'
container_security='{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,
  capabilities: {drop: [ALL]}}'

# A container that runs Headway, as an item of a list.
headway() { # name, image, arguments as a YAML list, further lines of a container
  as_item <<EOF
name: $1
image: $2
imagePullPolicy: Never
args: $3
terminationMessagePolicy: FallbackToLogsOnError
securityContext: $container_security
resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 96Mi}}
volumeMounts:
- {name: database, mountPath: /etc/headway/db, readOnly: true}
env:
- {name: HEADWAY_DATABASE_DIR, value: /etc/headway/db}
- {name: PGSSLMODE, value: verify-full}
${4:-}
EOF
}

application() {
  as_item <<EOF
name: application
image: localhost/application:e2e
imagePullPolicy: Never
securityContext: $container_security
ports: [{containerPort: 8080}]
readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
EOF
}

as_item() { sed -e '1s/^/- /' -e '2,$s/^/  /'; }
indent() { sed "s/^/$(printf '%*s' "$1" '')/"; }

# A pod's specification: what comes on standard input are init containers, as list items.
pod_with_application() { # the Secret
  cat <<EOF
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
securityContext: $pod_security
volumes:
- {name: database, secret: {secretName: $1, optional: true, defaultMode: 0440}}
initContainers:
$(cat)
containers:
$(application)
EOF
}

# A pod that only runs the containers on standard input.
pod_of() { # the Secret
  cat <<EOF
automountServiceAccountToken: false
enableServiceLinks: false
restartPolicy: Never
terminationGracePeriodSeconds: 30
securityContext: $pod_security
volumes:
- {name: database, secret: {secretName: $1, optional: true, defaultMode: 0440}}
containers:
$(cat)
EOF
}

deployment() { # name, replicas; a pod's specification on standard input
  kube apply -f - <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1}
spec:
  replicas: $2
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
$(indent 6)
EOF
}

job() { # name, lines of its specification; a pod's specification on standard input
  kube apply -f - <<EOF
apiVersion: batch/v1
kind: Job
metadata: {name: $1}
spec:
$(printf '%s\n' "$2" | indent 2)
  template:
    metadata: {labels: {app: $1}}
    spec:
$(indent 6)
EOF
}

# A Job ends at once on a code that another try can't change.
# shellcheck disable=SC2034
failure_policy='podFailurePolicy:
  rules:
  - action: Ignore
    onPodConditions: [{type: DisruptionTarget, status: "True"}]
  - action: FailJob
    onExitCodes: {containerName: headway, operator: In, values: [2, 20, 21, 22, 23, 24, 25, 26]}'

rolled_out() { # deployment, seconds
  kube rollout status "deployment/$1" --timeout="$2s"
}

pods() { kube get pods --selector "app=$1" --output jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}'; }

# A field of a container's status, of the init containers or the others.
status_of() { # pod, container, jsonpath below the status
  kube get pod "$1" --output jsonpath="{.status.initContainerStatuses[?(@.name==\"$2\")]$3}{.status.containerStatuses[?(@.name==\"$2\")]$3}"
}

# The line that Headway left for people to read, of the container's last end.
message_of() { # pod, container
  local message
  message=$(status_of "$1" "$2" .state.terminated.message)
  [ -n "$message" ] || message=$(status_of "$1" "$2" .lastState.terminated.message)
  printf '%s\n' "$message"
}

field() { # key; JSON on standard input
  python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1], ""))' "$1"
}

# -- Prometheus --------------------------------------------------------------------------------

# Scrapes each second what a PodMonitor for the port headway-http would select in this namespace.
start_prometheus() {
  cat >"$work/prometheus.yaml" <<EOF
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: headway
  kubernetes_sd_configs:
  - {role: pod, kubeconfig_file: $state/kubeconfig, namespaces: {names: [$namespace]}}
  relabel_configs:
  - {action: drop, source_labels: [__meta_kubernetes_pod_phase], regex: Failed|Succeeded}
  - {action: keep, source_labels: [__meta_kubernetes_pod_container_port_name], regex: headway-http}
  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
EOF
  "$here/prometheus" --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/prometheus" \
    --web.listen-address=127.0.0.1:9090 >"$work/prometheus.log" 2>&1 &
  prometheus=$!
  await 30 "Prometheus" "$here/curl" http://127.0.0.1:9090/-/ready
}

# The values that an expression has now, one a line, sorted.
query() {
  "$here/curl" --get --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
    python3 -c 'import json, sys
for series in json.load(sys.stdin)["data"]["result"]: print(series["value"][1])' | sort
}
shows() { [ "$(query "$1")" = "$2" ]; } # expression, value: for await

# -- beginning and end -------------------------------------------------------------------------

tell() { # all that helps to see why it failed
  {
    kube get all,secrets,configmaps --output wide
    kube describe pods,jobs,deployments
    kube get events --sort-by .lastTimestamp
    local pod
    for pod in $(kube get pods --output name); do
      printf '\n== %s\n' "$pod"
      kube logs "$pod" --all-containers --prefix --tail 200
      kube logs "$pod" --all-containers --prefix --tail 200 --previous
    done
    printf '\n== the history, the events, the sessions\n'
    sql --expanded --no-align --field-separator ' ' \
      --command "TABLE headway.history" --command "TABLE headway.events" \
      --command "SELECT pid, application_name, state, query FROM pg_stat_activity WHERE datname = current_database()"
  } 2>&1
}

finish() {
  local code=$?
  trap - EXIT
  if [ -n "${prometheus:-}" ]; then
    kill "$prometheus" || true
    wait "$prometheus" || true
    [ $code = 0 ] || cp "$work/prometheus.log" "$state/logs/$name.prometheus.log"
  fi
  case $code in
    0 | 130) ;;
    *) tell >"$state/logs/$name.cluster.log" || true ;;
  esac
  if [ -n "${HEADWAY_E2E_KEEP:-}" ]; then exit $code; fi
  "$here/kubectl" delete namespace "$namespace" --wait=false >/dev/null 2>&1 || true
  rm -rf "$work"
  exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

"$here/kubectl" delete namespace "$namespace" --ignore-not-found >/dev/null
"$here/kubectl" create namespace "$namespace" >/dev/null
"$here/kubectl" label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted >/dev/null
new_database
secret database "${database}_owner"
