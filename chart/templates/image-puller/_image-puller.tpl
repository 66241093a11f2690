{{- /* The images of user pods, and the pods that pull them by starting a container of each image. */}}

{{- /* All images, without duplicates: a list of {name of the container, image, pullPolicy}. */}}
{{- define "jupyterhub.puller.images" -}}
{{- $user := .Values.singleuser }}
{{- $found := dict "list" list "seen" dict "root" . }}
{{- if $user.cloudMetadata.blockWithIptables }}
{{- include "jupyterhub.puller.add" (list $found "metadata-block" $user.networkTools.image) }}
{{- end }}
{{- include "jupyterhub.puller.add" (list $found "singleuser" $user.image) }}
{{- $containers := list }}
{{- range list $user.initContainers $user.extraContainers }}
{{- range . }}{{ $containers = append $containers . }}{{ end }}
{{- end }}
{{- range $index, $container := $containers }}
{{- include "jupyterhub.puller.add" (list $found (printf "singleuser-init-and-extra-containers-%d" $index) $container.image) }}
{{- end }}
{{- if .Values.prePuller.pullProfileListImages }}
{{- range $index, $profile := $user.profileList }}
{{- include "jupyterhub.puller.add" (list $found (printf "singleuser-profilelist-%d" $index) ($profile.kubespawner_override | default dict).image) }}
{{- range $option, $described := $profile.profile_options }}
{{- range $choice, $chosen := $described.choices }}
{{- include "jupyterhub.puller.add" (list $found (printf "profile-%d-option-%s-%s" $index $option $choice) ($chosen.kubespawner_override | default dict).image) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $image := .Values.prePuller.extraImages }}
{{- include "jupyterhub.puller.add" (list $found $name $image) }}
{{- end }}
{{- toYaml $found.list }}
{{- end }}

{{- /* (found, name, image as text or {name, tag, pullPolicy}): adds the image to the list if it is new. */}}
{{- define "jupyterhub.puller.add" -}}
{{- $found := index . 0 }}{{ $image := index . 2 }}
{{- if kindIs "map" $image }}
{{- $given := $image }}
{{- $image = (include "jupyterhub.image" (list $found.root $given) | fromYaml).image }}
{{- with $given.pullPolicy }}{{ $_ := set $found "policy" . }}{{ else }}{{ $_ := unset $found "policy" }}{{ end }}
{{- else }}
{{- $_ := unset $found "policy" }}
{{- end }}
{{- if and $image (not (hasKey $found.seen $image)) }}
{{- $_ := set $found.seen $image true }}
{{- $name := index . 1 | lower | replace "_" "-" | replace "." "-" | printf "image-pull-%s" | trimSuffix "-" }}
{{- $entry := dict "name" (include "jupyterhub.cut" (list $name 63)) "image" $image }}
{{- with $found.policy }}{{ $_ := set $entry "imagePullPolicy" . }}{{ end }}
{{- $_ := set $found "list" (append $found.list $entry) }}
{{- end }}
{{- end }}

{{- /* A checksum of the images, to detect changes since the last release. */}}
{{- define "jupyterhub.puller.checksum" -}}
{{- include "jupyterhub.puller.images" . | sha256sum | trunc 16 }}
{{- end }}

{{- /* (root, component): the spec of a DaemonSet whose pods pull the images. */}}
{{- define "jupyterhub.puller.spec" -}}
{{- $root := index . 0 }}{{ $component := index . 1 }}
{{- $values := $root.Values }}{{ $puller := $values.prePuller }}
{{- if hasKey $puller "revisionHistoryLimit" }}
revisionHistoryLimit: {{ $puller.revisionHistoryLimit }}
{{- end }}
selector:
  matchLabels:
    {{- include "jupyterhub.matchLabels" . | nindent 4 }}
updateStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxUnavailable: 100%
template:
  metadata:
    labels:
      {{- include "jupyterhub.podLabels" . | nindent 6 }}
      {{- with $puller.labels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    annotations:
      {{- include "jupyterhub.podAnnotations" (list $puller.annotations "pause") | nindent 6 }}
  spec:
    serviceAccountName: {{ include "jupyterhub.name" (list $root (printf "%s-serviceaccount" $component)) | quote }}
    automountServiceAccountToken: false
    terminationGracePeriodSeconds: 0
    {{- if eq $component "continuous-image-puller" }}
    {{- include "jupyterhub.priority" (list $root "image-puller-priority") | nindent 4 }}
    {{- end }}
    {{- include "jupyterhub.userPlacement" (list $root $puller.extraTolerations) | nindent 4 }}
    {{- include "jupyterhub.pullerAffinity" $root | nindent 4 }}
    {{- include "jupyterhub.imagePullSecrets" (list $root (list $values.singleuser.image $values.singleuser.networkTools.image $puller.pause.image)) | nindent 4 }}
    {{- include "jupyterhub.podSecurityContext" $puller | nindent 4 }}
    initContainers:
      {{- range include "jupyterhub.puller.images" $root | fromYamlArray }}
      - {{- toYaml . | nindent 8 }}
        command: [/bin/sh, -c, echo "Pulling complete"]
        {{- with $puller.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        {{- with $puller.containerSecurityContext }}
        securityContext:
          {{- toYaml . | nindent 10 }}
        {{- end }}
      {{- end }}
    containers:
      - name: pause
        {{- include "jupyterhub.image" (list $root $puller.pause.image) | nindent 8 }}
        {{- with $puller.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        {{- with $puller.pause.containerSecurityContext }}
        securityContext:
          {{- toYaml . | nindent 10 }}
        {{- end }}
{{- end }}
