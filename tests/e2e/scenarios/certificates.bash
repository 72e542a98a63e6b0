#!/usr/bin/env bash
# A role that has a certificate instead of a password, from a Secret as cert-manager makes it; a server
# whose authority or name is not the one expected is not spoken to.
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "$0")/../lib.bash"

migration v1 0001_create_orders.sql <<<"CREATE TABLE orders (id bigint PRIMARY KEY);"
image v1 >/dev/null
"$here/psql" --quiet --command "DROP ROLE IF EXISTS by_certificate" --command "CREATE ROLE by_certificate ROLE ${database}_owner"
mkdir "$work/right" "$work/wrong"
"$here/certificates" client "${database}_owner" "$work/right"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=another authority" \
  -keyout "$work/wrong/ca.key" -out "$work/wrong/ca.crt" 2>/dev/null
kube create secret generic client --from-file="$work/right/tls.crt" --from-file="$work/right/tls.key"
kube create configmap authority --from-file=ca.crt="$state/pki/ca.crt"
kube create configmap another --from-file="$work/wrong/ca.crt"

release() { # name, host, ConfigMap of the authority, further arguments
  helm install "$1" "$root/charts/headway" --set image.repository=localhost/migrations \
    --set "image.tag=$name-v1" --set image.pullPolicy=Never --set "database.host=$2" \
    --set "database.name=$database" --set "database.user=${database}_owner" --set database.port=5432 \
    --set "database.ca.configMap=$3" --set options.connectTimeout=5s --set job.backoffLimit=0 "${@:4}"
}
ended() { # release
  pod=$(kube get pods --selector "app.kubernetes.io/instance=$1" --output jsonpath='{.items[*].metadata.name}') &&
    [ -n "$(status_of "$pod" headway .state.terminated.exitCode)" ]
}
outcome() { # release
  await 60 "the Job of $1 ends" ended "$1"
  message_of "$pod" headway
}

release name "10.96.0.20" authority --set database.clientCertificate.secret=client
message=$(outcome name)
step "$message"
expect "error id for another name" "$(field error_id <<<"$message")" untrusted-server
expect_match "the message about the name" "$(field message <<<"$message")" '10\.96\.0\.20'
release authority postgres.database.svc.cluster.local another --set database.clientCertificate.secret=client
message=$(outcome authority)
step "$message"
expect "error id for another authority" "$(field error_id <<<"$message")" untrusted-server
expect_match "the message about the authority" "$(field message <<<"$message")" 'certificate verify failed'
release nobody postgres.database.svc.cluster.local authority
message=$(outcome nobody)
step "$message"
expect "error id without a certificate" "$(field error_id <<<"$message")" authentication-failed
expect "exit code without a certificate" "$(field exit_code <<<"$message")" 24
expect "Headway's schema" "$(ask "SELECT to_regnamespace('headway') IS NULL")" t

release right postgres.database.svc.cluster.local authority --set database.clientCertificate.secret=client --wait --wait-for-jobs
expect "the history" "$(applied)" 0001
