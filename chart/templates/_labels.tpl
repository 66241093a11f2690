{{- /*
All take (root, component). The short labels are older than Kubernetes' recommended labels. They
stay, because selectors are immutable and other network policies refer to them.
*/}}

{{- define "jupyterhub.matchLabels" -}}
{{- $root := index . 0 -}}
app: {{ include "jupyterhub.chartName" $root | quote }}
component: {{ index . 1 }}
release: {{ $root.Release.Name | quote }}
{{- end }}

{{- define "jupyterhub.podLabels" -}}
{{- $root := index . 0 -}}
{{ include "jupyterhub.matchLabels" . }}
app.kubernetes.io/name: {{ include "jupyterhub.chartName" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "jupyterhub.labels" -}}
{{- $root := index . 0 -}}
{{- $chart := printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{ include "jupyterhub.podLabels" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
chart: {{ $chart }}
helm.sh/chart: {{ $chart }}
heritage: {{ $root.Release.Service }}
{{- end }}

{{- /* (root, component, name's key): the metadata of an object. */}}
{{- define "jupyterhub.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "jupyterhub.name" (list $root (index . 2)) | quote }}
labels:
  {{- include "jupyterhub.labels" (list $root (index . 1)) | nindent 2 }}
{{- end }}
