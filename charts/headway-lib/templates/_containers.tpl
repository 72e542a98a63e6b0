{{/*
Containers, each an item of a list:

  initContainers:
    {{- include "headway.container.upgrade" (dict "root" $ "name" (include "app.fullname" .) "headway" .Values.headway) | nindent 8 }}

The pod needs "headway.volumes" with the same dict.
*/}}

{{/* Migrates, then ends. */}}
{{- define "headway.container.upgrade" -}}
{{- include "headway.prepare" . -}}
{{- include "headway.container" (dict "context" . "name" "headway" "arguments" (list "upgrade") "migrates" true) -}}
{{- end -}}

{{/*
Migrates, then stays for its metrics: a native sidecar, to stand among the initContainers.  Its
startupProbe keeps the containers after it waiting for the schema.
*/}}
{{- define "headway.container.sidecar" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $kubernetes := .root.Capabilities.KubeVersion.Version -}}
{{- if semverCompare "<1.29.0-0" $kubernetes -}}
{{- fail (printf "headway.container.sidecar needs Kubernetes 1.29, and this is %s: use headway.container.upgrade" $kubernetes) -}}
{{- end -}}
{{- if not $values.metrics.enabled -}}
{{- fail "headway.container.sidecar needs metrics.enabled: its startupProbe asks the same port" -}}
{{- end -}}
{{- $probe := $values.sidecar.startupProbe -}}
{{- $given := mul (int64 $probe.periodSeconds) (int64 $probe.failureThreshold) -}}
{{- $patience := include "headway.patience" $values.options | int64 -}}
{{- if lt $given $patience -}}
{{- fail (printf "sidecar.startupProbe gives up after %d seconds, less than options.connectTimeout and options.lockWait together (%d): the kubelet would kill a sidecar that may still wait" $given $patience) -}}
{{- end -}}
{{- if or $values.targets.configMap $values.targets.secret -}}
{{- fail "headway.container.sidecar takes one database, and targets names many: use a Job" -}}
{{- end -}}
{{- $arguments := list "serve" (printf "--watch-interval=%s" (include "headway.text" $values.sidecar.watchInterval)) (printf "--on-failure=%s" $values.sidecar.onFailure) (printf "--failure-hold=%s" (include "headway.text" $values.sidecar.failureHold)) -}}
{{- include "headway.container" (dict "context" . "name" "headway" "arguments" $arguments "migrates" true) }}
  restartPolicy: Always
  startupProbe:
    httpGet: {path: /startupz, port: headway-http}
    periodSeconds: {{ int64 $probe.periodSeconds }}
    failureThreshold: {{ int64 $probe.failureThreshold }}
    timeoutSeconds: {{ int64 $probe.timeoutSeconds }}
{{- with $values.sidecar.livenessProbe }}
{{- if .enabled }}
  livenessProbe:
    httpGet: {path: /healthz, port: headway-http}
    periodSeconds: {{ int64 .periodSeconds }}
    failureThreshold: {{ int64 .failureThreshold }}
    timeoutSeconds: {{ int64 .timeoutSeconds }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Waits until the database is at the target, with SELECT on the history and no other right: with
`wait.existingSecret`, for which "headway.volumes" wants "waits" true in its dict.
*/}}
{{- define "headway.container.wait" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $arguments := list "wait" (printf "--timeout=%s" (include "headway.text" $values.wait.timeout)) -}}
{{- $target := include "headway.text" $values.migrations.target -}}
{{- if ne $target "head" -}}
{{- $arguments = append $arguments (printf "--target=%s" $target) -}}
{{- end -}}
{{- include "headway.container" (dict "context" . "name" "headway-wait" "arguments" $arguments "migrates" false) -}}
{{- end -}}

