{{- /*
(context, name): renders the named template with the values that this chart works with: deprecated
keys are read as the current ones, and null entries are removed. Every file renders its own named
template this way. In it, .Values holds only current keys, and .Given the values as Helm got them.
Helm's own .Values stay unchanged, so no file depends on another one. The result is kept, because
all files need the same.
*/}}
{{- define "jupyterhub.render" -}}
{{- $context := index . 0 }}
{{- if not (hasKey $context "Prepared") }}
{{- $_ := set $context "Prepared" (dict "Values" (deepCopy $context.Values) "Given" $context.Values) }}
{{- $prepared := merge $context.Prepared (omit $context "Values" "Prepared") }}
{{- include "jupyterhub.modernise" $prepared.Values }}
{{- include "jupyterhub.withoutNulls" (list $prepared.Values (include "jupyterhub.tables.namedMaps" . | fromYaml)) }}
{{- include "jupyterhub.validate" $prepared }}
{{- end }}
{{- include (index . 1) $context.Prepared }}
{{- end }}

{{- /* (values, table): removes null entries from the maps that the table names, in place. */}}
{{- define "jupyterhub.withoutNulls" -}}
{{- $maps := index . 1 }}
{{- range $key, $value := index . 0 }}
{{- if has $key $maps.opaque }}
{{- else if kindIs "map" $value }}
{{- if has $key $maps.named }}
{{- range $name, $entry := $value }}
{{- if kindIs "invalid" $entry }}{{ $_ := unset $value $name }}{{ end }}
{{- end }}
{{- end }}
{{- include "jupyterhub.withoutNulls" (list $value $maps) }}
{{- else if kindIs "slice" $value }}
{{- range $value }}
{{- if kindIs "map" . }}{{ include "jupyterhub.withoutNulls" (list . $maps) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Changes values in place: deprecated keys are replaced by the current ones. */}}
{{- define "jupyterhub.modernise" -}}
{{- range $old, $new := include "jupyterhub.tables.moves" . | fromYaml }}
{{- include "jupyterhub.move" (list $ $old $new) }}
{{- end }}

{{- /* keys that Python code converts, and templates only rename */}}
{{- include "jupyterhub.move" (list . "auth.state.cryptoKey" (list "hub.config.CryptKeeper.keys")) }}
{{- include "jupyterhub.move" (list . "singleuser.cloudMetadata.enabled" (list "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer")) }}

{{- range list .hub.imagePullSecret .singleuser.imagePullSecret }}
{{- if (. | default dict).enabled }}
{{- $_ := set $.imagePullSecret "create" true }}
{{- range $part, $value := pick . "registry" "username" "password" "email" }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $.imagePullSecret $part $value }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- with .ingress.host }}
{{- if not $.ingress.hosts }}{{ $_ := set $.ingress "hosts" (list .) }}{{ end }}
{{- end }}
{{- if and .ingress.hosts (.ingress.https | default dict).enabled }}
{{- if not .ingress.tls }}
{{- $_ := set .ingress "tls" (list (dict "hosts" .ingress.hosts "secretName" "kubelego-tls-jupyterhub")) }}
{{- end }}
{{- $_ := set .ingress "annotations" (merge dict (.ingress.annotations | default dict) (dict "kubernetes.io/tls-acme" "true")) }}
{{- end }}
{{- with .proxy.chp.cmd }}
{{- $_ := set $.proxy.chp "command" (kindIs "slice" . | ternary . (list .)) }}
{{- end }}
{{- if eq (toString .singleuser.schedulerStrategy) "spread" }}
{{- $_ := set .scheduling.userScheduler "enabled" false }}
{{- else if eq (toString .singleuser.schedulerStrategy) "pack" }}
{{- $affinity := .singleuser.extraPodAffinity }}
{{- $_ := set $affinity "preferred" (append ($affinity.preferred | default list) (include "jupyterhub.tables.packAffinity" . | fromYaml)) }}
{{- end }}
{{- if and (kindIs "invalid" .proxy.https.enabled) .proxy.https.hosts }}
{{- $_ := set .proxy.https "enabled" true }}
{{- end }}
{{- /*
In the 2018 chart, `egress` replaced the default rules; now it adds to them. A deprecated key shows
that the file was written for that chart. If `egressAllowRules` differs from the default, it was
set, and is kept.
*/}}
{{- $policy := .singleuser.networkPolicy }}
{{- $old := omit (include "jupyterhub.old" . | fromYaml) "hub.cookieSecret" "proxy.secretToken" }}
{{- if and $old $policy.egress (eq (toJson $policy.egressAllowRules) (include "jupyterhub.defaultEgressAllowRules" .)) }}
{{- $_ := set $policy "egressAllowRules" dict }}
{{- end }}
{{- end }}

