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
{{- include "jupyterhub.withoutNulls" (list $prepared.Values (include "jupyterhub.namedMaps" . | fromYaml)) }}
{{- include "jupyterhub.validate" $prepared }}
{{- end }}
{{- include (index . 1) $context.Prepared }}
{{- end }}

{{- /* Maps whose null entries go, and those whose null entries have a meaning: z2jh_hub/config/named_entries.py. */}}
{{- define "jupyterhub.namedMaps" -}}
named:
- annotations
- choices
- containerSecurityContext
- daemonsetAnnotations
- extraAnnotations
- extraConfig
- extraContainers
- extraEnv
- extraFiles
- extraImages
- extraLabels
- extraTolerations
- extraVolumeMounts
- extraVolumes
- failures
- guarantees
- initContainers
- labels
- lifecycle
- lifecycleHooks
- limits
- loadRoles
- nodeSelector
- podSecurityContext
- profileList
- profile_options
- profiles
- quotas
- requests
- resources
- selector
- services
opaque:
- auth
- config
- custom
- data
- extraConfigMap
- extraPodConfig
- extraPodSpec
- kubespawner_override
- templateVars
{{- end }}

{{- /* (values, named maps): takes null entries out of the named maps in values. */}}
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

{{- /* Keys of 2018 that templates read: where each stands today. */}}
{{- define "jupyterhub.moved" -}}
auth.state.cryptoKey: hub.config.CryptKeeper.keys
hub.cookieSecret: hub.config.JupyterHub.cookie_secret
hub.fsGid: hub.podSecurityContext.fsGroup
hub.imagePullPolicy: hub.image.pullPolicy
hub.uid: hub.containerSecurityContext.runAsUser
imagePullSecret.enabled: imagePullSecret.create
prePuller.enabled: prePuller.hook.enabled
proxy.networkPolicy: proxy.chp.networkPolicy proxy.traefik.networkPolicy
proxy.nodeSelector: proxy.chp.nodeSelector proxy.traefik.nodeSelector
proxy.pdb: proxy.chp.pdb proxy.traefik.pdb
proxy.secretToken: hub.config.ConfigurableHTTPProxy.auth_token
rbac.enabled: >-
  rbac.create hub.serviceAccount.create proxy.traefik.serviceAccount.create
  scheduling.userScheduler.serviceAccount.create prePuller.hook.serviceAccount.create
  prePuller.hook.serviceAccountImagePuller.create prePuller.continuous.serviceAccount.create
singleuser.cloudMetadata.enabled: singleuser.networkPolicy.egressAllowRules.cloudMetadataServer
singleuser.imagePullPolicy: singleuser.image.pullPolicy
{{- end }}

{{- /* Values, in place: today's keys from those of 2018. */}}
{{- define "jupyterhub.modernise" -}}
{{- range $old, $new := include "jupyterhub.moved" . | fromYaml }}
{{- $found := dict }}
{{- include "jupyterhub.find" (list $ (splitList "." $old) $found) }}
{{- if hasKey $found "value" }}
{{- range splitList " " $new }}
{{- include "jupyterhub.set" (list $ (splitList "." .) $found.value) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* what needs more than another name */}}
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
{{- $beside := dict "labelSelector" (dict "matchExpressions" (list
    (dict "key" "component" "operator" "In" "values" (list "singleuser-server"))))
  "topologyKey" "kubernetes.io/hostname" }}
{{- $affinity := .singleuser.extraPodAffinity }}
{{- $_ := set $affinity "preferred" (append ($affinity.preferred | default list) (dict "weight" 100 "podAffinityTerm" $beside)) }}
{{- end }}
{{- if and (kindIs "invalid" .proxy.https.enabled) .proxy.https.hosts }}
{{- $_ := set .proxy.https "enabled" true }}
{{- end }}
{{- /*
In a file of 2018, which another old key tells, `egress` was all that users may reach; today it
adds to rules. Those are taken for given where they are not the chart's own.
*/}}
{{- $policy := .singleuser.networkPolicy }}
{{- $old := omit (include "jupyterhub.old" . | fromYaml) "hub.cookieSecret" "proxy.secretToken" }}
{{- if and $old $policy.egress (eq (toJson $policy.egressAllowRules) (include "jupyterhub.defaultEgressAllowRules" .)) }}
{{- $_ := set $policy "egressAllowRules" dict }}
{{- end }}
{{- end }}

{{- /* The chart's own `singleuser.networkPolicy.egressAllowRules`, as JSON. */}}
{{- define "jupyterhub.defaultEgressAllowRules" -}}
{{- toJson (dict
  "cloudMetadataServer" false
  "dnsPortsCloudMetadataServer" true
  "dnsPortsKubeSystemNamespace" true
  "dnsPortsPrivateIPs" true
  "nonPrivateIPs" true
  "privateIPs" false
) }}
{{- end }}

{{- /* Keys of 2018 in values, each with its name today. */}}
{{- define "jupyterhub.old" -}}
{{- $names := merge (include "jupyterhub.moved" . | fromYaml) (dict
  "auth" "hub.config"
  "hub.extraConfigMap" "custom"
  "hub.imagePullSecret" "imagePullSecret"
  "hub.publicURL" "hub.config.JupyterHub.public_url"
  "ingress.host" "ingress.hosts"
  "ingress.https" "ingress.tls"
  "proxy.chp.cmd" "proxy.chp.command"
  "proxy.lego" "proxy.traefik"
  "proxy.nginx" "proxy.traefik"
  "scheduling.userScheduler.policy" "scheduling.userScheduler.plugins"
  "singleuser.imagePullSecret" "imagePullSecret"
  "singleuser.schedulerStrategy" "scheduling.userScheduler.enabled"
) }}
{{- $old := dict }}
{{- range $key, $today := omit $names "auth.state.cryptoKey" }}
{{- $found := dict }}
{{- include "jupyterhub.find" (list $ (splitList "." $key) $found) }}
{{- if hasKey $found "value" }}
{{- $_ := set $old $key (splitList " " $today | first) }}
{{- end }}
{{- end }}
{{- if kindIs "string" .hub.extraConfig }}
{{- $_ := set $old "hub.extraConfig as text" "a map of named snippets" }}
{{- end }}
{{- toYaml $old }}
{{- end }}

{{- /* (values, path, found): puts what stands there into `found` as `value`, unless it is null. */}}
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

{{- /* (values, path, value): sets it, making maps on the way; a map is merged. */}}
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
The keys of the Secret `hub` and what the administrator gave for each, or null: the rest is
made by `z2jh secrets ensure`.
*/}}
{{- define "jupyterhub.secrets" -}}
{{- $config := .Values.hub.config | default dict }}
{{- $keys := ($config.CryptKeeper | default dict).keys }}
{{- $secrets := dict
  "hub.config.ConfigurableHTTPProxy.auth_token" ($config.ConfigurableHTTPProxy | default dict).auth_token
  "hub.config.CryptKeeper.keys" (kindIs "slice" $keys | ternary (join ";" ($keys | default list)) $keys)
  "hub.config.JupyterHub.cookie_secret" ($config.JupyterHub | default dict).cookie_secret
}}
{{- with .Values.hub.db.password }}
{{- $_ := set $secrets "hub.db.password" . }}
{{- end }}
{{- range $name, $service := .Values.hub.services }}
{{- $service = $service | default dict }}
{{- $_ := set $secrets (printf "hub.services.%s.apiToken" $name) (coalesce $service.apiToken $service.api_token) }}
{{- end }}
{{- toYaml $secrets }}
{{- end }}

{{- /* (values, path): takes it away, where it is there. */}}
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
