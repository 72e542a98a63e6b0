{{/*
What every template here takes, as one dict:

  root      $ of the calling chart
  headway   the block of values that says what to run, such as .Values.headway; "headway.defaults"
            below has every key
  name      what the names of the Job and its ConfigMap begin with (the Job and `source: files` need it)
  labels    labels of the Job and its ConfigMap (optional)
  podLabels labels that choose the Job's pods (optional)
  complete  true: the block has every key and a schema has checked it, as that of charts/headway;
            what is missing was taken away with null, and stays away (optional)

An explicit dict, because .Values means something else in each chart.
*/}}

{{/* Every key and its default; charts/headway/values.yaml says what each means. */}}
{{- define "headway.defaults" -}}
image: {repository: "", tag: "", digest: "", pullPolicy: IfNotPresent}
imagePullSecrets: []
migrations:
  source: image
  path: /migrations
  target: head
  files: {}
  configMap: ""
  volumeClaim: ""
  imageVolume: {reference: "", pullPolicy: IfNotPresent}
  subPath: ""
  digest: ""
database:
  logicalName: ""
  existingSecret: ""
  secretKeys: {uri: "", host: "", port: "", username: "", password: "", dbname: "", sslmode: ""}
  host: ""
  port: ""
  name: ""
  user: ""
  sslmode: ""
  ca: {secret: "", configMap: "", key: ca.crt}
  clientCertificate: {secret: "", certificateKey: tls.crt, privateKeyKey: tls.key}
options:
  environment: production
  connectTimeout: 5m
  authRetry: ""
  lockWait: 10m
  lockTimeout: ""
  statementTimeout: ""
  shutdownTimeout: 20s
  drain: "0"
  transaction: ""
  order: ""
  phase: ""
  ifAhead: ""
  pooler: ""
  role: ""
  searchPath: []
  historySchema: ""
  historyTable: ""
  historyReaders: []
  logLevel: ""
targets: {configMap: "", secret: "", key: targets.toml, concurrency: "", maxFailures: ""}
extraArgs: []
job:
  hook: none
  hookEvents: pre-install,pre-upgrade
  hookWeight: 0
  rerunToken: ""
  annotations: {}
  backoffLimit: 5
  indexed: {completions: 0, parallelism: null, backoffLimitPerIndex: 5, maxFailedIndexes: null}
  activeDeadlineSeconds: 3600
  ttlSecondsAfterFinished: 86400
  terminationGracePeriodSeconds: null
wait: {timeout: 15m, existingSecret: ""}
sidecar:
  watchInterval: 60s
  onFailure: exit
  failureHold: 60s
  startupProbe: {periodSeconds: 5, failureThreshold: 720, timeoutSeconds: 5}
  livenessProbe: {enabled: false, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5}
metrics:
  enabled: true
  port: 9490
  linger: 45s
  podMonitor: {enabled: false}
  pushgateway: {url: ""}
serviceAccountName: ""
podSecurityContext:
  runAsNonRoot: true
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
containerSecurityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
resources:
  requests: {cpu: 10m, memory: 32Mi}
  limits: {memory: 96Mi}
podLabels:
  sidecar.istio.io/inject: "false"
podAnnotations:
  linkerd.io/inject: disabled
  karpenter.sh/do-not-disrupt: "true"
  cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
nodeSelector: {}
tolerations: []
affinity: {}
priorityClassName: ""
extraEnv: []
extraEnvFrom: []
extraVolumes: []
extraVolumeMounts: []
extraInitContainers: []
extraContainers: []
{{- end -}}

{{/*
Sets `values` in the caller's dict: the block with the defaults in its gaps, checked; once, for the next
template that gets the same dict.  A key that nothing reads is refused: a misspelt one must not be a
silent default.
*/}}
{{- define "headway.prepare" -}}
{{- if not .values -}}
{{- if not (and .root .headway) -}}
{{- fail "headway-lib: pass (dict \"root\" $ \"name\" NAME \"headway\" .Values.headway)" -}}
{{- end -}}
{{- $values := deepCopy .headway -}}
{{- if not .complete -}}
{{- include "headway.fill" (dict "given" $values "defaults" (include "headway.defaults" . | fromYaml) "path" "headway") -}}
{{- end -}}
{{- include "headway.check" (dict "root" .root "values" $values) -}}
{{- $_ := set . "values" $values -}}
{{- end -}}
{{- end -}}

{{/*
Sets in `given` what it lacks of `defaults`.  By hand, because Sprig's merge takes false and "" for
something missing.  Kubernetes' own objects are replaced whole, so that a key can be taken away.
*/}}
{{- define "headway.fill" -}}
{{- $whole := list "podSecurityContext" "containerSecurityContext" "resources" "podLabels" "podAnnotations" -}}
{{- range $key, $_ := .given -}}
{{- if not (hasKey $.defaults $key) -}}
{{- fail (printf "headway-lib: there is no %s.%s; there are: %s" $.path $key (keys $.defaults | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- range $key, $default := .defaults -}}
{{- if not (hasKey $.given $key) -}}
{{- $_ := set $.given $key $default -}}
{{- else if and (kindIs "map" $default) $default (not (has $key $whole)) -}}
{{- include "headway.fill" (dict "given" (index $.given $key) "defaults" $default "path" (printf "%s.%s" $.path $key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What YAML may take for a number: a version, which would print as 2.026e+13, a tag, 0.  Null is nothing. */}}
{{- define "headway.text" -}}
{{- if kindIs "string" . -}}{{- . -}}{{- else if not (kindIs "invalid" .) -}}{{- int64 . -}}{{- end -}}
{{- end -}}

{{/* A duration of Headway's ("90s", "10m", "0") in whole seconds. */}}
{{- define "headway.seconds" -}}
{{- $text := toString . -}}
{{- if hasSuffix "ms" $text -}}{{- div (trimSuffix "ms" $text | int64) 1000 -}}
{{- else if hasSuffix "s" $text -}}{{- trimSuffix "s" $text | int64 -}}
{{- else if hasSuffix "m" $text -}}{{- mul (trimSuffix "m" $text | int64) 60 -}}
{{- else if hasSuffix "h" $text -}}{{- mul (trimSuffix "h" $text | int64) 3600 -}}
{{- else -}}0{{- end -}}
{{- end -}}

{{/* How long Headway may wait before it does anything, in seconds. */}}
{{- define "headway.patience" -}}
{{- add (include "headway.seconds" .connectTimeout | int64) (include "headway.seconds" .lockWait | int64) -}}
{{- end -}}