{{/* What the three have in common. */}}
{{- define "headway.container" -}}
{{- $values := .context.values -}}
{{- $arguments := .arguments -}}
{{- $http := and .migrates $values.metrics.enabled -}}
{{- if .migrates -}}
{{- $target := include "headway.text" $values.migrations.target -}}
{{- if ne $target "head" -}}
{{- $arguments = append $arguments $target -}}
{{- end -}}
{{- if $http -}}
{{- $arguments = append $arguments (printf "--http=:%d" (int64 $values.metrics.port)) -}}
{{- end -}}
{{- if and .linger $values.metrics.podMonitor.enabled -}}
{{- $arguments = append $arguments (printf "--linger=%s" (include "headway.text" $values.metrics.linger)) -}}
{{- end -}}
{{- $arguments = concat $arguments $values.extraArgs -}}
{{- end -}}
- name: {{ .name }}
  image: {{ include "headway.image" (dict "root" .context.root "image" $values.image) | quote }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  args:
    {{- toYaml $arguments | nindent 4 }}
  env:
    {{- include "headway.env" (set (omit .context "waits") "waits" (not .migrates)) | nindent 4 }}
  {{- with $values.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $http }}
  ports:
    - name: headway-http
      containerPort: {{ int64 $values.metrics.port }}
  {{- end }}
  {{- with $values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.containerSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # The outcome is one line of JSON in /dev/termination-log; the end of the log where there is none.
  terminationMessagePolicy: FallbackToLogsOnError
  {{- with include "headway.volumeMounts" (dict "values" $values "migrates" .migrates) }}
  volumeMounts:
    {{- . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Without a tag that of the calling chart: an application's migrations have its version. */}}
{{- define "headway.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (include "headway.text" (.image.tag | default .root.Chart.AppVersion)) -}}
{{- end -}}
{{- end -}}

{{/*
Headway's environment, for a container of your own.  Options are variables rather than arguments, so
that upgrade, serve and wait can share them.
*/}}
{{- define "headway.env" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $migrates := not .waits -}}
- name: HEADWAY_NAME
  value: {{ $values.database.logicalName | default .root.Release.Name | quote }}
- name: HEADWAY_MIGRATIONS
  value: {{ $values.migrations.path | quote }}
{{- if or $values.database.existingSecret (and (not $migrates) $values.wait.existingSecret) }}
- name: HEADWAY_DATABASE_DIR
  value: /etc/headway/db
{{- else }}
{{- if or $values.database.ca.secret $values.database.ca.configMap }}
- name: PGSSLROOTCERT
  value: /etc/headway/db/ca.crt
{{- if not $values.database.sslmode }}
# As Headway has it for a ca.crt beside a credential; libpq's own default looks at no certificate.
- name: PGSSLMODE
  value: verify-full
{{- end }}
{{- end }}
{{- if $values.database.clientCertificate.secret }}
- name: PGSSLCERT
  value: /etc/headway/db/tls.crt
- name: PGSSLKEY
  value: /etc/headway/db/tls.key
{{- end }}
{{- end }}
{{- $authority := or $values.database.ca.secret $values.database.ca.configMap }}
{{- if and (eq $values.database.sslmode "verify-full") (not $authority) }}
# Unless the Secret brings an authority of its own, the public ones: the image holds their bundle.
- name: PGSSLROOTCERT
  value: system
{{- end }}
{{- range $variable, $key := dict "PGHOST" "host" "PGPORT" "port" "PGDATABASE" "name" "PGUSER" "user" "PGSSLMODE" "sslmode" }}
{{- with index $values.database $key }}
- name: {{ $variable }}
  value: {{ . | toString | quote }}
{{- end }}
{{- end }}
{{- $forMigrating := list "connectTimeout" "lockWait" "lockTimeout" "statementTimeout" "drain" "transaction" "ifAhead" "historyReaders" }}
{{- if $values.wait.existingSecret }}{{ $forMigrating = append $forMigrating "role" }}{{ end }}
{{- range $option, $value := $values.options }}
{{- $text := kindIs "slice" $value | ternary (join "," $value) (include "headway.text" $value) }}
{{- if and $text (or $migrates (not (has $option $forMigrating))) }}
- name: HEADWAY_{{ snakecase $option | upper }}
  value: {{ $text | quote }}
{{- end }}
{{- end }}
{{- with $values.targets }}
{{- if or .configMap .secret }}
- name: HEADWAY_TARGETS
  value: {{ printf "/etc/headway/targets/%s" .key | quote }}
{{- range $variable, $key := dict "CONCURRENCY" "concurrency" "MAX_FAILURES" "maxFailures" }}
{{- with include "headway.text" (index $values.targets $key) }}
- name: HEADWAY_{{ $variable }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $migrates $values.metrics.pushgateway.url }}
- name: HEADWAY_PUSHGATEWAY_URL
  value: {{ $values.metrics.pushgateway.url | quote }}
- name: HEADWAY_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
