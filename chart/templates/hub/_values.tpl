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
{{- range list "proxy.https.manual.key" "proxy.https.manual.cert" "imagePullSecret.password" "hub.imagePullSecret.password" "singleuser.imagePullSecret.password" }}
{{- include "jupyterhub.unset" (list $values (splitList "." .)) }}
{{- end }}
{{- $_ := set $values "Chart" (dict "Name" .Chart.Name "Version" .Chart.Version "AppVersion" .Chart.AppVersion) }}
{{- $_ := set $values "Release" (dict "Name" .Release.Name "Namespace" .Release.Namespace "Service" .Release.Service) }}
{{- toYaml $values }}
{{- end }}

{{- /*
The part of them whose change restarts the hub: without what only templates read, and what a
running hub takes over. A snippet that names such a value (`z2jh.get_config("ingress.hosts")`, or
the trait that it sets) makes it one that restarts the hub.
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
{{- range $key, $trait := include "jupyterhub.hub.reloaded" . | fromYaml }}
{{- if not (include "jupyterhub.hub.isNamed" (list $snippets $key $trait)) }}
{{- include "jupyterhub.unset" (list $values (splitList "." $key)) }}
{{- end }}
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
{{- toYaml $values }}
{{- end }}

{{- /* (snippets, key, trait): whether one names the trait, the key, or in get_config what it is in. */}}
{{- define "jupyterhub.hub.isNamed" -}}
{{- $snippets := index . 0 }}{{ $trait := index . 2 }}
{{- if and $trait (regexMatch (printf "\\b%s\\b" $trait) $snippets) }}true{{ end }}
{{- $key := "" }}
{{- range splitList "." (index . 1) }}
{{- $key = empty $key | ternary . (printf "%s\\.%s" $key .) }}
{{- if regexMatch (printf "get_config\\( *[\"']%s[\"']|[\"']%s\\.[\"'{%%]" $key $key) $snippets }}true{{ end }}
{{- end }}
{{- if regexMatch (printf "[\"']%s[\"'.]" $key) $snippets }}true{{ end }}
{{- end }}

{{- /* The values that a running hub takes over, each with the trait it sets: z2jh_hub/hub/reload/table.py. */}}
{{- define "jupyterhub.hub.reloaded" -}}
cull.adminUsers: ""
cull.apiPageSize: ""
cull.concurrency: ""
cull.defaultServers: ""
cull.every: ""
cull.maxAge: ""
cull.namedServers: ""
cull.removeNamedServers: ""
cull.timeout: ""
custom.failures: failures
custom.quotas: quotas
custom.rescue: rescue_enabled
hub.failures: failures
hub.quotas: quotas
hub.rescue.cpu.guarantee: rescue_cpu_guarantee
hub.rescue.cpu.limit: rescue_cpu_limit
hub.rescue.enabled: rescue_enabled
hub.rescue.image.name: rescue_image
hub.rescue.image.tag: rescue_image
hub.rescue.memory.guarantee: rescue_mem_guarantee
hub.rescue.memory.limit: rescue_mem_limit
hub.rescue.mountPath: rescue_mount_path
hub.config.JupyterHub.template_paths: template_paths
hub.config.JupyterHub.template_vars: template_vars
hub.config.KubeSpawner.profile_list: profile_list
hub.templatePaths: template_paths
hub.templateVars: template_vars
singleuser.profileList: profile_list
{{- range $class, $_ := .Values.hub.config }}
{{- range $trait := list
  "admin_groups"
  "admin_google_groups"
  "admin_users"
  "allow_all"
  "allow_existing_users"
  "allowed_gitlab_groups"
  "allowed_google_groups"
  "allowed_groups"
  "allowed_organizations"
  "allowed_project_ids"
  "allowed_teams"
  "allowed_users"
  "blocked_users"
  "hosted_domain"
}}
hub.config.{{ $class }}.{{ $trait }}: {{ $trait }}
{{- end }}
{{- end }}
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

{{- /*
Whether homes may go with their users: where KubeSpawner's `delete_pvc` is set, or a snippet deletes
claims. Otherwise the hub has no permission to. "true" or nothing.
*/}}
{{- define "jupyterhub.hub.deletesHomes" -}}
{{- $said := pick .Values.hub "config" "extraConfig" "extraFiles" | toJson }}
{{- if regexMatch "delete_pvc|delete_namespaced_persistent" $said }}true{{ end }}
{{- end }}
