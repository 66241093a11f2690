{{- /*
The form of each secret that is given: `z2jh_hub/config/sections/hub_secrets.py` has the same rules.
No message holds a secret: `values.schema.json` cannot check them, because Helm prints the value.
*/}}
{{- define "jupyterhub.validate.secrets" -}}
{{- $problems := index . 0 }}{{ $root := index . 1 }}
{{- range $key, $value := include "jupyterhub.secrets" $root | fromYaml }}
{{- $form := dict }}
{{- if eq $key "hub.config.JupyterHub.cookie_secret" }}
{{- $form = dict "pattern" "^\\s*([0-9a-fA-F]{2}\\s*)+$" "expected" "64 hexadecimal digits" }}
{{- else if eq $key "hub.config.CryptKeeper.keys" }}
{{- $form = dict "pattern" "^\\s*[!-~]+\\s*$" "expected" "32 bytes, written as 64 hexadecimal digits or as base64" "separator" ";" }}
{{- else if eq $key "hub.config.ConfigurableHTTPProxy.auth_token" }}
{{- $form = dict "pattern" "^\\s*[!-~]+\\s*$" "expected" "ASCII letters, digits and signs, without spaces" }}
{{- else if hasPrefix "hub.services." $key }}
{{- $form = dict "pattern" "^\\s*[!-~]+\\s*$" "expected" "at least 8 ASCII letters, digits and signs, without spaces" }}
{{- end }}
{{- if and $value $form }}
{{- $parts := hasKey $form "separator" | ternary (splitList ";" (toString $value)) (list (toString $value)) }}
{{- range $part := $parts }}
{{- if and (trim $part) (or (not (regexMatch $form.pattern $part)) (include "jupyterhub.placeholder" $part)) }}
{{- include "jupyterhub.problem" (list $problems $key "(hidden)" $form.expected "`openssl rand -hex 32` makes one; remove the key to have one generated") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Whether text still holds the placeholder of an example: `z2jh_hub/config/placeholders.py`. "true" or nothing. */}}
{{- define "jupyterhub.placeholder" -}}
{{- if regexMatch "<[A-Za-z][^<>\n]*>|(^|[^A-Za-z0-9])(YOUR|your|Your)[-_][A-Za-z0-9]|(?i)\\b(change|replace)[-_]?(me|this)\\b" . }}true{{ end }}
{{- end }}

{{- /* Host names that an example left to be replaced, where a certificate or a route is asked for. */}}
{{- define "jupyterhub.validate.hosts" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- $hosts := dict }}
{{- if $values.ingress.enabled }}
{{- $_ := set $hosts "ingress.hosts" ($values.ingress.hosts | default list) }}
{{- end }}
{{- $https := $values.proxy.https }}
{{- if $https.enabled }}
{{- $_ := set $hosts "proxy.https.hosts" ($https.hosts | default list) }}
{{- if and $https.hosts (eq $https.type "letsencrypt") }}
{{- with ($https.letsencrypt | default dict).contactEmail }}
{{- $_ := set $hosts "proxy.https.letsencrypt.contactEmail" (list .) }}
{{- end }}
{{- end }}
{{- end }}
{{- /* and what nothing works without */}}
{{- range $part := list "hub" "singleuser" }}
{{- range $name := list "name" "tag" }}
{{- $_ := set $hosts (printf "%s.image.%s" $part $name) (list (dig "image" $name "" (get $values $part)) ) }}
{{- end }}
{{- end }}
{{- $_ := set $hosts "singleuser.storage.dynamic.storageClass" (list (dig "storage" "dynamic" "storageClass" "" $values.singleuser)) }}
{{- range $class, $traits := $values.hub.config }}
{{- range $trait, $value := $traits }}
{{- if and (kindIs "string" $value) (not (regexMatch "</|/>|\n.|_secret$|keys$|token$" (printf "%s%s" $value $trait))) }}
{{- $_ := set $hosts (printf "hub.config.%s.%s" $class $trait) (list $value) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $key, $names := $hosts }}
{{- range $name := $names }}
{{- $isHost := or (hasPrefix "ingress." $key) (hasPrefix "proxy." $key) }}
{{- if and $name (or (include "jupyterhub.placeholder" (toString $name)) (and $isHost (regexMatch "(?i)(^|[.@])example\\.com$" (toString $name)))) }}
{{- include "jupyterhub.problem" (list $problems $key $name "a name of your own" "this is the placeholder of an example") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The certificate and key of `proxy.https.manual`, as far as a template can read PEM. */}}
{{- define "jupyterhub.validate.pem" -}}
{{- $problems := index . 0 }}{{ $https := (index . 1).proxy.https }}
{{- if and $https.enabled (eq $https.type "manual") }}
{{- range $part, $label := dict "key" "[A-Z ]*PRIVATE KEY" "cert" "[A-Z0-9 ]*CERTIFICATE" }}
{{- $text := get ($https.manual | default dict) $part }}
{{- $pattern := printf "-----BEGIN %s-----\\s+([A-Za-z-]+:[^\n]*\\s+)*[A-Za-z0-9+/=\\s]{8,}-----END %s-----" $label $label }}
{{- if and (contains "-----" (toString $text)) (not (regexMatch $pattern (toString $text))) }}
{{- include "jupyterhub.problem" (list $problems (printf "proxy.https.manual.%s" $part) "(hidden)" (eq $part "key" | ternary "a private key in PEM format" "certificates in PEM format") "paste the whole file, with its BEGIN and END lines, after `|`") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
