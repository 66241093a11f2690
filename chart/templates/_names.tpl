{{- /*
The names of this release's objects. With `fullnameOverride: ""`, the default, they are short
("hub"); null prefixes them with the name of the release, any other value with itself. A name that
is longer than 63 characters is shortened and made unique by a hash.
*/}}

{{- define "jupyterhub.chartName" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "jupyterhub.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name }}
{{- if kindIs "string" .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name }}
{{- end }}
{{- end }}

{{- /* (name, length): the name, shortened to this length */}}
{{- define "jupyterhub.cut" -}}
{{- $name := index . 0 }}{{ $length := index . 1 | int }}
{{- if gt (len $name) $length }}
{{- printf "%s-%s" ($name | trunc (sub $length 9 | int) | trimSuffix "-") ($name | sha256sum | trunc 8) }}
{{- else }}
{{- $name }}
{{- end }}
{{- end }}

{{- /* (root, key): the name of one object, by its key in the table of `jupyterhub.names`. */}}
{{- define "jupyterhub.name" -}}
{{- $root := index . 0 }}
{{- if not (hasKey $root "Names") }}
{{- $_ := set $root "Names" (include "jupyterhub.names" $root | fromYaml) }}
{{- end }}
{{- required (printf "no object is called %q" (index . 1)) (get $root.Names (index . 1)) }}
{{- end }}

{{- /* The names of all objects; the hub reads them as its mount `config/`. */}}
{{- define "jupyterhub.names" -}}
{{- $fullname := include "jupyterhub.fullname" . }}
{{- $prefix := empty $fullname | ternary "" (printf "%s-" $fullname) }}
{{- $names := dict
  "ingress" ($fullname | default "jupyterhub")
  "hub-pvc" (printf "%shub-db-dir" $prefix)
  "proxy-public-tls" (printf "%sproxy-public-tls-acme" $prefix)
  "user-scheduler-deploy" (printf "%suser-scheduler" $prefix)
  "fullname" $fullname
  "fullname-dash" $prefix
  "hub-existing-secret" (.Values.hub.existingSecret | default "")
  "hub-existing-secret-or-default" (.Values.hub.existingSecret | default (printf "%shub" $prefix))
}}
{{- range list "autohttps" "continuous-image-puller" "hook-image-awaiter" "hook-image-puller"
  "hub" "hub-db-restore" "hub-secrets" "hub-values" "image-pull-secret" "proxy" "proxy-api" "proxy-error-pages"
  "proxy-http"
  "proxy-public" "proxy-public-manual-tls" "singleuser" "user-placeholder"
  "user-scheduler-lock" }}
{{- $_ := set $names . (printf "%s%s" $prefix .) }}
{{- end }}

{{- /* cluster-wide objects, whose names always contain the name of the release */}}
{{- $cluster := $fullname | default .Release.Name }}
{{- $kind := empty $fullname | ternary "-priority" "" }}
{{- $_ := set $names "priority" (empty $fullname | ternary (printf "%s-default-priority" $cluster) $fullname) }}
{{- $_ := set $names "image-puller-priority" (printf "%s-image-puller%s" $cluster $kind) }}
{{- $_ := set $names "user-placeholder-priority" (printf "%s-user-placeholder%s" $cluster $kind) }}
{{- $_ := set $names "hub-nodes" (printf "%s-hub-nodes" $cluster) }}
{{- $_ := set $names "user-scheduler" (printf "%s-user-scheduler" $cluster) }}

{{- range $name, $value := $names }}
{{- /* a StatefulSet labels its pods with its name, a dash and ten characters */}}
{{- $_ := set $names $name (include "jupyterhub.cut" (list $value (eq $name "user-placeholder" | ternary 52 63))) }}
{{- end }}

{{- range $component, $account := include "jupyterhub.serviceAccounts" . | fromYaml }}
{{- $name := get $names (eq $component "user-scheduler" | ternary "user-scheduler-deploy" $component) }}
{{- $_ := set $names (printf "%s-serviceaccount" $component) ($account.name | default ($account.create | ternary $name "default")) }}
{{- end }}
{{- toYaml $names }}
{{- end }}

{{- /* The key that describes the service account of each component. */}}
{{- define "jupyterhub.serviceAccounts" -}}
{{- toYaml (dict
  "autohttps" .Values.proxy.traefik.serviceAccount
  "continuous-image-puller" .Values.prePuller.continuous.serviceAccount
  "hook-image-awaiter" .Values.prePuller.hook.serviceAccount
  "hook-image-puller" .Values.prePuller.hook.serviceAccountImagePuller
  "hub" .Values.hub.serviceAccount
  "user-scheduler" .Values.scheduling.userScheduler.serviceAccount
) }}
{{- end }}
