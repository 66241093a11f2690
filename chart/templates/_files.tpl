{{- /* Files from the values: `hub.extraFiles` and `singleuser.extraFiles`. */}}

{{- /* The `data` and `stringData` of their Secret. */}}
{{- define "jupyterhub.filesData" -}}
{{- $binary := dict }}{{ $text := dict }}
{{- range $key, $file := . }}
{{- if kindIs "string" $file.binaryData }}
{{- $_ := set $binary $key (regexReplaceAll "\\s" $file.binaryData "") }}
{{- else if kindIs "string" $file.stringData }}
{{- $_ := set $text $key (hasSuffix "\n" $file.stringData | ternary $file.stringData (printf "%s\n" $file.stringData)) }}
{{- else if not (kindIs "invalid" $file.data) }}
{{- if regexMatch "\\.ya?ml$" $file.mountPath }}
{{- $_ := set $text $key (toYaml $file.data | printf "%s\n") }}
{{- else if hasSuffix ".toml" $file.mountPath }}
{{- $_ := set $text $key (toToml $file.data) }}
{{- else }}
{{- $_ := set $text $key (toJson $file.data | printf "%s\n") }}
{{- end }}
{{- end }}
{{- end }}
{{- with $binary }}
data:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $text }}
stringData:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The `items` of the volume. */}}
{{- define "jupyterhub.filesItems" -}}
{{- range $key, $file := . }}
- key: {{ $key | quote }}
  path: {{ $key | quote }}
  {{- with $file.mode }}
  mode: {{ . | int }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* The mounts of the volume `files`. */}}
{{- define "jupyterhub.filesMounts" -}}
{{- range $key, $file := . }}
- mountPath: {{ $file.mountPath | quote }}
  subPath: {{ $key | quote }}
  name: files
{{- end }}
{{- end }}
