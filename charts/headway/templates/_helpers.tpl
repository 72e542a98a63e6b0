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
Labels of every object.  Not of pods: the version in them would make a new Job of each release of
the chart.
*/}}
{{- define "headway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "headway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The database's logical name: --name, hence the label `database` of every metric. */}}
{{- define "headway.databaseName" -}}
{{- default .Release.Name .Values.database.logicalName -}}
{{- end -}}
