{{- /* The parts of NOTES.txt. */}}

{{- /* Warnings about settings that work but are probably mistakes. */}}
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
{{- $dangers = append $dangers "anyone who can reach the hub can log in as any user without a password (hub.config.JupyterHub.authenticator_class is dummy)." }}
{{- end }}
{{- if and $public (not $values.proxy.https.enabled) (not $values.ingress.tls) (not $values.httpRoute.enabled) }}
{{- $dangers = append $dangers "traffic, including passwords, is not encrypted; enable TLS with proxy.https.enabled or ingress.tls." }}
{{- end }}
{{- if $values.singleuser.cloudMetadata.blockWithIptables }}
{{- $dangers = append $dangers "user pods start with a privileged init container (singleuser.cloudMetadata.blockWithIptables is true); a namespace that enforces Pod Security `restricted` rejects them." }}
{{- else if not $values.singleuser.networkPolicy.enabled }}
{{- $dangers = append $dangers "user pods can reach every pod and the cloud metadata server, and use the node's credentials; set singleuser.networkPolicy.enabled or singleuser.cloudMetadata.blockWithIptables to true." }}
{{- else if ($values.singleuser.networkPolicy.egressAllowRules | default dict).cloudMetadataServer }}
{{- $dangers = append $dangers "user pods can reach the cloud metadata server and use the node's credentials (singleuser.networkPolicy.egressAllowRules.cloudMetadataServer is true)." }}
{{- end }}
{{- $policy := $values.singleuser.networkPolicy }}
{{- if and $policy.enabled $policy.egress (eq (toJson $policy.egressAllowRules) (include "jupyterhub.defaultEgressAllowRules" .)) }}
{{- $dangers = append $dangers "singleuser.networkPolicy.egress adds to the default rules, so user pods still reach the internet; set singleuser.networkPolicy.egressAllowRules.nonPrivateIPs to false to allow only what egress lists." }}
{{- end }}
{{- if and (not $values.rbac.create) (not $values.hub.serviceAccount.name) }}
{{- $dangers = append $dangers (printf "the hub's service account, %s, has no permissions, so no server can start (rbac.create is false); set hub.serviceAccount.name to a service account with permissions." (include "jupyterhub.name" (list . "hub-serviceaccount"))) }}
{{- end }}
{{- if and $values.scheduling.userPlaceholder.enabled (gt (int $values.scheduling.userPlaceholder.replicas) 0) (not $values.scheduling.podPriority.enabled) }}
{{- $dangers = append $dangers "placeholder pods occupy nodes instead of making room for user pods (scheduling.podPriority.enabled is false)." }}
{{- end }}
{{- if and $values.hub.db.upgrade (has $values.hub.db.type (list "mysql" "postgres" "other")) }}
{{- $dangers = append $dangers "the hub upgrades the schema of its external database without a backup (hub.db.upgrade is true); back up the database before each upgrade." }}
{{- end }}
{{- range include "jupyterhub.codeHints" . | fromYamlArray }}
{{- $dangers = append $dangers . }}
{{- end }}
{{- toYaml $dangers }}
{{- end }}

{{- /*
Hints about permissions that Python code in the values seems to need. A search for names is only a
hint and decides nothing. Setting the permission, to true or false, removes the hint.
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

{{- /* How to test the NetworkPolicy that blocks the metadata server. */}}
{{- define "jupyterhub.metadataNote" -}}
{{- $policy := .Values.singleuser.networkPolicy }}
{{- $allowed := ($policy.egressAllowRules | default dict).cloudMetadataServer }}
{{- if and $policy.enabled (not $allowed) (not .Values.singleuser.cloudMetadata.blockWithIptables) }}
A NetworkPolicy blocks the cloud metadata server for user pods. It has an effect only if the
cluster's network plugin (CNI) enforces NetworkPolicies. Test it from a running user server:
  kubectl --namespace {{ .Release.Namespace }} exec jupyter-USERNAME -- python3 -c "import socket; socket.create_connection(('{{ .Values.singleuser.cloudMetadata.ip }}', 80), 5); print('REACHABLE')"
If this prints REACHABLE, set singleuser.cloudMetadata.blockWithIptables to true.
{{- end }}
{{- end }}

{{- /* The hub's address, or how to find it. */}}
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
The hub is at http{{ if $tls }}s{{ end }}://{{ $host }}{{ $path }}
{{- else if eq .Values.proxy.service.type "ClusterIP" -}}
To reach the hub at http://localhost:8000{{ $path }}, run:
  kubectl --namespace {{ .Release.Namespace }} port-forward service/{{ $service }} 8000:http
{{- else -}}
The hub's address is the EXTERNAL-IP of the Service {{ $service }}; its path is {{ $path }}
{{- end }}
{{- end }}
