{{- /* The URL prefix of the hub: "", or a path that starts with a slash and does not end with one. */}}
{{- define "jupyterhub.hub.prefix" -}}
{{- $path := ((.Values.hub.config | default dict).JupyterHub | default dict).base_url | default .Values.hub.baseUrl | trimAll "/" }}
{{- empty $path | ternary "" (printf "/%s" $path) }}
{{- end }}

{{- /*
The values that the hub mounts: those that Helm received, with the administrator's own keys,
without secrets that the hub does not read.
*/}}
{{- define "jupyterhub.hub.values" -}}
{{- $values := deepCopy .Given }}
{{- range list "proxy.https.manual.key" "proxy.https.manual.cert" "imagePullSecret.password" "hub.imagePullSecret.password" "singleuser.imagePullSecret.password" }}
{{- include "jupyterhub.unset" (list $values (splitList "." .)) }}
{{- end }}
{{- $_ := set $values "Chart" (dict "Name" .Chart.Name "Version" .Chart.Version "AppVersion" .Chart.AppVersion) }}
{{- $_ := set $values "Release" (dict "Name" .Release.Name "Namespace" .Release.Namespace "Service" .Release.Service) }}
{{- toYaml $values }}
{{- end }}

{{- /*
The values that restart the hub when they change: those that it mounts, without those that only
templates read and those that a running hub applies; and the values that `hub.restartOnChange` names.
*/}}
{{- define "jupyterhub.hub.readValues" -}}
{{- $values := include "jupyterhub.hub.values" . | fromYaml }}
{{- range include "jupyterhub.tables.notRead" . | fromYamlArray }}
{{- include "jupyterhub.unset" (list $values (splitList "." .)) }}
{{- end }}
{{- range $key, $_ := include "jupyterhub.hub.reloaded" . | fromYaml }}
{{- include "jupyterhub.unset" (list $values (splitList "." $key)) }}
{{- end }}
{{- range $name, $file := .Values.hub.extraFiles }}
{{- if hasSuffix ".html" $file.mountPath }}
{{- include "jupyterhub.unset" (list $values (list "hub" "extraFiles" $name "stringData")) }}
{{- end }}
{{- end }}
{{- range $class, $traits := .Values.hub.config }}
{{- if not (dig "hub" "config" $class dict $values) }}
{{- include "jupyterhub.unset" (list $values (list "hub" "config" $class)) }}
{{- end }}
{{- end }}
{{- range kindIs "slice" .Values.hub.restartOnChange | ternary .Values.hub.restartOnChange list }}
{{- $found := dict }}
{{- include "jupyterhub.find" (list $.Values (splitList "." .) $found) }}
{{- $_ := set $values (printf "restartOnChange.%s" .) $found.value }}
{{- end }}
{{- toYaml $values }}
{{- end }}

{{- /* The keys that a running hub applies, each with the trait that it sets, for the classes in `hub.config`. */}}
{{- define "jupyterhub.hub.reloaded" -}}
{{- /* the keys of 0.1; a running hub reads them under their current names */}}
{{- $keys := dict "custom.failures" "failures" "custom.quotas" "quotas" "custom.rescue" "rescue_enabled" }}
{{- range $key, $trait := include "jupyterhub.tables.reloaded" . | fromYaml }}
{{- if contains "*" $key }}
{{- range $class, $_ := $.Values.hub.config }}
{{- $_ := set $keys (replace "*" $class $key) $trait }}
{{- end }}
{{- else }}
{{- $_ := set $keys $key $trait }}
{{- end }}
{{- end }}
{{- toYaml $keys }}
{{- end }}

{{- /*
(root, key): "true" if the hub has the permission of this key, such as `rbac.hub.deleteClaims`, else
nothing. If the key is null, `hub.config` decides.
*/}}
{{- define "jupyterhub.hub.may" -}}
{{- $values := (index . 0).Values }}{{ $key := index . 1 }}
{{- $explicit := dict }}
{{- include "jupyterhub.find" (list $values (splitList "." $key) $explicit) }}
{{- $granted := $explicit.value }}
{{- if not $explicit }}
{{- range $permission := include "jupyterhub.tables.permissions" . | fromYamlArray }}
{{- range $trait := eq $permission.key $key | ternary $permission.traits list }}
{{- range $class, $traits := $values.hub.config }}
{{- if get ($traits | default dict) $trait }}{{ $granted = true }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $granted }}true{{ end }}
{{- end }}
