{{- /* Written by tools/chart_tables.py (`make schema`); do not edit. */}}

{{- /* Deprecated keys, each with the current keys that take its value: z2jh_hub/config/legacy/table.py */}}
{{- define "jupyterhub.tables.moves" -}}
auth.whitelist.users:
- hub.config.Authenticator.allowed_users
auth.blacklist.users:
- hub.config.Authenticator.blocked_users
auth.admin.users:
- hub.config.Authenticator.admin_users
auth.admin.access:
- hub.config.JupyterHub.admin_access
auth.state.enabled:
- hub.config.Authenticator.enable_auth_state
hub.cookieSecret:
- hub.config.JupyterHub.cookie_secret
hub.extraConfigMap:
- custom
hub.fsGid:
- hub.podSecurityContext.fsGroup
hub.imagePullPolicy:
- hub.image.pullPolicy
hub.publicURL:
- hub.config.JupyterHub.public_url
hub.uid:
- hub.containerSecurityContext.runAsUser
imagePullSecret.enabled:
- imagePullSecret.create
prePuller.enabled:
- prePuller.hook.enabled
proxy.networkPolicy:
- proxy.chp.networkPolicy
- proxy.traefik.networkPolicy
proxy.nodeSelector:
- proxy.chp.nodeSelector
- proxy.traefik.nodeSelector
proxy.pdb:
- proxy.chp.pdb
- proxy.traefik.pdb
proxy.secretToken:
- hub.config.ConfigurableHTTPProxy.auth_token
rbac.enabled:
- rbac.create
- hub.serviceAccount.create
- proxy.traefik.serviceAccount.create
- scheduling.userScheduler.serviceAccount.create
- prePuller.hook.serviceAccount.create
- prePuller.hook.serviceAccountImagePuller.create
- prePuller.continuous.serviceAccount.create
singleuser.imagePullPolicy:
- singleuser.image.pullPolicy
{{- end }}

{{- /* Deprecated keys that have no effect, each with its replacement: z2jh_hub/config/legacy/table.py */}}
{{- define "jupyterhub.tables.ignored" -}}
proxy.nginx: use `proxy.traefik`
scheduling.userScheduler.policy: use `scheduling.userScheduler.plugins`
proxy.lego: use `proxy.https.letsencrypt` and `proxy.traefik`
{{- end }}

{{- /* The pod affinity of `singleuser.schedulerStrategy: pack`: z2jh_hub/config/legacy/exceptions.py */}}
{{- define "jupyterhub.tables.packAffinity" -}}
weight: 100
podAffinityTerm:
  labelSelector:
    matchExpressions:
    - key: component
      operator: In
      values:
      - singleuser-server
  topologyKey: kubernetes.io/hostname
{{- end }}

{{- /* Maps whose null entries are removed, and maps that stay unchanged: z2jh_hub/config/named_entries.py */}}
{{- define "jupyterhub.tables.namedMaps" -}}
named:
- annotations
- choices
- containerSecurityContext
- daemonsetAnnotations
- extraAnnotations
- extraConfig
- extraContainers
- extraEnv
- extraFiles
- extraImages
- extraLabels
- extraTolerations
- extraVolumeMounts
- extraVolumes
- failures
- guarantees
- initContainers
- labels
- lifecycle
- lifecycleHooks
- limits
- loadRoles
- nodeSelector
- podSecurityContext
- profileList
- profile_options
- profiles
- quotas
- requests
- resources
- selector
- services
opaque:
- auth
- config
- custom
- data
- extraConfigMap
- extraPodConfig
- extraPodSpec
- kubespawner_override
- templateVars
{{- end }}

{{- /* Values that a running hub applies, each with the trait it sets, without the text of templates in `hub.extraFiles`; `*` stands for any name: z2jh_hub/hub/reload/table.py */}}
{{- define "jupyterhub.tables.reloaded" -}}
singleuser.profileList: profile_list
hub.config.KubeSpawner.profile_list: profile_list
hub.quotas: quotas
hub.failures: failures
hub.rescue.enabled: rescue_enabled
hub.rescue.mountPath: rescue_mount_path
hub.rescue.memory.limit: rescue_mem_limit
hub.rescue.memory.guarantee: rescue_mem_guarantee
hub.rescue.cpu.limit: rescue_cpu_limit
hub.rescue.cpu.guarantee: rescue_cpu_guarantee
hub.rescue.image.name: rescue_image
hub.rescue.image.tag: rescue_image
hub.config.*.admin_groups: admin_groups
hub.config.*.admin_google_groups: admin_google_groups
hub.config.*.admin_users: admin_users
hub.config.*.allow_all: allow_all
hub.config.*.allow_existing_users: allow_existing_users
hub.config.*.allowed_gitlab_groups: allowed_gitlab_groups
hub.config.*.allowed_google_groups: allowed_google_groups
hub.config.*.allowed_groups: allowed_groups
hub.config.*.allowed_organizations: allowed_organizations
hub.config.*.allowed_project_ids: allowed_project_ids
hub.config.*.allowed_teams: allowed_teams
hub.config.*.allowed_users: allowed_users
hub.config.*.blocked_users: blocked_users
hub.config.*.hosted_domain: hosted_domain
hub.templateVars: template_vars
hub.config.JupyterHub.template_vars: template_vars
hub.templatePaths: template_paths
hub.config.JupyterHub.template_paths: template_paths
cull.adminUsers: ''
cull.apiPageSize: ''
cull.concurrency: ''
cull.defaultServers: ''
cull.every: ''
cull.maxAge: ''
cull.namedServers: ''
cull.removeNamedServers: ''
cull.timeout: ''
{{- end }}