{{- /* The default of `singleuser.networkPolicy.egressAllowRules`, as JSON to compare with. */}}
{{- define "jupyterhub.defaultEgressAllowRules" -}}
{{- include "jupyterhub.tables.defaultEgressAllowRules" . | fromYaml | toJson }}
{{- end }}

{{- /* The deprecated keys in values, each with its replacement. */}}
{{- define "jupyterhub.old" -}}
{{- $names := merge (include "jupyterhub.tables.ignored" . | fromYaml) (dict
  "auth" "hub.config"
  "hub.imagePullSecret" "imagePullSecret"
  "ingress.host" "ingress.hosts"
  "ingress.https" "ingress.tls"
  "proxy.chp.cmd" "proxy.chp.command"
  "singleuser.cloudMetadata.enabled" "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer"
  "singleuser.imagePullSecret" "imagePullSecret"
  "singleuser.schedulerStrategy" "scheduling.userScheduler.enabled"
) }}
{{- range $key, $new := include "jupyterhub.tables.moves" . | fromYaml }}
{{- if not (hasPrefix "auth." $key) }}{{ $_ := set $names $key (first $new) }}{{ end }}
{{- end }}
{{- $old := dict }}
{{- range $key, $new := $names }}
{{- $found := dict }}
{{- include "jupyterhub.find" (list $ (splitList "." $key) $found) }}
{{- if hasKey $found "value" }}{{ $_ := set $old $key $new }}{{ end }}
{{- end }}
{{- if kindIs "string" .hub.extraConfig }}
{{- $_ := set $old "hub.extraConfig" "a map of named snippets" }}
{{- end }}
{{- toYaml $old }}
{{- end }}

{{- /* (values, key, keys): copies the value of a deprecated key to each of its current keys. */}}
{{- define "jupyterhub.move" -}}
{{- $values := index . 0 }}{{ $found := dict }}
{{- include "jupyterhub.find" (list $values (splitList "." (index . 1)) $found) }}
{{- if hasKey $found "value" }}
{{- range index . 2 }}
{{- include "jupyterhub.set" (list $values (splitList "." .) $found.value) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* (values, path, found): sets `value` in `found` to the value at path, unless that is null. */}}
{{- define "jupyterhub.find" -}}
{{- $values := index . 0 }}{{ $path := index . 1 }}
{{- if kindIs "map" $values }}
{{- if hasKey $values (first $path) }}
{{- $value := get $values (first $path) }}
{{- if gt (len $path) 1 }}
{{- include "jupyterhub.find" (list $value (rest $path) (index . 2)) }}
{{- else if not (kindIs "invalid" $value) }}
{{- $_ := set (index . 2) "value" $value }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* (values, path, value): sets the value at path and creates the maps above it; maps are merged. */}}
{{- define "jupyterhub.set" -}}
{{- $values := index . 0 }}{{ $key := index . 1 | first }}{{ $path := index . 1 | rest }}{{ $value := index . 2 }}
{{- if or $path (kindIs "map" $value) }}
{{- if not (kindIs "map" (get $values $key)) }}
{{- $_ := set $values $key dict }}
{{- end }}
{{- end }}
{{- if $path }}
{{- include "jupyterhub.set" (list (get $values $key) $path $value) }}
{{- else if kindIs "map" $value }}
{{- range $name, $part := $value }}
{{- include "jupyterhub.set" (list (get $values $key) (list $name) $part) }}
{{- end }}
{{- else }}
{{- $_ := set $values $key $value }}
{{- end }}
{{- end }}

{{- /*
The keys of the Secret `hub`, each with the value that the administrator set, or null: `z2jh secrets
ensure` generates the others.
*/}}
{{- define "jupyterhub.secrets" -}}
{{- $secrets := dict }}
{{- range $key, $_ := include "jupyterhub.tables.secrets" . | fromYaml }}
{{- if not (contains "*" $key) }}
{{- $found := dict }}
{{- include "jupyterhub.find" (list $.Values (splitList "." $key) $found) }}
{{- $_ := set $secrets $key (kindIs "slice" $found.value | ternary (join ";" $found.value) $found.value) }}
{{- end }}
{{- end }}
{{- with .Values.hub.db.password }}
{{- $_ := set $secrets "hub.db.password" . }}
{{- end }}
{{- range $name, $service := .Values.hub.services }}
{{- $service = $service | default dict }}
{{- $_ := set $secrets (printf "hub.services.%s.apiToken" $name) (coalesce $service.apiToken $service.api_token) }}
{{- end }}
{{- toYaml $secrets }}
{{- end }}

{{- /* (values, path): removes the value at path. */}}
{{- define "jupyterhub.unset" -}}
{{- $values := index . 0 }}{{ $path := index . 1 }}
{{- if kindIs "map" $values }}
{{- if eq (len $path) 1 }}
{{- $_ := unset $values (first $path) }}
{{- else }}
{{- include "jupyterhub.unset" (list (get $values (first $path)) (rest $path)) }}
{{- end }}
{{- end }}
{{- end }}
