{{- /*
What no schema can say: settings that contradict each other or miss a part. All of them are
told at once. `z2jh check` finds these too, and tells the line.
*/}}

{{- /* (problems, key, given, expected, hint): adds one. */}}
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
{{- /* what many have: an ingress does TLS, and no certificate is got here */}}
{{- $routed := or (index . 1).ingress.enabled (index . 1).httpRoute.enabled }}
{{- if not (or $https.hosts $routed) }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.hosts" "nothing" "the names to get a certificate for" "with proxy.https.type: offload a load balancer does TLS") }}
{{- end }}
{{- if not (or ($https.letsencrypt | default dict).contactEmail (and $routed (not $https.hosts))) }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.letsencrypt.contactEmail" "nothing" "the address that Let's Encrypt writes to when a certificate is about to expire" "") }}
{{- end }}
{{- else if eq $https.type "manual" }}
{{- range $part := list "key" "cert" }}
{{- if not (get ($https.manual | default dict) $part) }}
{{- include "jupyterhub.problem" (list $problems (printf "proxy.https.manual.%s" $part) "nothing" "PEM text" "proxy.https.type: secret takes both from a Secret of yours") }}
{{- end }}
{{- end }}
{{- else if eq $https.type "secret" }}
{{- if not ($https.secret | default dict).name }}
{{- include "jupyterhub.problem" (list $problems "proxy.https.secret.name" "nothing" "the name of a Secret of type kubernetes.io/tls" "") }}
{{- end }}
{{- end }}
{{- else if $proxy.service.disableHttpPort }}
{{- include "jupyterhub.problem" (list $problems "proxy.service.disableHttpPort" "true, and proxy.https.enabled is not" "one of the two ports" "") }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.routes" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- range $route := list "ingress" "httpRoute" }}
{{- if and (get $values $route).enabled $values.proxy.service.disableHttpPort }}
{{- include "jupyterhub.problem" (list $problems "proxy.service.disableHttpPort" (printf "true, and %s.enabled" $route) "the port that it sends requests to" "") }}
{{- end }}
{{- end }}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) }}
{{- include "jupyterhub.problem" (list $problems "httpRoute.parentRefs" "nothing" "the Gateway that the route is for" "[{name: my-gateway}]") }}
{{- end }}
{{- with $values.imagePullSecret }}
{{- if .create }}
{{- range $part := list "username" "password" }}
{{- if not (get $values.imagePullSecret $part) }}
{{- include "jupyterhub.problem" (list $problems (printf "imagePullSecret.%s" $part) "nothing" "what the registry asks for" "imagePullSecrets names a Secret that is there already") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.metadata" -}}
{{- $problems := index . 0 }}{{ $user := (index . 1).singleuser }}
{{- if and $user.cloudMetadata.blockWithIptables ($user.networkPolicy.egressAllowRules | default dict).cloudMetadataServer }}
{{- include "jupyterhub.problem" (list $problems "singleuser.cloudMetadata.blockWithIptables" "true, and singleuser.networkPolicy.egressAllowRules.cloudMetadataServer is too" "the metadata address either blocked or allowed" "the network policy alone blocks it already") }}
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
{{- include "jupyterhub.problem" (list $problems $key $cidr "a CIDR without a cloud's metadata server" "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: true lets users reach it; dnsPortsCloudMetadataServer: true lets them use its DNS") }}
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
{{- /* the chart's own minAvailable of 1 gives way to a maxUnavailable that is given */}}
{{- $both := not (or (kindIs "invalid" $budget.maxUnavailable) (kindIs "invalid" $budget.minAvailable)) }}
{{- if and $budget.enabled $both (ne (toString $budget.minAvailable) "1") }}
{{- include "jupyterhub.problem" (list $problems $key (printf "minAvailable: %v and maxUnavailable: %v" $budget.minAvailable $budget.maxUnavailable) "one of them" "null takes the other one away") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jupyterhub.validate.storage" -}}
{{- $problems := index . 0 }}{{ $values := index . 1 }}
{{- $storage := $values.singleuser.storage }}
{{- with $values.storage }}
{{- include "jupyterhub.problem" (list $problems "storage" (toJson .) "this key below singleuser" "did you mean singleuser.storage?") }}
{{- end }}
{{- if and (eq $storage.type "static") (not ($storage.static | default dict).pvcName) (not $values.hub.existingSecret) }}
{{- include "jupyterhub.problem" (list $problems "singleuser.storage.static.pvcName" "nothing" "the claim that holds all homes" "") }}
{{- end }}
{{- $db := $values.hub.db }}
{{- if and (has $db.type (list "postgres" "mysql")) (not $db.url) (not $values.hub.existingSecret) }}
{{- include "jupyterhub.problem" (list $problems "hub.db.url" "nothing" (printf "where the %s database is" $db.type) "without a password; that goes into hub.db.password") }}
{{- end }}
{{- $others := dict "postgres" "mysql|mariadb|sqlite" "mysql" "postgres|postgresql|cockroachdb|sqlite" }}
{{- if and (hasKey $others $db.type) (contains "://" (toString $db.url)) }}
{{- if regexMatch (printf "^(%s)[+:]" (get $others $db.type)) $db.url }}
{{- include "jupyterhub.problem" (list $problems "hub.db.url" (printf "%s://…" (splitList ":" $db.url | first)) (printf "the URL of a %s database" $db.type) "set hub.db.type to the type of the database") }}
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
{{- include "jupyterhub.problem" (list $problems $key (empty $contents | ternary "no contents" (join " and " $contents)) "one of data, stringData, binaryData" "") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
