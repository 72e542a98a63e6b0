{{/* The chart's name, or what the user calls it: the value of app.kubernetes.io/name. */}}
{{- define "headway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/*
What the names of objects begin with: the release's name, and the chart's unless the release has it
in its own.  At most 40 characters, so that what is added (-migrations-<hash>) fits into 63.
*/}}
{{- define "headway.fullname" -}}
{{- $name := include "headway.name" . -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- end -}}
{{- if gt (len $full) 40 -}}
{{- $full = printf "%s-%s" ($full | trunc 31 | trimSuffix "-") ($full | sha256sum | trunc 8) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* Labels that choose this release's pods; they never change. */}}
{{- define "headway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "headway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
Labels of every object.  Not of the Job's pods: the version in them would make a new Job of each
release of the chart.
*/}}
{{- define "headway.labels" -}}
{{- $own := include "headway.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service -}}
{{- merge $own .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* The database's logical name: --name, hence the label `database` of every metric. */}}
{{- define "headway.databaseName" -}}
{{- default .Release.Name .Values.database.logicalName -}}
{{- end -}}

{{- define "headway.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "headway.fullname" .) "") -}}
{{- end -}}

{{/*
What the templates of headway-lib take, as YAML and but for `root`:

  merge (dict "root" $) (include "headway.context" . | fromYaml)
*/}}
{{- define "headway.context" -}}
name: {{ include "headway.fullname" . }}
complete: true
labels:
  {{- include "headway.labels" . | nindent 2 }}
podLabels:
  {{- include "headway.selectorLabels" . | nindent 2 }}
headway:
  {{- $more := dict "serviceAccountName" (include "headway.serviceAccountName" .) "wait" (dict "timeout" "30s") }}
  {{- merge $more .Values | toYaml | nindent 2 }}
{{- end -}}

{{/*
The same for one phase of two.  The contract Job has a name, and with `files` a ConfigMap, of its own:
as hooks of other moments they are deleted and made by themselves.
*/}}
{{- define "headway.context.phase" -}}
{{- $context := include "headway.context" .root | fromYaml -}}
{{- if .phase -}}
{{- $_ := set $context.headway.options "phase" .phase -}}
{{- end -}}
{{- if eq .phase "contract" -}}
{{- $name := $context.name -}}
{{- if gt (len $name) 32 -}}
{{- $name = printf "%s-%s" ($name | trunc 23 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- $_ := set $context "name" (printf "%s-contract" $name) -}}
{{- $_ := set $context.headway.job "hookEvents" .root.Values.job.contract.hookEvents -}}
{{- $_ := set $context.headway.job "argocdHook" "PostSync" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{/* What only this chart can get wrong; headway-lib checks the rest. */}}
{{- define "headway.check.chart" -}}
{{- if .Values.job.contract.enabled -}}
{{- if eq .Values.job.hook "none" -}}
{{- fail "job.contract.enabled is true, but job.hook is none: two ordinary Jobs would run at the same time. Set job.hook to helm or argocd" -}}
{{- end -}}
{{- if .Values.options.phase -}}
{{- fail (printf "job.contract.enabled is true, which makes a Job for each phase, and options.phase is %s: leave one of them" .Values.options.phase) -}}
{{- end -}}
{{- end -}}
{{- with .Values.metrics.podMonitor -}}
{{- if and .enabled .interval -}}
{{- if lt (include "headway.seconds" $.Values.metrics.linger | int64) (include "headway.seconds" .interval | int64) -}}
{{- fail (printf "metrics.linger (%s) is shorter than metrics.podMonitor.interval (%s): the Job would be gone before it is scraped" $.Values.metrics.linger .interval) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
