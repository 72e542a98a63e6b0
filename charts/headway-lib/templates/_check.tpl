{{/*
Combinations that are known to break, refused before they reach a cluster.  Takes root and the whole
values; the texts say what, why, and what to do instead.
*/}}
{{- define "headway.check" -}}
{{- $values := .values -}}
{{- $kubernetes := .root.Capabilities.KubeVersion.Version -}}

{{- if not $values.image.repository -}}
{{- fail `image.repository is required: an image that holds Headway and your migrations.
  Build one with a Dockerfile of two lines ("make image" in Headway's own repository makes headway:0.1.0),
    FROM headway:0.1.0
    COPY migrations /migrations
  make it known to the cluster,
    docker build -t REGISTRY/my-migrations:1 . && docker push REGISTRY/my-migrations:1
    or, without a registry: kind load docker-image my-migrations:1 (k3s, containerd: ctr -n k8s.io images import FILE)
  and name it:
    --set image.repository=REGISTRY/my-migrations --set image.tag=1` -}}
{{- end -}}

{{- range $key, $choices := dict "migrations.source" "image files configMap volumeClaim imageVolume" "job.hook" "none helm argocd" -}}
{{- $path := splitList "." $key -}}
{{- $value := index $values (first $path) (last $path) -}}
{{- if not (has $value (splitList " " $choices)) -}}
{{- fail (printf "%s is %v; there are: %s" $key $value $choices) -}}
{{- end -}}
{{- end -}}

{{- with $values.migrations -}}
{{- if eq .source "files" -}}
{{- $size := 0 -}}
{{- $sql := false -}}
{{- range $name, $text := .files -}}
{{- $size = add $size (len $name) (len $text) -}}
{{- if hasSuffix ".sql" $name -}}{{- $sql = true -}}{{- end -}}
{{- end -}}
{{- if not $sql -}}
{{- fail "migrations.source is files, but migrations.files holds no .sql file: pass them with --set-file 'migrations.files.1_create_users\\.sql=FILE'" -}}
{{- end -}}
{{- if gt $size 1000000 -}}
{{- fail (printf "migrations.files holds %d bytes, and a ConfigMap at most 1 MiB: put the migrations into the image (migrations.source=image) or into one of their own (imageVolume)" $size) -}}
{{- end -}}
{{- else if .files -}}
{{- fail (printf "migrations.files is set, but migrations.source is %s: they would be left out. Set migrations.source=files" .source) -}}
{{- end -}}
{{- if and (eq .source "configMap") (not .configMap) -}}
{{- fail "migrations.source is configMap, but migrations.configMap names none" -}}
{{- end -}}
{{- if and (eq .source "volumeClaim") (not .volumeClaim) -}}
{{- fail "migrations.source is volumeClaim, but migrations.volumeClaim names none" -}}
{{- end -}}
{{- if eq .source "imageVolume" -}}
{{- if not .imageVolume.reference -}}
{{- fail "migrations.source is imageVolume, but migrations.imageVolume.reference names no image" -}}
{{- end -}}
{{- if semverCompare "<1.33.0-0" $kubernetes -}}
{{- fail (printf "migrations.source is imageVolume, which Kubernetes has from 1.33 on (by default from 1.35), and this is %s: use image or configMap" $kubernetes) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- with $values.database -}}
{{- if not (or .existingSecret .host $values.extraEnv $values.extraEnvFrom $values.targets.configMap $values.targets.secret) -}}
{{- fail "no database is named: set database.existingSecret (CloudNativePG: CLUSTER-app, Crunchy: CLUSTER-pguser-USER, Zalando, or plain keys), or database.host with a client certificate, or pass HEADWAY_DATABASE_URL in extraEnv" -}}
{{- end -}}
{{- range $key, $value := .secretKeys -}}
{{- if and $value (not $values.database.existingSecret) -}}
{{- fail (printf "database.secretKeys.%s is set, but database.existingSecret names no Secret" $key) -}}
{{- end -}}
{{- end -}}
{{- if and .ca.secret .ca.configMap -}}
{{- fail "database.ca.secret and database.ca.configMap are both set: the authority is in one of them" -}}
{{- end -}}
{{- end -}}

{{- $many := or $values.targets.configMap $values.targets.secret -}}
{{- if and $values.targets.configMap $values.targets.secret -}}
{{- fail "targets.configMap and targets.secret are both set: the file is in one of them" -}}
{{- end -}}
{{- if and $values.job.indexed.completions (not $many) -}}
{{- fail "job.indexed.completions is set, but there are no targets to share out: name the file in targets.configMap or targets.secret" -}}
{{- end -}}

{{- with $values.job -}}
{{- $patience := include "headway.patience" $values.options | int64 -}}
{{- if lt (int64 .activeDeadlineSeconds) $patience -}}
{{- fail (printf "job.activeDeadlineSeconds (%d) is less than options.connectTimeout and options.lockWait together (%d): Kubernetes would end a Job that may still wait" (int64 .activeDeadlineSeconds) $patience) -}}
{{- end -}}
{{- $stop := add (include "headway.seconds" $values.options.drain | int64) (include "headway.seconds" $values.options.shutdownTimeout | int64) -}}
{{- if not (kindIs "invalid" .terminationGracePeriodSeconds) -}}
{{- if le (int64 .terminationGracePeriodSeconds) $stop -}}
{{- fail (printf "job.terminationGracePeriodSeconds (%d) must be above options.drain and options.shutdownTimeout together (%d): SIGKILL would come while a migration is rolled back. Leave it empty, and it is computed" (int64 .terminationGracePeriodSeconds) $stop) -}}
{{- end -}}
{{- end -}}
{{- if not (kindIs "invalid" .ttlSecondsAfterFinished) -}}
{{- if lt (int64 .ttlSecondsAfterFinished) 600 -}}
{{- fail (printf "job.ttlSecondsAfterFinished (%d) is less than 600: helm --wait, Flux and people would look for a Job that is gone already" (int64 .ttlSecondsAfterFinished)) -}}
{{- end -}}
{{- end -}}
{{- if and (contains "post-" .hookEvents) (ne $values.options.phase "contract") -}}
{{- fail (printf "job.hookEvents is %s: under --wait, Flux, Terraform and Argo CD a post- hook runs when the pods are ready, and pods that wait for the schema never are. Use job.hook=none with `headway wait` in the pods, or pre-install,pre-upgrade. What runs after the pods are ready is options.phase=contract" .hookEvents) -}}
{{- end -}}
{{- range $key, $_ := .annotations -}}
{{- if or (hasPrefix "helm.sh/hook" $key) (hasPrefix "argocd.argoproj.io/hook" $key) -}}
{{- fail (printf "job.annotations has %s: set job.hook instead, on which the Job's name, its TTL and the order of its ConfigMap depend" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- if and $values.metrics.podMonitor.enabled (not $values.metrics.enabled) -}}
{{- fail "metrics.podMonitor.enabled is true, but metrics.enabled is not: there would be nothing to scrape" -}}
{{- end -}}
{{- end -}}
