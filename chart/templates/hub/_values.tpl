{{- /* Where the hub is served: "" or a path that begins with a slash and ends without one. */}}
{{- define "jupyterhub.hub.prefix" -}}
{{- $given := ((.Values.hub.config | default dict).JupyterHub | default dict).base_url | default .Values.hub.baseUrl | trimAll "/" }}
{{- empty $given | ternary "" (printf "/%s" $given) }}
{{- end }}

{{- /*
The values as the hub mounts them: what Helm was given, in the administrator's own keys, but
for what is secret and no hub reads.
*/}}
{{- define "jupyterhub.hub.values" -}}
{{- $values := deepCopy .Given }}
{{- range list "proxy.https.manual.key" "proxy.https.manual.cert" "imagePullSecret.password" }}
{{- include "jupyterhub.unset" (list $values (splitList "." .)) }}
{{- end }}
{{- $_ := set $values "Chart" (dict "Name" .Chart.Name "Version" .Chart.Version "AppVersion" .Chart.AppVersion) }}
{{- $_ := set $values "Release" (dict "Name" .Release.Name "Namespace" .Release.Namespace "Service" .Release.Service) }}
{{- toYaml $values }}
{{- end }}

{{- /*
The part of them whose change restarts the hub: without what only templates read. A snippet
that names such a part (`z2jh.get_config("ingress.hosts")`) makes it the hub's.
*/}}
{{- define "jupyterhub.hub.readValues" -}}
{{- $values := include "jupyterhub.hub.values" . | fromYaml }}
{{- $snippets := dict "config" .Values.hub.extraConfig "files" .Values.hub.extraFiles | toJson | replace "\\\"" "\"" }}
{{- range include "jupyterhub.hub.notRead" . | fromYamlArray }}
{{- $path := splitList "." . }}
{{- if not (regexMatch (printf "[\"']%s[\"'.]" (first $path)) $snippets) }}
{{- include "jupyterhub.unset" (list $values $path) }}
{{- end }}
{{- end }}
{{- toYaml $values }}
{{- end }}

{{- define "jupyterhub.hub.notRead" -}}
- httpRoute
- ingress
- prePuller
- rbac
- hub.deploymentStrategy
- hub.networkPolicy
- hub.pdb
- hub.revisionHistoryLimit
- hub.service
- hub.serviceAccount
- proxy.annotations
- proxy.chp
- proxy.deploymentStrategy
- proxy.https
- proxy.labels
- proxy.networkPolicy
- proxy.secretSync
- proxy.service
- proxy.traefik
- scheduling.corePods
- scheduling.userPlaceholder
{{- range $key, $_ := omit .Values.scheduling.userScheduler "enabled" }}
- scheduling.userScheduler.{{ $key }}
{{- end }}
{{- range $key, $_ := omit .Values.scheduling.podPriority "enabled" }}
- scheduling.podPriority.{{ $key }}
{{- end }}
- singleuser.networkPolicy
{{- end }}

{{- /*
Whether the hub makes Secrets and Services for user servers: with JupyterHub's internal TLS,
or where a snippet says so. Otherwise it has no permission to. "true" or nothing.
*/}}
{{- define "jupyterhub.hub.makesSecrets" -}}
{{- $said := pick .Values.hub "config" "extraConfig" "extraFiles" | toJson }}
{{- if regexMatch "internal_ssl|services_enabled|namespaced_(secret|service)" $said }}true{{ end }}
{{- end }}
