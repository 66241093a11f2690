{{- /*
(root, name, arguments of `z2jh db`): a container that runs `z2jh db` on the database in the hub's PVC. The
pod must have the volumes `pvc` and `scratch`.
*/}}
{{- define "jupyterhub.hub.dbContainer" -}}
{{- $root := index . 0 }}{{ $hub := $root.Values.hub -}}
- name: {{ index . 1 }}
  {{- include "jupyterhub.image" (list $root $hub.image) | nindent 2 }}
  args:
    - z2jh
    - db
    {{- toYaml (index . 2) | nindent 4 }}
    - --sqlite=/srv/jupyterhub/jupyterhub.sqlite
  {{- with $hub.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $hub.containerSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: pvc
      mountPath: /srv/jupyterhub
      {{- with $hub.db.pvc.subPath }}
      subPath: {{ . | quote }}
      {{- end }}
    - name: scratch
      mountPath: /tmp
      subPath: tmp
{{- end }}

{{- define "jupyterhub.hub.podSpec" -}}
{{- $hub := .Values.hub }}
{{- $sqlite := eq $hub.db.type "sqlite-pvc" }}
{{- $given := list }}{{ $made := list }}
{{- range $key, $value := include "jupyterhub.secrets" . | fromYaml }}
{{- if $value }}{{ $given = append $given $key }}{{ else }}{{ $made = append $made $key }}{{ end }}
{{- end }}
{{- $mounted := list }}
{{- range $hub.extraVolumeMounts }}{{ $mounted = append $mounted (.mountPath | trimSuffix "/") }}{{ end }}
{{- $readOnly := ($hub.containerSecurityContext | default dict).readOnlyRootFilesystem }}
{{- $scratch := list }}
{{- if and $readOnly (not (has "/tmp" $mounted)) }}{{ $scratch = append $scratch "/tmp" }}{{ end }}
{{- if and $readOnly (not $sqlite) (not (has "/srv/jupyterhub" $mounted)) }}{{ $scratch = append $scratch "/srv/jupyterhub" }}{{ end -}}
serviceAccountName: {{ include "jupyterhub.name" (list . "hub-serviceaccount") | quote }}
{{- include "jupyterhub.corePlacement" (list . $hub) }}
{{- include "jupyterhub.imagePullSecrets" (list . (list $hub.image)) }}
{{- include "jupyterhub.podSecurityContext" $hub }}
{{- $upgrade := and $sqlite (not $hub.args) (not $hub.command) }}
{{- if or $hub.initContainers $upgrade }}
initContainers:
  {{- with $hub.initContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if $upgrade }}
  {{- include "jupyterhub.hub.dbContainer" (list . "upgrade-db" (list "upgrade")) | nindent 2 }}
  {{- end }}
{{- end }}
containers:
  - name: hub
    {{- include "jupyterhub.image" (list . $hub.image) | nindent 4 }}
    {{- with $hub.command }}
    command:
      {{- range . }}
      - {{ tpl . $ | quote }}
      {{- end }}
    {{- end }}
    args:
      {{- range $hub.args }}
      - {{ tpl . $ | quote }}
      {{- else }}
      - jupyterhub
      - --config
      - /usr/local/etc/jupyterhub/jupyterhub_config.py
      {{- if .Values.debug.enabled }}
      - --debug
      {{- end }}
      {{- if or $sqlite $hub.db.upgrade }}
      - --upgrade-db
      {{- end }}
      {{- end }}
    env:
      - name: PYTHONUNBUFFERED
        value: "1"
      - name: HELM_RELEASE_NAME
        value: {{ .Release.Name | quote }}
      - name: POD_NAMESPACE
        valueFrom:
          fieldRef:
            fieldPath: metadata.namespace
      - name: CONFIGPROXY_AUTH_TOKEN
        valueFrom:
          secretKeyRef:
            name: {{ include "jupyterhub.name" (list . "hub") | quote }}
            key: hub.config.ConfigurableHTTPProxy.auth_token
      {{- with $hub.extraEnv }}
      {{- include "jupyterhub.env" . | nindent 6 }}
      {{- end }}
    ports:
      - name: http
        containerPort: 8081
    {{- range $kind, $asked := dict "livenessProbe" "" "readinessProbe" "?ready" }}
    {{- with get $hub $kind }}
    {{- if .enabled }}
    {{ $kind }}:
      {{- include "jupyterhub.probe" . | nindent 6 }}
      httpGet:
        path: {{ include "jupyterhub.hub.prefix" $ }}/hub/health{{ $asked }}
        port: http
    {{- end }}
    {{- end }}
    {{- end }}
    {{- range $field := list "lifecycle" "resources" }}
    {{- with get $hub $field }}
    {{ $field }}:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- with $hub.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: config
        mountPath: /usr/local/etc/jupyterhub/config/
      - name: secret
        mountPath: /usr/local/etc/jupyterhub/secret/
      {{- if $hub.existingSecret }}
      - name: existing-secret
        mountPath: /usr/local/etc/jupyterhub/existing-secret/
      {{- end }}
      {{- with $hub.extraFiles }}
      {{- include "jupyterhub.filesMounts" . | nindent 6 }}
      {{- end }}
      {{- if $sqlite }}
      - name: pvc
        mountPath: /srv/jupyterhub
        {{- with $hub.db.pvc.subPath }}
        subPath: {{ . | quote }}
        {{- end }}
      {{- end }}
      {{- range $scratch }}
      - name: scratch
        mountPath: {{ . }}
        subPath: {{ base . }}
      {{- end }}
      {{- with $hub.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- with $hub.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "jupyterhub.name" (list . "hub") | quote }}
  - name: secret
    projected:
      sources:
        - secret:
            name: {{ include "jupyterhub.name" (list . "hub-values") | quote }}
            items:
              {{- range prepend $given "values.yaml" }}
              - key: {{ . | quote }}
                path: {{ . | quote }}
              {{- end }}
        {{- with $made }}
        - secret:
            name: {{ include "jupyterhub.name" (list $ "hub") | quote }}
            items:
              {{- range . }}
              - key: {{ . | quote }}
                path: {{ . | quote }}
              {{- end }}
        {{- end }}
  {{- with $hub.existingSecret }}
  - name: existing-secret
    secret:
      secretName: {{ . | quote }}
  {{- end }}
  {{- with $hub.extraFiles }}
  - name: files
    secret:
      secretName: {{ include "jupyterhub.name" (list $ "hub-values") | quote }}
      items:
        {{- include "jupyterhub.filesItems" . | nindent 8 }}
  {{- end }}
  {{- if $sqlite }}
  - name: pvc
    persistentVolumeClaim:
      claimName: {{ include "jupyterhub.name" (list . "hub-pvc") | quote }}
  {{- end }}
  {{- if or $scratch $upgrade }}
  - name: scratch
    emptyDir: {}
  {{- end }}
  {{- with $hub.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
