{{- /*
Every template begins with `include "jupyterhub.start" .`. After it, .Values holds today's
keys only, whichever generation the administrator wrote, and .Given what Helm was given.
The first template that Helm renders does the work for all of them: they share one scope.
*/}}
{{- define "jupyterhub.start" -}}
{{- if not (hasKey . "Given") }}
{{- $_ := set . "Given" .Values }}
{{- $_ := set . "Values" (deepCopy .Values) }}
{{- include "jupyterhub.modernise" .Values }}
{{- include "jupyterhub.validate" . }}
{{- end }}
{{- end }}

{{- /* Keys of 2018 that templates read: where each stands today. */}}
{{- define "jupyterhub.moved" -}}
hub.uid: hub.containerSecurityContext.runAsUser
hub.fsGid: hub.podSecurityContext.fsGroup
hub.imagePullPolicy: hub.image.pullPolicy
hub.cookieSecret: hub.config.JupyterHub.cookie_secret
auth.state.cryptoKey: hub.config.CryptKeeper.keys
proxy.secretToken: hub.config.ConfigurableHTTPProxy.auth_token
proxy.chp.cmd: proxy.chp.command
proxy.networkPolicy.enabled: proxy.chp.networkPolicy.enabled proxy.traefik.networkPolicy.enabled
proxy.networkPolicy.egress: proxy.chp.networkPolicy.egress proxy.traefik.networkPolicy.egress
proxy.networkPolicy.ingress: proxy.chp.networkPolicy.ingress proxy.traefik.networkPolicy.ingress
rbac.enabled: {{ include "jupyterhub.rbacKeys" . }}
singleuser.cloudMetadata.enabled: singleuser.networkPolicy.egressAllowRules.cloudMetadataServer
{{- end }}

{{- define "jupyterhub.rbacKeys" -}}
rbac.create hub.serviceAccount.create proxy.traefik.serviceAccount.create
{{- print " " -}}
scheduling.userScheduler.serviceAccount.create prePuller.hook.serviceAccount.create
{{- print " " -}}
prePuller.hook.serviceAccountImagePuller.create prePuller.continuous.serviceAccount.create
{{- end }}

{{- /* Values, in place: today's keys from those of 2018. */}}
{{- define "jupyterhub.modernise" -}}
{{- range $old, $new := include "jupyterhub.moved" . | fromYaml }}
{{- $value := $ }}
{{- range splitList "." $old }}
{{- if kindIs "map" $value }}{{ $value = get $value . }}{{ else }}{{ $value = "" }}{{ end }}
{{- end }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
{{- range splitList " " $new }}
{{- include "jupyterhub.set" (list $ (splitList "." .) $value) }}
{{- end }}
{{- end }}
{{- end }}
{{- with .singleuser.schedulerStrategy }}
{{- $_ := set $.scheduling.userScheduler "enabled" (eq . "pack") }}
{{- end }}
{{- if and (kindIs "invalid" .proxy.https.enabled) .proxy.https.hosts }}
{{- $_ := set .proxy.https "enabled" true }}
{{- end }}
{{- end }}

{{- /* (values, path, value): sets it, and makes the maps on the way. */}}
{{- define "jupyterhub.set" -}}
{{- $values := index . 0 }}{{ $path := index . 1 }}
{{- if eq (len $path) 1 }}
{{- $_ := set $values (first $path) (index . 2) }}
{{- else }}
{{- if not (kindIs "map" (get $values (first $path))) }}
{{- $_ := set $values (first $path) dict }}
{{- end }}
{{- include "jupyterhub.set" (list (get $values (first $path)) (rest $path) (index . 2)) }}
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
