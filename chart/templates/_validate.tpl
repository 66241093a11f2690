{{- define "jupyterhub.validate" -}}
{{- end }}