{{- /* Values that only templates read: z2jh_hub/hub/reload/table.py */}}
{{- define "jupyterhub.tables.notRead" -}}
- httpRoute
- ingress
- prePuller
- rbac.create
- rbac.enabled
- rbac.hub
- hub.deploymentStrategy
- hub.networkPolicy
- hub.pdb
- hub.restartOnChange
- hub.revisionHistoryLimit
- hub.service
- hub.serviceAccount
- proxy.annotations
- proxy.chp
- proxy.deploymentStrategy
- proxy.https
- proxy.labels
- proxy.networkPolicy
- proxy.secretSync
- proxy.service
- proxy.traefik
- scheduling.corePods
- scheduling.podPriority.globalDefault
- scheduling.podPriority.defaultPriority
- scheduling.podPriority.imagePullerPriority
- scheduling.podPriority.userPlaceholderPriority
- scheduling.userPlaceholder
- scheduling.userScheduler.revisionHistoryLimit
- scheduling.userScheduler.replicas
- scheduling.userScheduler.image
- scheduling.userScheduler.logLevel
- scheduling.userScheduler.policy
- scheduling.userScheduler.plugins
- scheduling.userScheduler.pluginConfig
- scheduling.userScheduler.annotations
- scheduling.userScheduler.labels
- scheduling.userScheduler.podSecurityContext
- scheduling.userScheduler.containerSecurityContext
- scheduling.userScheduler.nodeSelector
- scheduling.userScheduler.tolerations
- scheduling.userScheduler.pdb
- scheduling.userScheduler.resources
- scheduling.userScheduler.serviceAccount
- scheduling.userScheduler.extraPodSpec
- singleuser.networkPolicy
{{- end }}

{{- /* Secrets of the hub, each with the form it must have: z2jh_hub/config/sections/hub_secrets.py */}}
{{- define "jupyterhub.tables.secrets" -}}
hub.config.JupyterHub.cookie_secret:
  pattern: ^\s*([0-9a-fA-F]{2}\s*)+\s*$
  expected: 64 hexadecimal digits
  hint: generate one with `openssl rand -hex 32`, or remove the key to let the chart generate one
hub.config.CryptKeeper.keys:
  pattern: ^\s*[!-~]+\s*$
  expected: 32 bytes, written as 64 hexadecimal digits or as base64
  hint: generate one with `openssl rand -hex 32`, or remove the key to let the chart generate one
hub.config.ConfigurableHTTPProxy.auth_token:
  pattern: ^\s*[!-~]+\s*$
  expected: ASCII letters, digits and signs, without spaces
  hint: generate one with `openssl rand -hex 32`, or remove the key to let the chart generate one
hub.services.*.apiToken:
  pattern: ^\s*[!-~]+\s*$
  expected: at least 8 ASCII letters, digits and signs, without spaces
  hint: generate one with `openssl rand -hex 32`, or remove the key to let the chart generate one
{{- end }}

{{- /* Permissions of the hub that only some deployments need: z2jh_hub/check/rules/code_needs.py */}}
{{- define "jupyterhub.tables.permissions" -}}
- key: rbac.hub.deleteClaims
  traits:
  - delete_pvc
  pattern: \b(delete_pvc|delete_(collection_)?namespaced_persistent_volume_claim)\b
  allows: delete PVCs
- key: rbac.hub.manageSecrets
  traits:
  - internal_ssl
  - services_enabled
  pattern: \b(internal_ssl|services_enabled|[a-z_]+_namespaced_(secret|service))\b
  allows: manage Secrets and Services
{{- end }}

{{- /* Regular expressions of placeholders in examples: z2jh_hub/config/placeholders.py */}}
{{- define "jupyterhub.tables.placeholders" -}}
- (<[A-Za-z][^<>\n]*>)
- (?:^|[^A-Za-z0-9])((?:YOUR|your|Your)[-_][A-Za-z0-9][A-Za-z0-9_-]*)
- (?i)\b((?:change|replace)[-_]?(?:me|this))\b
{{- end }}

{{- /* Addresses of cloud metadata servers: z2jh_hub/check/rules/metadata.py */}}
{{- define "jupyterhub.tables.metadataAddresses" -}}
- 169.254.169.254/32
- 169.254.170.2/32
- 168.63.129.16/32
- fd00:ec2::254/128
- fd20:ce::254/128
{{- end }}

{{- /* The default of `singleuser.networkPolicy.egressAllowRules`: chart/values.yaml */}}
{{- define "jupyterhub.tables.defaultEgressAllowRules" -}}
cloudMetadataServer: false
dnsPortsCloudMetadataServer: true
dnsPortsKubeSystemNamespace: true
dnsPortsPrivateIPs: true
nonPrivateIPs: true
privateIPs: false
{{- end }}
