{{- /* How configurable-http-proxy terminates TLS: "manual", "secret" or nothing. */}}
{{- define "jupyterhub.proxy.tls" -}}
{{- with .Values.proxy.https }}
{{- if and .enabled (has .type (list "manual" "secret")) }}{{ .type }}{{ end }}
{{- end }}
{{- end }}

{{- /* Whether the proxy shows our error pages: not if another place for them is configured. */}}
{{- define "jupyterhub.proxy.ownErrorPages" -}}
{{- $chp := .Values.proxy.chp }}
{{- $flags := $chp.extraCommandLineFlags | default list | join " " }}
{{- if not (or $chp.errorTarget (regexMatch "--error-(target|path)" $flags)) }}true{{ end }}
{{- end }}

{{- define "jupyterhub.proxy.podSpec" -}}
{{- $chp := .Values.proxy.chp }}
{{- $tls := include "jupyterhub.proxy.tls" . }}
{{- $errorPages := include "jupyterhub.proxy.ownErrorPages" . }}
{{- $secret := .Values.proxy.https.secret | default dict }}
{{- $hub := include "jupyterhub.name" (list . "hub") }}
{{- $hubUrl := printf "http://%s:$(%s_SERVICE_PORT)" $hub ($hub | upper | replace "-" "_") -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 60
{{- include "jupyterhub.corePlacement" (list . $chp) }}
{{- include "jupyterhub.imagePullSecrets" (list . (list $chp.image)) }}
{{- include "jupyterhub.podSecurityContext" $chp }}
containers:
  - name: chp
    {{- include "jupyterhub.image" (list . $chp.image) | nindent 4 }}
    command:
      {{- range $chp.command }}
      - {{ tpl . $ | quote }}
      {{- end }}
    args:
      # all IPv4 and IPv6 addresses
      - --ip=
      - --api-ip=
      - --api-port=8001
      - --default-target={{ tpl ($chp.defaultTarget | default $hubUrl) . }}
      {{- if $errorPages }}
      - --error-path=/etc/chp/error-pages
      {{- else if $chp.errorTarget }}
      - --error-target={{ tpl $chp.errorTarget . }}
      {{- end }}
      {{- if $tls }}
      - --port=8443
      - --redirect-port=8000
      - --redirect-to=443
      - --ssl-key=/etc/chp/tls/{{ eq $tls "secret" | ternary $secret.key "tls.key" }}
      - --ssl-cert=/etc/chp/tls/{{ eq $tls "secret" | ternary $secret.crt "tls.crt" }}
      {{- else }}
      - --port=8000
      {{- end }}
      {{- if .Values.debug.enabled }}
      - --log-level=debug
      {{- end }}
      {{- range $chp.extraCommandLineFlags }}
      - {{ tpl . $ | quote }}
      {{- end }}
    env:
      - name: CONFIGPROXY_AUTH_TOKEN
        valueFrom:
          secretKeyRef:
            name: {{ $hub | quote }}
            key: hub.config.ConfigurableHTTPProxy.auth_token
      {{- with $chp.extraEnv }}
      {{- include "jupyterhub.env" . | nindent 6 }}
      {{- end }}
    ports:
      {{- if $tls }}
      - name: https
        containerPort: 8443
      {{- end }}
      - name: http
        containerPort: 8000
      - name: api
        containerPort: 8001
    {{- range $kind := list "livenessProbe" "readinessProbe" }}
    {{- with get $chp $kind }}
    {{- if .enabled }}
    {{ $kind }}:
      {{- include "jupyterhub.probe" . | nindent 6 }}
      httpGet:
        path: /_chp_healthz
        port: {{ empty $tls | ternary "http" "https" }}
        scheme: {{ empty $tls | ternary "HTTP" "HTTPS" }}
    {{- end }}
    {{- end }}
    {{- end }}
    {{- with $chp.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $chp.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if or $tls $errorPages }}
    volumeMounts:
      {{- if $tls }}
      - name: tls-secret
        mountPath: /etc/chp/tls
        readOnly: true
      {{- end }}
      {{- if $errorPages }}
      - name: error-pages
        mountPath: /etc/chp/error-pages
        readOnly: true
      {{- end }}
    {{- end }}
{{- if or $tls $errorPages }}
volumes:
  {{- if $tls }}
  - name: tls-secret
    secret:
      secretName: {{ eq $tls "secret" | ternary $secret.name (include "jupyterhub.name" (list . "proxy-public-manual-tls")) | quote }}
  {{- end }}
  {{- if $errorPages }}
  - name: error-pages
    configMap:
      name: {{ include "jupyterhub.name" (list . "proxy-error-pages") | quote }}
  {{- end }}
{{- end }}
{{- end }}
