#!/usr/bin/env bash
# The namespaces of all scenarios enforce the restricted standard; here it is shown that it bites,
# and that Headway asks for less still: any user, a group of its own, 32 MiB, no writable file system.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_users.sql <<<"CREATE TABLE users (id bigint PRIMARY KEY);"
{
  echo "CREATE TABLE documents (id int, body text);"
  for number in $(seq 8); do
    printf "INSERT INTO documents VALUES (%d, '%s');\n" "$number" "$(head -c 750000 /dev/zero | base64 -w 0)"
  done
} >"$work/large.sql"
migration v1 0002_large.sql <"$work/large.sql"
v1=$(image v1)

refused=$(headway headway "$v1" '[upgrade]' | pod_of database |
  sed 's/runAsNonRoot: true, runAsUser: 65532, //; s/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/' |
  job privileged "backoffLimit: 0" 2>&1) || fail "$refused"
expect_match "what kubectl says" "$refused" 'violate PodSecurity "restricted'
events() { [[ $(kube get events --field-selector involvedObject.name=privileged) == *FailedCreate*'violates PodSecurity'* ]]; }
await 30 "the pod is refused" events
expect "pods of the refused Job" "$(pods privileged)" ""

headway headway "$v1" '[upgrade]' | pod_of database |
  sed 's/runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532/runAsUser: 1000660001, runAsGroup: 1000660001, fsGroup: 1000660002/
       s/limits: {memory: 96Mi}/limits: {memory: 32Mi}/; s/requests: {cpu: 10m, memory: 16Mi}/requests: {cpu: 10m, memory: 8Mi}/' |
  job small "backoffLimit: 0
$failure_policy"
ended() { [ -n "$(status_of "$(pods small)" headway .state.terminated.exitCode)" ]; }
await 90 "the Job ends" ended
expect "exit code" "$(status_of "$(pods small)" headway .state.terminated.exitCode)" 0
expect "the user" "$(kube get pods --selector app=small --output jsonpath='{.items[0].spec.securityContext.runAsUser}')" 1000660001
expect "the limit" "$(kube get pods --selector app=small --output jsonpath='{.items[0].spec.containers[0].resources.limits.memory}')" 32Mi
expect "the history" "$(applied)" "0001 0002"
expect "the rows" "$(ask "SELECT count(*), pg_size_pretty(sum(octet_length(body))) FROM documents")" "8|7813 kB"
