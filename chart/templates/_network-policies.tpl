{{- /* Rules of the network policies of all components. */}}

{{- define "jupyterhub.privateAddresses" -}}
- 10.0.0.0/8
- 172.16.0.0/12
- 192.168.0.0/16
{{- end }}

{{- /* The addresses of metadata servers, which return the node's credentials, as CIDRs. */}}
{{- define "jupyterhub.metadataAddresses" -}}
- {{ include "jupyterhub.metadataAddress" . }}
{{ include "jupyterhub.tables.metadataAddresses" . }}
{{- end }}

{{- define "jupyterhub.metadataAddress" -}}
{{- $ip := .Values.singleuser.cloudMetadata.ip -}}
{{ $ip }}/{{ contains ":" $ip | ternary 128 32 }}
{{- end }}

{{- /* The metadata addresses that no egress rule of user pods may open. */}}
{{- define "jupyterhub.blockedAddresses" -}}
{{- if not (.Values.singleuser.networkPolicy.egressAllowRules | default dict).cloudMetadataServer }}
{{- include "jupyterhub.metadataAddresses" . | fromYamlArray | uniq | toYaml }}
{{- else }}
{{- list | toYaml }}
{{- end }}
{{- end }}

{{- /*
(root, networkPolicy, CIDRs that stay blocked): the egress rules that `egressAllowRules` enables,
and `egress`.
*/}}
{{- define "jupyterhub.egress" -}}
{{- $allow := (index . 1).egressAllowRules | default dict }}{{ $blocked := index . 2 }}
{{- $metadata := include "jupyterhub.metadataAddress" (index . 0) }}
{{- $private := include "jupyterhub.privateAddresses" . | fromYamlArray }}
{{- $privatePeers := list }}
{{- range $private }}{{ $privatePeers = append $privatePeers (dict "ipBlock" (dict "cidr" .)) }}{{ end }}
{{- if or $allow.dnsPortsCloudMetadataServer $allow.dnsPortsKubeSystemNamespace $allow.dnsPortsPrivateIPs }}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    {{- if $allow.dnsPortsCloudMetadataServer }}
    - ipBlock:
        cidr: {{ $metadata }}
    {{- end }}
    {{- if $allow.dnsPortsKubeSystemNamespace }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
    {{- end }}
    {{- if $allow.dnsPortsPrivateIPs }}
    {{- toYaml $privatePeers | nindent 4 }}
    {{- end }}
{{- end }}
{{- if $allow.nonPrivateIPs }}
{{- $public := dict "ipBlock" (dict "cidr" "0.0.0.0/0" "except" $private) }}
{{ include "jupyterhub.ruleWithout" (list (dict "to" (list $public)) ($blocked | default (list $metadata))) }}
{{- end }}
{{- if $allow.privateIPs }}
{{ include "jupyterhub.ruleWithout" (list (dict "to" $privatePeers) $blocked) }}
{{- end }}
{{- if $allow.cloudMetadataServer }}
- to:
    - ipBlock:
        cidr: {{ $metadata }}
{{- end }}
{{- range (index . 1).egress }}
{{ include "jupyterhub.ruleWithout" (list . $blocked) }}
{{- end }}
{{- end }}

{{- /*
(egress rule, CIDRs): the rule, as a list of one, which does not allow these CIDRs. A rule
without `to` allows every address and every pod.
*/}}
{{- define "jupyterhub.ruleWithout" -}}
{{- $rule := index . 0 | default dict }}{{ $blocked := index . 1 }}
{{- if $blocked }}
{{- $anywhere := list
    (dict "ipBlock" (dict "cidr" "0.0.0.0/0"))
    (dict "ipBlock" (dict "cidr" "::/0"))
    (dict "namespaceSelector" dict) }}
{{- $peers := list }}
{{- range $rule.to | default $anywhere }}
{{- $peer := . }}
{{- with (. | default dict).ipBlock }}
{{- $except := .except | default list }}
{{- range $address := $blocked }}
{{- $open := include "jupyterhub.contains" (list $peer.ipBlock.cidr $address) }}
{{- range $except }}
{{- if include "jupyterhub.contains" (list . $address) }}{{ $open = "" }}{{ end }}
{{- end }}
{{- if $open }}{{ $except = append $except $address }}{{ end }}
{{- end }}
{{- if $except }}
{{- $peer = set (omit $peer "ipBlock") "ipBlock" (dict "cidr" .cidr "except" $except) }}
{{- end }}
{{- end }}
{{- $peers = append $peers $peer }}
{{- end }}
{{- $rule = set (omit $rule "to") "to" $peers }}
{{- end }}
{{- toYaml (list $rule) }}
{{- end }}

{{- /* (CIDR, CIDR): "true" if the first contains the second. */}}
{{- define "jupyterhub.contains" -}}
{{- if hasPrefix (include "jupyterhub.cidrPrefix" (index . 0)) (include "jupyterhub.cidrPrefix" (index . 1)) }}true{{ end }}
{{- end }}

{{- /* The common leading bits of all addresses of a CIDR, such as `IPv4 1010100111111110`. */}}
{{- define "jupyterhub.cidrPrefix" -}}
{{- $parts := splitList "/" . }}{{ $bits := "" }}
{{- if contains ":" . }}
{{- $halves := splitList "::" (first $parts) }}
{{- $left := splitList ":" (first $halves) | compact }}
{{- $right := splitList ":" (rest $halves | join "") | compact }}
{{- range $left }}{{ $bits = printf "%s%016b" $bits (int64 (printf "0x%s" .)) }}{{ end }}
{{- $zeros := max 0 (sub 8 (add (len $left) (len $right))) }}
{{- $bits = printf "%s%s" $bits (repeat (mul 16 $zeros | int) "0") }}
{{- range $right }}{{ $bits = printf "%s%016b" $bits (int64 (printf "0x%s" .)) }}{{ end }}
{{- else }}
{{- range splitList "." (first $parts) }}{{ $bits = printf "%s%08b" $bits (atoi .) }}{{ end }}
{{- end }}
{{- contains ":" . | ternary "IPv6" "IPv4" }} {{ trunc (last $parts | atoi) $bits }}
{{- end }}

{{- /*
(networkPolicy, label): the peers that the label admits; with `interNamespaceAccessLabels: accept`
also from other namespaces, if the pod or its namespace has the label.
*/}}
{{- define "jupyterhub.labelledPeers" -}}
{{- $label := printf "hub.jupyter.org/network-access-%s" (index . 1) -}}
- podSelector:
    matchLabels:
      {{ $label }}: "true"
  {{- if eq (index . 0).interNamespaceAccessLabels "accept" }}
  namespaceSelector:
    matchLabels: {}
- namespaceSelector:
    matchLabels:
      {{ $label }}: "true"
  {{- end }}
{{- end }}
