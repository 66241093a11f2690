{{- /*
Mistakes that a schema cannot express: settings that contradict each other or are incomplete. All of
them are reported at once. `z2jh check` reports them too, with their lines.
*/}}

{{- /* (problems, key, given, expected, hint): adds a problem to the list. */}}
{{- define "jupyterhub.problem" -}}
{{- $problems := index . 0 }}
{{- $text := printf "error: %s\n    given:    %v\n    expected: %s" (index . 1) (index . 2) (index . 3) }}
{{- if index . 4 }}
{{- $text = printf "%s\n    hint:     %s" $text (index . 4) }}
{{- end }}
{{- $_ := set $problems "list" (append $problems.list $text) }}
{{- end }}

{{- define "jupyterhub.validate" -}}
{{- $problems := dict "list" list }}
{{- include "jupyterhub.validate.https" (list $problems .Values) }}
{{- include "jupyterhub.validate.routes" (list $problems .Values) }}
{{- include "jupyterhub.validate.metadata" (list $problems .Values) }}
{{- include "jupyterhub.validate.egress" (list $problems .) }}
{{- include "jupyterhub.validate.budgets" (list $problems .Values) }}
{{- include "jupyterhub.validate.storage" (list $problems .Values) }}
{{- include "jupyterhub.validate.files" (list $problems .Values) }}
{{- include "jupyterhub.validate.secrets" (list $problems .) }}
{{- include "jupyterhub.validate.hosts" (list $problems .Values) }}
{{- include "jupyterhub.validate.pem" (list $problems .Values) }}
{{- with $problems.list }}
{{- fail (printf "\n\nThese values cannot be deployed:\n\n%s\n" (join "\n\n" .)) }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.https" -}}
{{- $problems := index . 0 }}{{ $proxy := (index . 1).proxy }}{{ $https := $proxy.https }}
{{- if $https.enabled }}
{{- if eq $https.type "letsencrypt" }}
{{- /* common: an ingress terminates TLS, and the chart requests no certificate */}}
{{- $routed := or (index . 1).ingress.enabled (index . 1).httpRoute.enabled }}
{{- if not (or $https.hosts $routed) }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.hosts" "nothing" "the host names of the certificate" "if a load balancer terminates TLS, set proxy.https.type to offload") }}
{{- end }}
{{- if not (or ($https.letsencrypt | default dict).contactEmail (and $routed (not $https.hosts))) }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.letsencrypt.contactEmail" "nothing" "an email address for messages from Let's Encrypt" "") }}
{{- end }}
{{- else if eq $https.type "manual" }}
{{- range $part := list "key" "cert" }}
{{- if not (get ($https.manual | default dict) $part) }}
{{- include "jupyterhub.problem" (list $problems (printf "proxy.https.manual.%s" $part) "nothing" "text in PEM format" "to use an existing Secret, set proxy.https.type to secret") }}
{{- end }}
{{- end }}
{{- else if eq $https.type "secret" }}
{{- if not ($https.secret | default dict).name }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.secret.name" "nothing" "the name of a Secret of type kubernetes.io/tls" "kubectl create secret tls NAME --cert=FILE --key=FILE") }}
{{- end }}
{{- end }}
{{- else if $proxy.service.disableHttpPort }}
{{- include "jupyterhub.problem" (list $problems "proxy.service.disableHttpPort" "true, although proxy.https.enabled is false" "false, or proxy.https.enabled: true" "the proxy needs at least one of the two ports") }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.routes" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- range $route := list "ingress" "httpRoute" }}
{{- if and (get $values $route).enabled $values.proxy.service.disableHttpPort }}
{{- include "jupyterhub.problem" (list $problems "proxy.service.disableHttpPort" (printf "true, although %s.enabled is true" $route) (printf "false, or %s.enabled: false" $route) (printf "%s forwards requests to the HTTP port" $route)) }}
{{- end }}
{{- end }}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) }}
{{- include "jupyterhub.problem" (list $problems "httpRoute.parentRefs" "nothing" "the Gateways of the route" "for example [{name: my-gateway}]") }}
{{- end }}
{{- with $values.imagePullSecret }}
{{- if .create }}
{{- range $part := list "username" "password" }}
{{- if not (get $values.imagePullSecret $part) }}
{{- include "jupyterhub.problem" (list $problems (printf "imagePullSecret.%s" $part) "nothing" (printf "the %s for the image registry" $part) "to use an existing Secret, list it in imagePullSecrets and set imagePullSecret.create to false") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.metadata" -}}
{{- $problems := index . 0 }}{{ $user := (index . 1).singleuser }}
{{- if and $user.cloudMetadata.blockWithIptables ($user.networkPolicy.egressAllowRules | default dict).cloudMetadataServer }}
{{- include "jupyterhub.problem" (list $problems "singleuser.cloudMetadata.blockWithIptables" "true, although singleuser.networkPolicy.egressAllowRules.cloudMetadataServer is true" "only one of them true" "the first blocks the cloud metadata server, the second allows it") }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.egress" -}}
{{- $problems := index . 0 }}{{ $root := index . 1 }}
{{- $policy := $root.Values.singleuser.networkPolicy }}
{{- $blocked := include "jupyterhub.blockedAddresses" $root | fromYamlArray }}
{{- range $i, $rule := and $policy.enabled $blocked $policy.egress | default list }}
{{- range $j, $peer := ($rule | default dict).to }}
{{- with ($peer | default dict).ipBlock }}
{{- $block := . }}
{{- $key := printf "singleuser.networkPolicy.egress.%d.to.%d.ipBlock" $i $j }}
{{- range $cidr := prepend ($block.except | default list) $block.cidr }}
{{- if not (regexMatch "^([0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:]*::?[0-9a-fA-F:]*)/[0-9]+$" (toString $cidr)) }}
{{- include "jupyterhub.problem" (list $problems $key $cidr "a CIDR such as 10.0.0.0/8 or fd00::/8" "") }}
{{- else if include "jupyterhub.contains" (list "::ffff:0:0/96" $cidr) }}
{{- include "jupyterhub.problem" (list $problems $key $cidr "an IPv4 CIDR such as 10.0.0.0/8" "") }}
{{- else if eq $cidr (toString $block.cidr) }}
{{- range $blocked }}
{{- if include "jupyterhub.contains" (list . $cidr) }}
{{- include "jupyterhub.problem" (list $problems $key $cidr "a CIDR that does not contain the address of a cloud metadata server" "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: true lets users reach it; dnsPortsCloudMetadataServer: true lets them use its DNS") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.budgets" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- $budgets := dict
  "hub.pdb" $values.hub.pdb
  "proxy.chp.pdb" $values.proxy.chp.pdb
  "proxy.traefik.pdb" $values.proxy.traefik.pdb
  "scheduling.userScheduler.pdb" $values.scheduling.userScheduler.pdb
}}
{{- range $key, $budget := $budgets }}
{{- /* maxUnavailable overrides the default minAvailable, 1 */}}
{{- $both := not (or (kindIs "invalid" $budget.maxUnavailable) (kindIs "invalid" $budget.minAvailable)) }}
{{- if and $budget.enabled $both (ne (toString $budget.minAvailable) "1") }}
{{- include "jupyterhub.problem" (list $problems $key (printf "minAvailable: %v and maxUnavailable: %v" $budget.minAvailable $budget.maxUnavailable) "only one of them" "set the other to null") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.storage" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- $storage := $values.singleuser.storage }}
{{- with $values.storage }}
{{- include "jupyterhub.problem" (list $problems "storage" (toJson .) "singleuser.storage" "move this key below singleuser") }}
{{- end }}
{{- if and (eq $storage.type "static") (not ($storage.static | default dict).pvcName) (not $values.hub.existingSecret) }}
{{- include "jupyterhub.problem" (list $problems "singleuser.storage.static.pvcName" "nothing" "the name of the PVC that contains all homes" "") }}
{{- end }}
{{- $db := $values.hub.db }}
{{- if and (has $db.type (list "postgres" "mysql")) (not $db.url) (not $values.hub.existingSecret) }}
{{- include "jupyterhub.problem" (list $problems "hub.db.url" "nothing" (printf "the URL of the %s database" $db.type) "set the password in hub.db.password, not in the URL") }}
{{- end }}
{{- $others := dict "postgres" "mysql|mariadb|sqlite" "mysql" "postgres|postgresql|cockroachdb|sqlite" }}
{{- if and (hasKey $others $db.type) (contains "://" (toString $db.url)) }}
{{- if regexMatch (printf "^(%s)[+:]" (get $others $db.type)) $db.url }}
{{- include "jupyterhub.problem" (list $problems "hub.db.url" (printf "%s://…" (splitList ":" $db.url | first)) (printf "the URL of a %s database" $db.type) "set hub.db.type to the type of the database in the URL") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.files" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- range $part := list "hub" "singleuser" }}
{{- range $name, $file := (get $values $part).extraFiles }}
{{- $key := printf "%s.extraFiles.%s" $part $name }}
{{- $file := $file | default dict }}
{{- $contents := list }}
{{- range $kind := list "data" "stringData" "binaryData" }}
{{- if not (kindIs "invalid" (dig $kind nil $file)) }}{{ $contents = append $contents $kind }}{{ end }}
{{- end }}
{{- if ne (len $contents) 1 }}
{{- include "jupyterhub.problem" (list $problems $key (empty $contents | ternary "no content" (join " and " $contents)) "exactly one of data, stringData, binaryData" "") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
