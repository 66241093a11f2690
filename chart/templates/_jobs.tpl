{{- /* What the chart's jobs and sidecars have in common: `z2jh`, in the hub's image. */}}

{{- /* (weight): the annotations of a hook before install and upgrade. */}}
{{- define "jupyterhub.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
helm.sh/hook-weight: {{ . | quote }}
{{- end }}

{{- /* (root, image): the image of a chore: the given one, or else the hub's. */}}
{{- define "jupyterhub.choreImage" -}}
{{- $root := index . 0 }}{{ $given := index . 1 | default dict }}
{{- include "jupyterhub.image" (list $root (empty $given.name | ternary $root.Values.hub.image $given)) }}
{{- end }}

{{- /*
(root, component's values): where a hook's pod runs. It has no priority class: at the first
install there is none yet.
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

{{- /* The account of the job that makes secrets: its own, or the hub's where that is not made here. */}}
{{- define "jupyterhub.secretsAccount" -}}
{{- include "jupyterhub.name" (list . (.Values.hub.serviceAccount.create | ternary "hub-secrets" "hub-serviceaccount")) }}
{{- end }}
