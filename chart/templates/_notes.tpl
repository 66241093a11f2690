{{- /* What NOTES.txt says. */}}

{{- /* Settings that work and may not be meant. */}}
{{- define "jupyterhub.dangers" -}}
{{- $values := .Values }}
{{- $config := $values.hub.config | default dict }}
{{- $auth := $values.auth | default dict }}
{{- $class := $auth.type | default ($config.JupyterHub | default dict).authenticator_class | default "dummy" }}
{{- $password := coalesce ($config.DummyAuthenticator | default dict).password ($config.Authenticator | default dict).any_password ($auth.dummy | default dict).password }}
{{- $routed := or $values.ingress.enabled $values.httpRoute.enabled }}
{{- $public := or $routed (ne $values.proxy.service.type "ClusterIP") }}
{{- $dangers := list }}
{{- if and $public (not $password) (not $values.hub.existingSecret) (or (eq $class "dummy") (hasSuffix "DummyAuthenticator" $class)) }}
{{- $dangers = append $dangers "anyone who reaches it logs in as anyone, without a password (hub.config.JupyterHub.authenticator_class is dummy)." }}
{{- end }}
{{- if and $public (not $values.proxy.https.enabled) (not $values.ingress.tls) (not $values.httpRoute.enabled) }}
{{- $dangers = append $dangers "no TLS: traffic, including passwords, is not encrypted (proxy.https.enabled, ingress.tls)." }}
{{- end }}
{{- if $values.singleuser.cloudMetadata.blockWithIptables }}
{{- $dangers = append $dangers "user pods start with a privileged container (singleuser.cloudMetadata.blockWithIptables); a namespace with Pod Security `restricted` refuses them." }}
{{- else if not $values.singleuser.networkPolicy.enabled }}
{{- $dangers = append $dangers "user pods can reach the cloud metadata server, and with it the node's credentials, and every pod; set singleuser.networkPolicy.enabled or singleuser.cloudMetadata.blockWithIptables to true." }}
{{- else if ($values.singleuser.networkPolicy.egressAllowRules | default dict).cloudMetadataServer }}
{{- $dangers = append $dangers "user pods can reach the cloud metadata server and use the node's credentials (singleuser.networkPolicy.egressAllowRules.cloudMetadataServer)." }}
{{- end }}
{{- $policy := $values.singleuser.networkPolicy }}
{{- if and $policy.enabled $policy.egress (eq (toJson $policy.egressAllowRules) (include "jupyterhub.defaultEgressAllowRules" .)) }}
{{- $dangers = append $dangers "singleuser.networkPolicy.egress adds to the default rules, so user pods still reach the internet; set singleuser.networkPolicy.egressAllowRules.nonPrivateIPs to false to allow only what egress lists." }}
{{- end }}
{{- if and (not $values.rbac.create) (not $values.hub.serviceAccount.name) }}
{{- $dangers = append $dangers (printf "the hub's service account, %s, has no permissions, so no server can start (rbac.create is false); name one that has them in hub.serviceAccount.name." (include "jupyterhub.name" (list . "hub-serviceaccount"))) }}
{{- end }}
{{- if and $values.scheduling.userPlaceholder.enabled (gt (int $values.scheduling.userPlaceholder.replicas) 0) (not $values.scheduling.podPriority.enabled) }}
{{- $dangers = append $dangers "placeholders keep users out instead of giving way to them (scheduling.podPriority.enabled is false)." }}
{{- end }}
{{- if and $values.hub.db.upgrade (has $values.hub.db.type (list "mysql" "postgres" "other")) }}
{{- $dangers = append $dangers "the hub upgrades the schema of its external database without a backup: take one before each upgrade (hub.db.upgrade is true)." }}
{{- end }}
{{- range include "jupyterhub.codeHints" . | fromYamlArray }}
{{- $dangers = append $dangers . }}
{{- end }}
{{- toYaml $dangers }}
{{- end }}

{{- /*
What Python code in the values seems to need. A search for names decides nothing: it only finds
settings to think about. Setting them, to either value, removes the hint.
*/}}
{{- define "jupyterhub.codeHints" -}}
{{- $hub := .Values.hub }}
{{- $code := dict "config" $hub.extraConfig "files" $hub.extraFiles | toJson | replace "\\\"" "\"" }}
{{- $hints := list }}
{{- range include "jupyterhub.tables.permissions" . | fromYamlArray }}
{{- $explicit := dict }}
{{- include "jupyterhub.find" (list $.Values (splitList "." .key) $explicit) }}
{{- if and $.Values.rbac.create (not $explicit) (regexMatch .pattern $code) (not (include "jupyterhub.hub.may" (list $ .key))) }}
{{- $hints = append $hints (printf "Python code of the hub names %s, but the hub has no permission to %s; set %s to true if the code needs it, else to false." (regexFind .pattern $code) .allows .key) }}
{{- end }}
{{- end }}
{{- toYaml $hints }}
{{- end }}

{{- /* How the metadata server is blocked, where a NetworkPolicy alone does. */}}
{{- define "jupyterhub.metadataNote" -}}
{{- $policy := .Values.singleuser.networkPolicy }}
{{- $allowed := ($policy.egressAllowRules | default dict).cloudMetadataServer }}
{{- if and $policy.enabled (not $allowed) (not .Values.singleuser.cloudMetadata.blockWithIptables) }}
A NetworkPolicy keeps user pods from the cloud metadata server. It has an effect only if the
cluster's network plugin (CNI) enforces NetworkPolicies. Test it from a running user server:
  kubectl --namespace {{ .Release.Namespace }} exec jupyter-USERNAME -- python3 -c "import socket; socket.create_connection(('{{ .Values.singleuser.cloudMetadata.ip }}', 80), 5); print('REACHABLE')"
If this prints REACHABLE, set singleuser.cloudMetadata.blockWithIptables to true.
{{- end }}
{{- end }}

{{- /* The address, as far as it is known before the cluster gives one. */}}
{{- define "jupyterhub.where" -}}
{{- $path := printf "%s/" (include "jupyterhub.hub.prefix" .) }}
{{- $service := include "jupyterhub.name" (list . "proxy-public") }}
{{- $host := "" }}{{ $tls := .Values.proxy.https.enabled }}
{{- if .Values.ingress.enabled }}
{{- $host = first (.Values.ingress.hosts | default (list "")) }}
{{- $tls = or $tls .Values.ingress.tls }}
{{- else if .Values.httpRoute.enabled }}
{{- $host = first (.Values.httpRoute.hostnames | default (list "")) }}
{{- $tls = true }}
{{- else if $tls }}
{{- $host = first (.Values.proxy.https.hosts | default (list "")) }}
{{- end }}
{{- if $host -}}
Users find it at http{{ if $tls }}s{{ end }}://{{ $host }}{{ $path }}
{{- else if eq .Values.proxy.service.type "ClusterIP" -}}
To reach it from here, at http://localhost:8000{{ $path }}:
  kubectl --namespace {{ .Release.Namespace }} port-forward service/{{ $service }} 8000:http
{{- else -}}
Its address is the EXTERNAL-IP of service {{ $service }}; the path is {{ $path }}
{{- end }}
{{- end }}
