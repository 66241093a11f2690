{{- /* Parts of the jobs and sidecars that run `z2jh` in the hub's image. */}}

{{- /* (weight): the annotations of a hook before install and upgrade. */}}
{{- define "jupyterhub.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
helm.sh/hook-weight: {{ . | quote }}
{{- end }}

{{- /* (root, image): the image of a job: `image` if set, else the hub's. */}}
{{- define "jupyterhub.choreImage" -}}
{{- $root := index . 0 }}{{ $given := index . 1 | default dict }}
{{- include "jupyterhub.image" (list $root (empty $given.name | ternary $root.Values.hub.image $given)) }}
{{- end }}

{{- /*
(root, component's values): where a hook's pod runs. It has no priority class, because none exists
before the first installation.
*/}}
{{- define "jupyterhub.hookPlacement" -}}
{{- with omit (include "jupyterhub.corePlacement" . | fromYaml) "priorityClassName" }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- /* (root, name's key, account's key): a role's binding to an account. */}}
{{- define "jupyterhub.roleBinding" -}}
{{- $root := index . 0 -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "jupyterhub.name" (list $root (index . 2)) | quote }}
    namespace: {{ $root.Release.Namespace | quote }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "jupyterhub.name" (list $root (index . 1)) | quote }}
{{- end }}

{{- /* The service account of the job that creates secrets: its own, or the hub's if the chart does not create one. */}}
{{- define "jupyterhub.secretsAccount" -}}
{{- include "jupyterhub.name" (list . (.Values.hub.serviceAccount.create | ternary "hub-secrets" "hub-serviceaccount")) }}
{{- end }}
