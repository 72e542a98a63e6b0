{{/*
The Job, and the ConfigMap of `migrations.source: files`.

Without a hook the Job's name holds a hash of all that Kubernetes lets nobody change in a Job: what
is new makes a new Job, and "field is immutable" never comes up.  Labels of the Job are not in it.
As a hook it keeps one name, which Helm and Argo CD delete before they create it again.
*/}}
{{- define "headway.job" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $fixed := include "headway.job.fixed" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "headway.job.name" . }}
  namespace: {{ .root.Release.Namespace }}
  {{- with .labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $annotations := merge (include "headway.hook" (dict "job" $values.job "offset" 0) | fromYaml) $values.job.annotations }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if $values.job.indexed.completions }}
  {{- with $values.job.indexed }}
  parallelism: {{ kindIs "invalid" .parallelism | ternary .completions .parallelism | int64 }}
  backoffLimitPerIndex: {{ int64 .backoffLimitPerIndex }}
  {{- if not (kindIs "invalid" .maxFailedIndexes) }}
  maxFailedIndexes: {{ int64 .maxFailedIndexes }}
  {{- end }}
  {{- end }}
  {{- else }}
  backoffLimit: {{ int64 $values.job.backoffLimit }}
  {{- end }}
  # Also the end of a pod that never starts: an image that can't be pulled counts as no failure.
  activeDeadlineSeconds: {{ int64 $values.job.activeDeadlineSeconds }}
  {{- if and (eq $values.job.hook "none") (not (kindIs "invalid" $values.job.ttlSecondsAfterFinished)) }}
  ttlSecondsAfterFinished: {{ int64 $values.job.ttlSecondsAfterFinished }}
  {{- end }}
  {{- $fixed | nindent 2 }}
{{- end -}}

{{/* The Job's name, for `kubectl wait` and NOTES.txt. */}}
{{- define "headway.job.name" -}}
{{- if not .name -}}
{{- fail "headway-lib: a Job needs (dict ... \"name\" NAME)" -}}
{{- end -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $base := printf "%s-migrate" (.name | trunc 44 | trimSuffix "-") -}}
{{- if ne $values.job.hook "none" -}}
{{- $base -}}
{{- else -}}
{{- $fixed := include "headway.job.fixed" . -}}
{{- printf "%s-%s" $base (printf "%s %v %v" $fixed $values.migrations.digest $values.job.rerunToken | sha256sum | trunc 10) -}}
{{- end -}}
{{- end -}}

{{/* What can't be changed in a Job that exists. */}}
{{- define "headway.job.fixed" -}}
{{- $values := .values -}}
{{- $shards := int64 $values.job.indexed.completions -}}
{{- $arguments := list "upgrade" -}}
{{- if $shards -}}
{{- $arguments = append $arguments (printf "--shard-count=%d" $shards) -}}
# A shard of the targets for each index.
completionMode: Indexed
completions: {{ $shards }}
{{ end -}}
# Always there: it also makes Kubernetes wait for a pod's end before it starts the next.
podFailurePolicy:
  rules:
    # A drained node or a preemption is nobody's fault.
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
    {{- if $shards }}
    # What one shard's targets can't do says nothing about the others.
    - action: FailIndex
      onExitCodes:
        containerName: headway
        operator: In
        values: [20, 21, 22, 23, 24, 26]
    # Flags or source, and the server: all shards have the same.
    - action: FailJob
      onExitCodes:
        containerName: headway
        operator: In
        values: [2, 25]
    {{- else }}
    # Another attempt can't help: flags or source, migration, checksum, order, rights, server, policy.
    - action: FailJob
      onExitCodes:
        containerName: headway
        operator: In
        values: [2, 20, 21, 22, 23, 24, 25, 26]
    {{- end }}
template:
  metadata:
    {{- with merge (dict) (.podLabels | default dict) $values.podLabels }}
    labels:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $values.podAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    restartPolicy: Never
    # Headway asks the database, never the Kubernetes API.
    automountServiceAccountToken: false
    # No HEADWAY_*_SERVICE_* variables of a Service that happens to be called headway.
    enableServiceLinks: false
    {{- with $values.serviceAccountName }}
    serviceAccountName: {{ . }}
    {{- end }}
    {{- with $values.imagePullSecrets }}
    imagePullSecrets:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    # Above --drain and --shutdown-timeout, so that what runs is rolled back before SIGKILL.
    terminationGracePeriodSeconds: {{ include "headway.job.grace" $values }}
    {{- with $values.podSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $values.extraInitContainers }}
    initContainers:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      {{- include "headway.container" (dict "context" . "name" "headway" "arguments" $arguments "migrates" true "linger" true) | nindent 6 }}
      {{- with $values.extraContainers }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with include "headway.volumes" (omit . "waits") | trim }}
    volumes:
      {{- . | nindent 6 }}
    {{- end }}
    {{- with $values.priorityClassName }}
    priorityClassName: {{ . }}
    {{- end }}
    {{- with $values.nodeSelector }}
    nodeSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $values.affinity }}
    affinity:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $values.tolerations }}
    tolerations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end -}}

{{- define "headway.job.grace" -}}
{{- if kindIs "invalid" .job.terminationGracePeriodSeconds -}}
{{- add (include "headway.seconds" .options.drain | int64) (include "headway.seconds" .options.shutdownTimeout | int64) 10 -}}
{{- else -}}
{{- int64 .job.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}

{{/*
Annotations by job.hook, as a dict.  `offset` -1 is for what the Job needs there first.  Argo CD runs
a hook in the sync wave of its number, and other objects need but the wave.
*/}}
{{- define "headway.hook" -}}
{{- $weight := add (int64 .job.hookWeight) .offset | toString -}}
{{- if eq .job.hook "helm" -}}
helm.sh/hook: {{ .job.hookEvents }}
helm.sh/hook-weight: {{ $weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- else if eq .job.hook "argocd" -}}
argocd.argoproj.io/sync-wave: {{ $weight | quote }}
{{- if eq .offset 0 }}
argocd.argoproj.io/hook: {{ .job.argocdHook | default "Sync" }}
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
{{- end }}
{{- end -}}
{{- end -}}

{{/* The ConfigMap of `migrations.source: files`; nothing for every other source. */}}
{{- define "headway.configmap" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- if eq $values.migrations.source "files" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "headway.configmap.name" . }}
  namespace: {{ .root.Release.Namespace }}
  {{- with .labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "headway.hook" (dict "job" $values.job "offset" -1) }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
immutable: true
data:
  {{- toYaml $values.migrations.files | nindent 2 }}
{{- end -}}
{{- end -}}

{{/*
With a hash of the files, so that pods of the old and of the new release each find theirs.  Helm
never removes a hook's ConfigMap, so that one keeps its name and is replaced.
*/}}
{{- define "headway.configmap.name" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- if not .name -}}
{{- fail "headway-lib: migrations.source=files needs (dict ... \"name\" NAME)" -}}
{{- end -}}
{{- $base := printf "%s-migrations" (.name | trunc 41 | trimSuffix "-") -}}
{{- if eq $values.job.hook "helm" -}}
{{- $base -}}
{{- else -}}
{{- printf "%s-%s" $base (toYaml $values.migrations.files | sha256sum | trunc 10) -}}
{{- end -}}
{{- end -}}
