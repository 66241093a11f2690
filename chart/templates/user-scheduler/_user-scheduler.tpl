{{- /* kube-scheduler's configuration: one profile, which fills nodes instead of spreading pods. */}}
{{- define "jupyterhub.scheduler.config" -}}
{{- $scheduler := .Values.scheduling.userScheduler -}}
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection:
  resourceLock: leases
  resourceName: {{ include "jupyterhub.name" (list . "user-scheduler-lock") }}
  resourceNamespace: {{ .Release.Namespace | quote }}
profiles:
  - schedulerName: {{ include "jupyterhub.name" (list . "user-scheduler") }}
    {{- with $scheduler.plugins }}
    plugins:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $scheduler.pluginConfig }}
    pluginConfig:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}

{{- define "jupyterhub.scheduler.podSpec" -}}
{{- $scheduler := .Values.scheduling.userScheduler -}}
serviceAccountName: {{ include "jupyterhub.name" (list . "user-scheduler-serviceaccount") | quote }}
{{- include "jupyterhub.corePlacement" (list . $scheduler) }}
{{- include "jupyterhub.imagePullSecrets" (list . (list $scheduler.image)) }}
{{- include "jupyterhub.podSecurityContext" $scheduler }}
containers:
  - name: kube-scheduler
    {{- include "jupyterhub.image" (list . $scheduler.image) | nindent 4 }}
    command:
      - /usr/local/bin/kube-scheduler
      - --config=/etc/user-scheduler/config.yaml
      # otherwise it reads a ConfigMap in kube-system, for which it has no permission
      - --authentication-skip-lookup=true
      - --v={{ $scheduler.logLevel }}
    livenessProbe:
      httpGet:
        scheme: HTTPS
        path: /healthz
        port: 10259
      initialDelaySeconds: 15
    readinessProbe:
      httpGet:
        scheme: HTTPS
        path: /healthz
        port: 10259
    {{- with $scheduler.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $scheduler.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: config
        mountPath: /etc/user-scheduler
volumes:
  - name: config
    configMap:
      name: {{ include "jupyterhub.name" (list . "user-scheduler-deploy") | quote }}
{{- end }}
