{{/*
The volumes of a pod with one of Headway's containers, as items of a list:

  volumes:
    {{- include "headway.volumes" $headway | nindent 8 }}

With "waits" true in the dict it is a pod that only waits: the credential is that of
`wait.existingSecret`, if there is one.
*/}}
{{- define "headway.volumes" -}}
{{- include "headway.prepare" . -}}
{{- $values := .values -}}
{{- $database := $values.database -}}
{{- $secret := and .waits $values.wait.existingSecret | default $database.existingSecret -}}
{{- if or $secret $database.ca.secret $database.ca.configMap $database.clientCertificate.secret -}}
- name: headway-db
  {{- include "headway.volume.database" (dict "database" $database "secret" $secret) | nindent 2 }}
{{- end }}
{{- with $values.targets }}
{{- if .configMap }}
- name: headway-targets
  configMap:
    name: {{ .configMap }}
{{- else if .secret }}
- name: headway-targets
  secret:
    secretName: {{ .secret }}
{{- end }}
{{- end }}
{{- with $values.migrations }}
{{- if eq .source "files" }}
- name: headway-migrations
  configMap:
    name: {{ include "headway.configmap.name" $ }}
{{- else if eq .source "configMap" }}
- name: headway-migrations
  configMap:
    name: {{ .configMap }}
{{- else if eq .source "volumeClaim" }}
- name: headway-migrations
  persistentVolumeClaim:
    claimName: {{ .volumeClaim }}
    readOnly: true
{{- else if eq .source "imageVolume" }}
- name: headway-migrations
  image:
    {{- toYaml .imageVolume | nindent 4 }}
{{- end }}
{{- end }}
{{- with $values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Credential, authority and client certificate in one directory.  The credential is optional: operators
make it late, Headway waits for the file, and the kubelet would wait for ever without a word.
*/}}
{{- define "headway.volume.database" -}}
projected:
  # Readable for whichever user the pod runs as.
  defaultMode: 0444
  sources:
    {{- if .secret }}
    - secret:
        name: {{ .secret }}
        optional: true
        {{- $keys := list }}
        {{- range $path, $key := .database.secretKeys }}
        {{- if $key }}{{ $keys = append $keys (dict "key" $key "path" $path) }}{{ end }}
        {{- end }}
        {{- with $keys }}
        items:
          {{- toYaml . | nindent 10 }}
        {{- end }}
    {{- end }}
    {{- with .database.ca }}
    {{- if .secret }}
    - secret:
        name: {{ .secret }}
        items: [{key: {{ .key | quote }}, path: ca.crt}]
    {{- else if .configMap }}
    - configMap:
        name: {{ .configMap }}
        items: [{key: {{ .key | quote }}, path: ca.crt}]
    {{- end }}
    {{- end }}
    {{- with .database.clientCertificate }}
    {{- if .secret }}
    - secret:
        name: {{ .secret }}
        items:
          - {key: {{ .certificateKey | quote }}, path: tls.crt}
          # libpq takes no key that others can read; the pod's fsGroup makes it readable for Headway.
          - {key: {{ .privateKeyKey | quote }}, path: tls.key, mode: 0440}
    {{- end }}
    {{- end }}
{{- end -}}

{{- define "headway.volumeMounts" -}}
{{- $values := .values -}}
{{- $database := $values.database -}}
{{- $secret := and (not .migrates) $values.wait.existingSecret | default $database.existingSecret -}}
{{- if or $secret $database.ca.secret $database.ca.configMap $database.clientCertificate.secret -}}
- name: headway-db
  mountPath: /etc/headway/db
  readOnly: true
{{- end }}
{{- if or $values.targets.configMap $values.targets.secret }}
- name: headway-targets
  mountPath: /etc/headway/targets
  readOnly: true
{{- end }}
{{- if ne $values.migrations.source "image" }}
- name: headway-migrations
  mountPath: {{ $values.migrations.path }}
  {{- if and $values.migrations.subPath (has $values.migrations.source (list "volumeClaim" "imageVolume")) }}
  subPath: {{ $values.migrations.subPath }}
  {{- end }}
  readOnly: true
{{- end }}
{{- with $values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
