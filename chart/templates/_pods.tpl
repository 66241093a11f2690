{{- /* Parts of pods and containers. */}}

{{- /* (root, image): `image` and, if set, `imagePullPolicy` of a container. */}}
{{- define "jupyterhub.image" -}}
{{- $image := index . 1 -}}
image: {{ printf "%s:%s" $image.name (include "jupyterhub.tag" ($image.tag | default (index . 0).Chart.AppVersion)) | quote }}
{{- with $image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- end }}

{{- /* A tag as text. Helm reads large integers as floats such as 2.024e+07. */}}
{{- define "jupyterhub.tag" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{- /*
(root, images): the pod's `imagePullSecrets`: those of its images, those of all pods, and the
one that the chart creates. Each may be a name or a Kubernetes reference.
*/}}
{{- define "jupyterhub.imagePullSecrets" -}}
{{- $root := index . 0 }}
{{- $given := list }}
{{- range index . 1 }}
{{- $given = concat $given (.pullSecrets | default list) }}
{{- end }}
{{- $given = concat $given ($root.Values.imagePullSecrets | default list) }}
{{- if and $root.Values.imagePullSecret.create $root.Values.imagePullSecret.automaticReferenceInjection }}
{{- $given = append $given (include "jupyterhub.name" (list $root "image-pull-secret")) }}
{{- end }}
{{- $secrets := list }}
{{- range $given }}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $secrets | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Environment variables: a Kubernetes list, or a map from names to values or to fields of an item. */}}
{{- define "jupyterhub.env" -}}
{{- if kindIs "slice" . }}
{{- toYaml . }}
{{- else }}
{{- $list := list }}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
{{- $list = append $list (merge dict $value (dict "name" $name)) }}
{{- else if not (kindIs "invalid" $value) }}
{{- $list = append $list (dict "name" $name "value" (toString $value)) }}
{{- end }}
{{- end }}
{{- toYaml $list }}
{{- end }}
{{- end }}

{{- /* (component's values): the `securityContext` of its pod. */}}
{{- define "jupyterhub.podSecurityContext" -}}
{{- with .podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /*
(annotations, container): the annotations of a pod, with the default container of
`kubectl logs` and `kubectl exec`.
*/}}
{{- define "jupyterhub.podAnnotations" -}}
{{- merge dict (index . 0 | default dict) (dict "kubectl.kubernetes.io/default-container" (index . 1)) | toYaml }}
{{- end }}

{{- /* The settings of a probe, without `enabled`. */}}
{{- define "jupyterhub.probe" -}}
{{- toYaml (omit . "enabled") }}
{{- end }}

{{- /* (root, component's values): the node selection and priority of a core pod. */}}
{{- define "jupyterhub.corePlacement" -}}
{{- $root := index . 0 }}{{ $own := index . 1 }}{{ $core := $root.Values.scheduling.corePods }}
{{- include "jupyterhub.priority" (list $root "priority") }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "jupyterhub.nodeAffinity" (list $core "core" dict) | fromYaml }}
affinity:
  nodeAffinity:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with concat ($core.tolerations | default list) ($own.tolerations | default list) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* (root, more tolerations): the node selector and tolerations of a user's pod. */}}
{{- define "jupyterhub.userPlacement" -}}
{{- $root := index . 0 }}
{{- with $root.Values.singleuser.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat ($root.Values.scheduling.userPods.tolerations | default list)
    ($root.Values.singleuser.extraTolerations | default list) (index . 1 | default list) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The `affinity` of a user's pod. */}}
{{- define "jupyterhub.userAffinity" -}}
{{- $affinity := dict }}
{{- with include "jupyterhub.nodeAffinity" (list .Values.scheduling.userPods "user" .Values.singleuser.extraNodeAffinity) | fromYaml }}
{{- $_ := set $affinity "nodeAffinity" . }}
{{- end }}
{{- range $kind, $extra := dict "podAffinity" .Values.singleuser.extraPodAffinity "podAntiAffinity" .Values.singleuser.extraPodAntiAffinity }}
{{- $terms := dict }}
{{- with ($extra | default dict).required }}{{ $_ := set $terms "requiredDuringSchedulingIgnoredDuringExecution" . }}{{ end }}
{{- with ($extra | default dict).preferred }}{{ $_ := set $terms "preferredDuringSchedulingIgnoredDuringExecution" . }}{{ end }}
{{- with $terms }}{{ $_ := set $affinity $kind . }}{{ end }}
{{- end }}
{{- with $affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The `affinity` of the pods that pull images: to all nodes on which a user pod may run. */}}
{{- define "jupyterhub.pullerAffinity" -}}
{{- with (include "jupyterhub.nodeAffinity" (list .Values.scheduling.userPods "user" .Values.singleuser.extraNodeAffinity) | fromYaml).requiredDuringSchedulingIgnoredDuringExecution }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      {{- toYaml . | nindent 6 }}
{{- end }}
{{- end }}

{{- /* (scheduling of the kind, purpose, {required, preferred}): a node affinity. */}}
{{- define "jupyterhub.nodeAffinity" -}}
{{- $match := (index . 0).nodeAffinity.matchNodePurpose }}
{{- $purpose := list (dict "key" "hub.jupyter.org/node-purpose" "operator" "In" "values" (list (index . 1))) }}
{{- $extra := index . 2 | default dict }}
{{- $required := $extra.required | default list }}
{{- $preferred := $extra.preferred | default list }}
{{- if eq $match "require" }}
{{- $required = prepend $required (dict "matchExpressions" $purpose) }}
{{- else if eq $match "prefer" }}
{{- $preferred = prepend $preferred (dict "weight" 100 "preference" (dict "matchExpressions" $purpose)) }}
{{- end }}
{{- with $required }}
requiredDuringSchedulingIgnoredDuringExecution:
  nodeSelectorTerms:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with $preferred }}
preferredDuringSchedulingIgnoredDuringExecution:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* (root, name's key): a pod's priority class. */}}
{{- define "jupyterhub.priority" -}}
{{- $root := index . 0 }}
{{- if $root.Values.scheduling.podPriority.enabled }}
priorityClassName: {{ include "jupyterhub.name" . | quote }}
{{- end }}
{{- end }}

{{- /* "true" if traefik requests the certificate of this release, else nothing. */}}
{{- define "jupyterhub.autohttps" -}}
{{- with .Values.proxy.https }}
{{- if and .enabled .hosts (eq .type "letsencrypt") }}true{{ end }}
{{- end }}
{{- end }}

{{- /* (pod's spec as text, extraPodSpec): the spec, with fields overridden by extraPodSpec. */}}
{{- define "jupyterhub.podSpec" -}}
{{- $spec := index . 0 | printf "%s\n" | fromYaml }}
{{- range $field, $value := index . 1 }}
{{- $_ := set $spec $field $value }}
{{- end }}
{{- toYaml $spec }}
{{- end }}

{{- /* The IP families of a Service, if set. */}}
{{- define "jupyterhub.ipFamilies" -}}
{{- with .ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
