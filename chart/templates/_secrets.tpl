{{- /*
Checks the form of the secrets in the values. `values.schema.json` cannot do this, because Helm
prints the values that a schema rejects. No message contains a secret.
*/}}
{{- define "jupyterhub.validate.secrets" -}}
{{- $problems := index . 0 }}{{ $root := index . 1 }}
{{- $forms := include "jupyterhub.tables.secrets" . | fromYaml }}
{{- range $key, $value := include "jupyterhub.secrets" $root | fromYaml }}
{{- $form := get $forms (hasPrefix "hub.services." $key | ternary "hub.services.*.apiToken" $key) }}
{{- if and $value $form }}
{{- $isList := eq $key "hub.config.CryptKeeper.keys" }}
{{- range $part := $isList | ternary (splitList ";" (toString $value)) (list (toString $value)) }}
{{- if and (trim $part) (or (not (regexMatch $form.pattern $part)) (include "jupyterhub.placeholder" $part)) }}
{{- include "jupyterhub.problem" (list $problems $key "(hidden)" $form.expected $form.hint) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* "true" if the text contains a placeholder from an example, else nothing. */}}
{{- define "jupyterhub.placeholder" -}}
{{- $text := . }}
{{- range include "jupyterhub.tables.placeholders" . | fromYamlArray }}
{{- if regexMatch . $text }}true{{ end }}
{{- end }}
{{- end }}

{{- /* Report placeholders from examples in host names and required values. */}}
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
{{- /* values without which nobody can log in */}}
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
{{- include "jupyterhub.problem" (list $problems $key $name "the name of your Secret" "this value is a placeholder from an example") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Check that `proxy.https.manual` contains a certificate and a key in PEM format. */}}
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
