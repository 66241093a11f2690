{{- /*
traefik's configuration (https://doc.traefik.io/traefik/reference/):
the static part is read at startup, the dynamic part whenever it changes.
*/}}
{{- define "jupyterhub.traefik.static" -}}
{{- $https := .Values.proxy.https }}
{{- $hidden := "redacted" }}
{{- $static := dict
  "entryPoints" (dict
    "http" (dict "address" ":8080")
    "https" (dict
      "address" ":8443"
      "transport" (dict "respondingTimeouts" (dict "idleTimeout" "10m0s"))))
  "certificatesResolvers" (dict "default" (dict "acme" (dict
    "caServer" $https.letsencrypt.acmeServer
    "email" $https.letsencrypt.contactEmail
    "httpChallenge" (dict "entryPoint" "http")
    "storage" "/etc/acme/acme.json")))
  "providers" (dict "file" (dict "filename" "/etc/traefik/dynamic.yaml"))
  "log" (dict "level" (.Values.debug.enabled | ternary "DEBUG" "WARN"))
  "accessLog" (dict
    "filters" (dict "statusCodes" (list "500-599"))
    "fields" (dict "headers" (dict "names" (dict
      "Authorization" $hidden "Cookie" $hidden "Set-Cookie" $hidden "X-Xsrftoken" $hidden))))
}}
{{- mergeOverwrite $static (.Values.proxy.traefik.extraStaticConfig | default dict) | toYaml }}
{{- end }}

{{- define "jupyterhub.traefik.dynamic" -}}
{{- $hsts := .Values.proxy.traefik.hsts }}
{{- $domains := list }}
{{- range .Values.proxy.https.hosts }}{{ $domains = append $domains (dict "main" .) }}{{ end }}
{{- $dynamic := dict
  "http" (dict
    "middlewares" (dict
      "redirect" (dict "redirectScheme" (dict "permanent" true "scheme" "https"))
      "hsts" (dict "headers" (dict
        "stsIncludeSubdomains" $hsts.includeSubdomains
        "stsPreload" $hsts.preload
        "stsSeconds" (int64 $hsts.maxAge)))
      "scheme" (dict "headers" (dict "customRequestHeaders" (dict "X-Scheme" "https"))))
    "routers" (dict
      "insecure" (dict
        "entrypoints" (list "http")
        "middlewares" (list "redirect")
        "rule" "PathPrefix(`/`)"
        "service" "default")
      "default" (dict
        "entrypoints" (list "https")
        "middlewares" (list "hsts" "scheme")
        "rule" "PathPrefix(`/`)"
        "service" "default"
        "tls" (dict "certResolver" "default" "domains" $domains "options" "default")))
    "services" (dict "default" (dict "loadBalancer" (dict "servers" (list
      (dict "url" (printf "http://%s:8000/" (include "jupyterhub.name" (list . "proxy-http")))))))))
  "tls" (dict "options" (dict "default" (dict
    "minVersion" "VersionTLS12"
    "sniStrict" true
    "cipherSuites" (list
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"))))
}}
{{- mergeOverwrite $dynamic (.Values.proxy.traefik.extraDynamicConfig | default dict) | toYaml }}
{{- end }}

{{- /* (root, mode): the container that restores traefik's certificates, or saves them. */}}
{{- define "jupyterhub.acmeSync" -}}
{{- $root := index . 0 }}{{ $mode := index . 1 }}{{ $sync := $root.Values.proxy.secretSync -}}
- name: {{ eq $mode "load" | ternary "load-acme" "secret-sync" }}
  {{- include "jupyterhub.choreImage" (list $root $sync.image) | nindent 2 }}
  args:
    - z2jh
    - acme
    - sync
    - {{ $mode }}
    - --secret={{ include "jupyterhub.name" (list $root "proxy-public-tls") }}
    - --file=/etc/acme/acme.json
    {{- if eq $mode "watch" }}
    {{- range $label, $value := include "jupyterhub.podLabels" (list $root "autohttps") | fromYaml }}
    - --label={{ $label }}={{ $value }}
    {{- end }}
    {{- end }}
  {{- with $sync.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $sync.containerSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: certificates
      mountPath: /etc/acme
    - name: kubernetes-api
      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      readOnly: true
{{- end }}

{{- define "jupyterhub.traefik.podSpec" -}}
{{- $traefik := .Values.proxy.traefik -}}
serviceAccountName: {{ include "jupyterhub.name" (list . "autohttps-serviceaccount") | quote }}
# traefik is reachable from the internet, so only the containers that store certificates may use the API
automountServiceAccountToken: false
{{- include "jupyterhub.corePlacement" (list . $traefik) }}
{{- include "jupyterhub.imagePullSecrets" (list . (list $traefik.image .Values.proxy.secretSync.image .Values.hub.image)) }}
{{- include "jupyterhub.podSecurityContext" $traefik }}
initContainers:
  {{- include "jupyterhub.acmeSync" (list . "load") | nindent 2 }}
  {{- with $traefik.extraInitContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
containers:
  - name: traefik
    {{- include "jupyterhub.image" (list . $traefik.image) | nindent 4 }}
    {{- range $field := list "command" "args" "resources" }}
    {{- with get $traefik $field }}
    {{ $field }}:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- with $traefik.extraEnv }}
    env:
      {{- include "jupyterhub.env" . | nindent 6 }}
    {{- end }}
    ports:
      - name: http
        containerPort: 8080
      - name: https
        containerPort: 8443
      {{- with $traefik.extraPorts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with $traefik.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: traefik-config
        mountPath: /etc/traefik
      - name: certificates
        mountPath: /etc/acme
      {{- with $traefik.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- include "jupyterhub.acmeSync" (list . "watch") | nindent 2 }}
volumes:
  - name: certificates
    emptyDir: {}
  - name: traefik-config
    configMap:
      name: {{ include "jupyterhub.name" (list . "autohttps") | quote }}
  - name: kubernetes-api
    projected:
      sources:
        - serviceAccountToken:
            path: token
            expirationSeconds: 3607
        - configMap:
            name: kube-root-ca.crt
            items:
              - key: ca.crt
                path: ca.crt
        - downwardAPI:
            items:
              - path: namespace
                fieldRef:
                  fieldPath: metadata.namespace
  {{- with $traefik.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
