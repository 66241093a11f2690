{{- define "jupyterhub.placeholder.podSpec" -}}
{{- $placeholder := .Values.scheduling.userPlaceholder -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 0
{{- include "jupyterhub.priority" (list . "user-placeholder-priority") }}
{{- if .Values.scheduling.userScheduler.enabled }}
schedulerName: {{ include "jupyterhub.name" (list . "user-scheduler") | quote }}
{{- end }}
{{- include "jupyterhub.userPlacement" (list . list) }}
{{- include "jupyterhub.userAffinity" . }}
{{- include "jupyterhub.imagePullSecrets" (list . (list $placeholder.image)) }}
{{- include "jupyterhub.podSecurityContext" $placeholder }}
containers:
  - name: pause
    {{- include "jupyterhub.image" (list . $placeholder.image) | nindent 4 }}
    {{- with $placeholder.resources | default (include "jupyterhub.userResources" . | fromYaml) }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $placeholder.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}

{{- /* The `resources` of a user's server. */}}
{{- define "jupyterhub.userResources" -}}
{{- $user := .Values.singleuser }}
{{- $extra := $user.extraResource | default dict }}
{{- $requests := dict }}{{ $limits := dict }}
{{- range $resource := list "cpu" "memory" }}
{{- with get $user $resource }}
{{- if .guarantee }}{{ $_ := set $requests $resource .guarantee }}{{ end }}
{{- if .limit }}{{ $_ := set $limits $resource .limit }}{{ end }}
{{- end }}
{{- end }}
{{- range $resource, $amount := $extra.guarantees }}{{ $_ := set $requests $resource (toString $amount) }}{{ end }}
{{- range $resource, $amount := $extra.limits }}{{ $_ := set $limits $resource (toString $amount) }}{{ end }}
{{- $resources := dict }}
{{- with $requests }}{{ $_ := set $resources "requests" . }}{{ end }}
{{- with $limits }}{{ $_ := set $resources "limits" . }}{{ end }}
{{- toYaml $resources }}
{{- end }}
