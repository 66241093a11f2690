{{- /* Rules that the network policies of all components have in common. */}}

{{- define "jupyterhub.privateAddresses" -}}
- 10.0.0.0/8
- 172.16.0.0/12
- 192.168.0.0/16
{{- end }}

{{- /* (root, networkPolicy): the egress rules that `egressAllowRules` turns on, and `egress`. */}}
{{- define "jupyterhub.egress" -}}
{{- $allow := (index . 1).egressAllowRules | default dict }}
{{- $metadata := printf "%s/32" (index . 0).Values.singleuser.cloudMetadata.ip }}
{{- $private := include "jupyterhub.privateAddresses" . | fromYamlArray }}
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
    {{- range $private }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
    {{- end }}
{{- end }}
{{- if $allow.nonPrivateIPs }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- append $private $metadata | toYaml | nindent 10 }}
{{- end }}
{{- if $allow.privateIPs }}
- to:
    {{- range $private }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
{{- end }}
{{- if $allow.cloudMetadataServer }}
- to:
    - ipBlock:
        cidr: {{ $metadata }}
{{- end }}
{{- with (index . 1).egress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /*
(networkPolicy, label): the peers that the label lets in; with `interNamespaceAccessLabels: accept`
from other namespaces too, where the pod or its whole namespace has it.
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
