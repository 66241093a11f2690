"""Mistakes of kinds that people post in issues, and right files beside them, without a trial."""

from __future__ import annotations

import pytest

# text → rule, severity, key, words of message, expectation or hint
WRONG = {
    "singleuser: {resources: {limits: {nvidia.com/gpu: 1}}}":
        ("unknown-key", "error", "singleuser.resources", "singleuser.extraResource.limits"),
    "singleuser: {extraResource: {nvidia.com/gpu: 1}}":
        ("unknown-key", "error", "singleuser.extraResource.nvidia.com/gpu", "limits: {nvidia"),
    "singleuser: {imagePullSecrets: [regcred]}":
        ("unknown-key", "error", "singleuser.imagePullSecrets", "singleuser.image.pullSecrets"),
    "singleuser: {image: 'jupyter/base-notebook:7'}":
        ("value", "error", "singleuser.image", "{name: jupyter/base-notebook, tag: 7}"),
    "singleuser: {image: {name: 'jupyter/base-notebook:2024-01-01'}}":
        ("image-tag", "error", "singleuser.image.name", "tag: 2024-01-01"),
    "singleuser: {extraEnv: [{name: A, value: b}]}":
        ("value", "error", "singleuser.extraEnv", "NAME: VALUE"),
    "singleuser: {cpu: {limit: 500m}}":
        ("value", "error", "singleuser.cpu.limit", "did you mean 0.5?"),
    "singleuser: {cmd: jupyter lab --no-browser}":
        ("start-fails", "error", "singleuser.cmd", "[jupyter, lab, --no-browser]"),
    "proxy: {https: {enabled: true, hosts: [a.b], letsencrypt: {email: a@b.c}}}":
        ("unknown-key", "error", "proxy.https.letsencrypt.email", "letsencrypt.contactEmail"),
    "debug: true": ("value", "error", "debug", "debug.enabled: true"),
    "prePuller: {continuous: false}":
        ("value", "error", "prePuller.continuous", "prePuller.continuous.enabled: false"),
    "hub: {nodeSelector: {pool: 1}}":
        ("pod-rejected", "error", "hub.nodeSelector.pool", "quotes"),
    "hub: {extraEnv: {A: {valueFrm: {secretKeyRef: {name: a, key: b}}}}}":
        ("pod-rejected", "error", "hub.extraEnv.A.valueFrm", "valueFrom"),
    "hub: {resources: {limits: {memory: 2GB}}}":
        ("quantity", "error", "hub.resources.limits.memory", ""),
    "hub: {tolerations: [{key: a, effectt: NoSchedule}]}":
        ("pod-rejected", "error", "hub.tolerations.0.effectt", "effect"),
    "hub: {extraEnv: [{name: A, value: 30}]}":
        ("pod-rejected", "error", "hub.extraEnv.0.value", "quotes"),
    "proxy: {chp: {extraEnv: [A=30]}}":
        ("pod-rejected", "error", "proxy.chp.extraEnv.0", "mapping"),
    "hub: {extraEnv: {A: [b, c]}}": ("pod-rejected", "error", "hub.extraEnv.A", "text"),
    "singleuser: {image: 'jupyter/base-notebook:4.10'}":
        ("value", "error", "singleuser.image", "tag: '4.10'}"),
    "ingress: {enabled: true, hosts: ['https://hub.example.edu/']}":
        ("ingress-path", "error", "ingress.hosts.0", "write hub.example.edu"),
    "ingress: {enabled: true, hosts: [hub.edu], tls: [{hosts: hub.edu, secretName: tls}]}":
        ("ingress-path", "error", "ingress.tls.0.hosts", "[hub.edu]"),
    "proxy: {https: {enabled: true, type: offload, hosts: ['hub.edu:8443']}}":
        ("ingress-path", "error", "proxy.https.hosts.0", "write hub.edu"),
    "proxy: {chp: {extraPodSpec: {hostNetwork: 'yes'}}}":
        ("pod-rejected", "error", "proxy.chp.extraPodSpec.hostNetwork", "true or false"),
    "hub: {extraEnv: {'MY=VAR': x}}": ("pod-rejected", "error", "hub.extraEnv.MY=VAR", "without ="),
    "singleuser: {extraEnv: {'ä b': x}}":
        ("pod-rejected", "error", "singleuser.extraEnv.ä b", "printable"),
    "singleuser: {nodeSelector: {'a b': x}}":
        ("pod-rejected", "error", "singleuser.nodeSelector.a b", "letters"),
    "proxy: {traefik: {labels: {team: 'a team'}}}":
        ("pod-rejected", "error", "proxy.traefik.labels.team", "letters"),
    "hub: {tolerations: [{key: a b, operator: Exists}]}":
        ("pod-rejected", "error", "hub.tolerations.0.key", "taint"),
    "scheduling: {corePods: {tolerations: [{operator: Exists, tolerationSeconds: 5}]}}":
        ("pod-rejected", "error", "scheduling.corePods.tolerations.0.tolerationSeconds", "NoExec"),
    "proxy: {traefik: {tolerations: [{key: a, value: a b}]}}":
        ("pod-rejected", "error", "proxy.traefik.tolerations.0.value", "taint"),
    "hub: {serviceAccount: {annotations: {a/b/c: x}}}":
        ("pod-rejected", "error", "hub.serviceAccount.annotations.a/b/c", "domain"),
    "hub: {config: {GenericOAuthenticator: {authorize_url: idp.example.org/auth}}}":
        ("login-url", "error", "hub.config.GenericOAuthenticator.authorize_url",
         "https://idp.example.org/auth"),
    "hub: {config: {GenericOAuthenticator: {token_url: 'htp://idp.example.org/token'}}}":
        ("login-url", "error", "hub.config.GenericOAuthenticator.token_url",
         "https://idp.example.org/token"),
    "hub: {config: {OAuthenticator: {oauth_callback_url: 'https:/hub.edu/hub/oauth_callback'}}}":
        ("login-url", "error", "hub.config.OAuthenticator.oauth_callback_url",
         "https://hub.edu/hub/oauth_callback"),
    "proxy: {service: {type: NodePort, nodePorts: {http: 8080}}}":
        ("service-rejected", "error", "proxy.service.nodePorts.http", "30000 to 32767"),
    "proxy: {service: {type: NodePort, nodePorts: {https: 443}}}":
        ("service-rejected", "error", "proxy.service.nodePorts.https", "LoadBalancer"),
    "proxy: {service: {type: ClusterIP, nodePorts: {http: 30080}}}":
        ("service-rejected", "error", "proxy.service.nodePorts.http", "type ClusterIP"),
    "proxy: {service: {type: NodePort, nodePorts: {http: 30080, https: 30080}}}":
        ("service-rejected", "error", "proxy.service.nodePorts.https", "nodePorts.http"),
    "hub: {service: {type: NodePort, ports: {nodePort: 32768}}}":
        ("service-rejected", "error", "hub.service.ports.nodePort", "30000"),
    "proxy: {service: {loadBalancerIP: my-address}}":
        ("service-rejected", "error", "proxy.service.loadBalancerIP", "192.0.2.10"),
    "proxy: {service: {loadBalancerIP: 10.0.0.256}}":
        ("service-rejected", "error", "proxy.service.loadBalancerIP", "192.0.2.10"),
    "proxy: {service: {loadBalancerSourceRanges: [192.0.2.7]}}":
        ("service-rejected", "error", "proxy.service.loadBalancerSourceRanges.0", "192.0.2.7/32"),
    "proxy: {service: {loadBalancerSourceRanges: [10.0.0.0/8, 192.0.2.0/33]}}":
        ("service-rejected", "error", "proxy.service.loadBalancerSourceRanges.1", "CIDR"),
    "proxy: {service: {type: ClusterIP, loadBalancerSourceRanges: [10.0.0.0/8]}}":
        ("service-rejected", "error", "proxy.service.loadBalancerSourceRanges", "no load balancer"),
    "proxy: {service: {externalIPs: [node-1]}}":
        ("service-rejected", "error", "proxy.service.externalIPs.0", "192.0.2.10"),
    "proxy: {service: {type: ExternalName}}":
        ("service-rejected", "error", "proxy.service.type", "ClusterIP"),
    "proxy: {service: {extraPorts: [{name: ssh, port: 99999}]}}":
        ("service-rejected", "error", "proxy.service.extraPorts.0.port", "65535"),
    "proxy: {service: {extraPorts: [{port: 22}]}}":
        ("service-rejected", "error", "proxy.service.extraPorts.0", "needs a name"),
    "proxy: {service: {extraPorts: [{name: http, port: 8080}]}}":
        ("service-rejected", "error", "proxy.service.extraPorts.0.name", "two ports"),
    "hub: {service: {extraPorts: [{name: a, port: 80, targetport: b}]}}":
        ("service-rejected", "error", "hub.service.extraPorts.0.targetport", "targetPort"),
    "hub: {service: {extraPorts: [{name: a, port: 80, protocol: tcp}]}}":
        ("service-rejected", "error", "hub.service.extraPorts.0.protocol", "TCP"),
    "hub: {extraContainers: [{name: a, image: 'b:1', ports: [{containerPort: 0}]}]}":
        ("pod-rejected", "error", "hub.extraContainers.0.ports.0.containerPort", "65535"),
    "hub: {extraContainers: [{name: a, image: 'b:1', ports: [{containerPort: 70000}]}]}":
        ("pod-rejected", "error", "hub.extraContainers.0.ports.0.containerPort", "65535"),
    "hub: {extraContainers: [{name: a, image: 'b:1', ports: [{containerPort: 80, name: My_P}]}]}":
        ("pod-rejected", "error", "hub.extraContainers.0.ports.0.name", "15 lower-case"),
    "hub: {extraContainers: [{name: a}]}":
        ("pod-rejected", "error", "hub.extraContainers.0.image", "no image"),
    "hub: {extraContainers: [{name: hub, image: 'b:1'}]}":
        ("pod-rejected", "error", "hub.extraContainers.0.name", "two containers"),
    "proxy: {traefik: {extraPorts: [{name: ssh, containerPort: 222222}]}}":
        ("pod-rejected", "error", "proxy.traefik.extraPorts.0.containerPort", "65535"),
    "hub: {extraEnv: {MY VAR: x}}":
        ("pod-rejected", "warning", "hub.extraEnv.MY VAR", "before 1.32"),
    "singleuser: {extraEnv: {1ST: x}}":
        ("pod-rejected", "warning", "singleuser.extraEnv.1ST", "before 1.32"),
    "hub: {extraContainers: [{name: a, image: 'b:1', env: [{name: A B, value: c}]}]}":
        ("pod-rejected", "warning", "hub.extraContainers.0.env.0.name", "before 1.32"),
    "hub: {extraVolumes: [{name: config, configMap: {name: a}}]}":
        ("pod-rejected", "error", "hub.extraVolumes.0.name", "volume named config"),
    "scheduling: {userScheduler: {replicas: 0}}":
        ("scheduling", "error", "scheduling.userScheduler.replicas", "at least 1"),
    "scheduling: {userPlaceholder: {replicas: 4}}":
        ("scheduling", "warning", "scheduling.userPlaceholder.replicas", "podPriority"),
    "ingress: {enabled: true, hosts: [hub.edu], pathSuffix: /jupyterhub}":
        ("ingress-path", "warning", "ingress.pathSuffix", "hub.baseUrl: /jupyterhub/"),
    "singleuser: {profileList: [{display_name: A, profile_options: {i: {display_name: I, choices: "
    "{b: {kubespawner_override: {cpu_limit: 1}}}}}}]}":
        ("profile-option", "warning", "singleuser.profileList.0.profile_options.i.choices.b",
         "display_name"),
    "singleuser: {profileList: [{display_name: A, profile_options: {i: {choices: "
    "{b: {display_name: B}}}}}]}":
        ("profile-option", "warning", "singleuser.profileList.0.profile_options.i", "no name"),
    "hub: {config: {GitHubOAuthenticator: {allowed_organizations: [a], scope: ['user:email']}}}":
        ("login-need", "warning", "hub.config.GitHubOAuthenticator.allowed_organizations",
         "read:org"),
    "hub: {config: {GoogleOAuthenticator: {allowed_google_groups: {a.edu: [staff]}}}}":
        ("login-need", "error", "hub.config.GoogleOAuthenticator.allowed_google_groups",
         "gsuite_administrator"),
    "hub: {config: {JupyterHub: {authenticator_class: generic-oauth}, GenericOAuthenticator: "
    "{allow_all: true, token_url: 'https://a.edu/t', userdata_url: 'https://a.edu/u'}}}":
        ("login-need", "error", "hub.config.GenericOAuthenticator", "authorize_url"),
    "hub: {config: {JupyterHub: {authenticator_class: generic-oauth}, GenericOAuthenticator: "
    "{allow_all: true, token_url: 'https://a.edu/t', authorize_url: 'https://a.edu/a'}}}":
        ("login-need", "error", "hub.config.GenericOAuthenticator", "userdata_from_id_token"),
    "hub: {config: {LDAPAuthenticator: {server_address: ldap.a.edu}}}":
        ("login-need", "error", "hub.config.LDAPAuthenticator", "lookup_dn: true"),
    "hub: {config: {JupyterHub: {authenticator_class: github}, GitHubOAuthenticator: "
    "{oauth_callback_url: 'https://hub.edu/hub/home/oauth_callback'}}}":
        ("callback-url", "error", "hub.config.GitHubOAuthenticator.oauth_callback_url",
         "https://hub.edu/hub/oauth_callback"),
    "hub: {config: {JupyterHub: {authenticator_class: generic-oauth}, GenericOAuthenticator: "
    "{oauth_callback_url: 'https://hub.edu/hub/login/oauth_callback'}}}":
        ("callback-url", "error", "hub.config.GenericOAuthenticator.oauth_callback_url",
         "https://hub.edu/hub/oauth_callback"),
    "singleuser: {extraEnv: {GRANT_SUDO: 'yes'}}":
        ("weakened-pod", "warning", "singleuser.extraEnv.GRANT_SUDO", "allowPrivilegeEscalation"),
    "singleuser: {lifecycleHooks: {postStart: {exec: {command: ['cp -r /a /b']}}}}":
        ("start-fails", "error", "singleuser.lifecycleHooks.postStart.exec.command.0", "[sh, -c"),
    "hub: {initContainers: [{name: a, image: 'b:1', command: ['chown -R 1000 /srv']}]}":
        ("start-fails", "error", "hub.initContainers.0.command.0", "[sh, -c"),
    "singleuser: {extraResource: {guarantees: {nvidia.com/gpu: '1'}}}":
        ("pod-rejected", "error", "singleuser.extraResource.guarantees.nvidia.com/gpu", "limits"),
    "hub: {resources: {limits: {amd.com/gpu: 2}, requests: {amd.com/gpu: 1}}}":
        ("pod-rejected", "error", "hub.resources.requests.amd.com/gpu", "equal"),
    "ingress: {enabled: true, hosts: [a.edu, b.edu], tls: [{hosts: [a.edu], secretName: t}]}":
        ("ingress-host", "warning", "ingress.hosts.1", "ingress.tls"),
    "ingress: {enabled: true, hosts: [a.edu], ingressClassName: nginx, "
    "annotations: {kubernetes.io/ingress.class: nginx}}":
        ("ingress-host", "error", "ingress.annotations.kubernetes.io/ingress.class", "alone"),
    "proxy: {chp: {networkPolicy: {ingress: [{from: {podSelector: {}}}]}}}":
        ("pod-rejected", "error", "proxy.chp.networkPolicy.ingress.0.from", "list"),
    "singleuser: {networkPolicy: {ingress: [{port: [{port: 80}]}]}}":
        ("pod-rejected", "error", "singleuser.networkPolicy.ingress.0.port", "ports"),
    "singleuser: {storage: {extraVolumes: [{name: a, emptyDir: {}}], "
    "extraVolumeMounts: [{name: a, mountPath: data}]}}":
        ("mount-collision", "warning", "singleuser.storage.extraVolumeMounts.0.mountPath", "/data"),
}  # fmt: skip
RIGHT = (
    "singleuser: {uid: 0, allowPrivilegeEscalation: true, extraEnv: {GRANT_SUDO: 'yes'}}",
    "singleuser: {lifecycleHooks: {postStart: {exec: {command: [sh, -c, 'cp -r /a /b']}}}}",
    "singleuser: {extraResource: {limits: {a.com/gpu: '1'}, guarantees: {a.com/gpu: 1}}}",
    "ingress: {enabled: true, hosts: [a.b.edu], tls: [{hosts: ['*.b.edu'], secretName: t}]}",
    "singleuser: {networkPolicy: {ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}}",
    "hub: {config: {GitHubOAuthenticator: {allowed_organizations: [a], scope: ['read:org']}}}",
    "scheduling: {podPriority: {enabled: true}, userPlaceholder: {replicas: 4}}",
    "ingress: {enabled: true, hosts: [hub.edu], pathType: ImplementationSpecific, pathSuffix: '*'}",
    "hub: {tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]}",
    "singleuser: {nodeSelector: {cloud.google.com/gke-nodepool: users_1, a: ''}}",
    "singleuser: {extraLabels: {owner: '{username}'}, extraAnnotations: {'A.b/c': 'any text'}}",
    "ingress: {annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 64m}}",
    "hub: {config: {GenericOAuthenticator: {authorize_url: 'http://localhost:8080/auth'}}}",
    "hub: {config: {GenericOAuthenticator: {token_url: '{{ .Values.idp }}/token'}}}",
    "hub: {nodeSelector: {pool: core}, resources: {limits: {memory: 2Gi, cpu: 1}}}",
    "hub: {extraEnv: {A: b, C: {valueFrom: {secretKeyRef: {name: a, key: b}}}}}",
    "hub: {extraVolumes: [{name: a, emptyDir: {}}], extraVolumeMounts: [{name: a, mountPath: /a}]}",
    "hub: {initContainers: [{name: a, image: 'b:1', command: [c]}], lifecycle: {}}",
    "hub: {extraPodSpec: {hostNetwork: true}, tolerations: [{operator: Exists}]}",
    "proxy: {chp: {extraEnv: [{name: A, value: '30'}]}}",
    "ingress: {enabled: true, hosts: [hub.edu], tls: [{hosts: [hub.edu], secretName: tls}]}",
    "singleuser: {cmd: start-singleuser.sh, cpu: {limit: 0.5}}",
    "singleuser: {cmd: [jupyter, lab], extraResource: {limits: {nvidia.com/gpu: '1'}}}",
    "singleuser: {image: {name: 'localhost:5000/a', tag: '1'}}",
    "singleuser: {image: {name: 'a/b:1', tag: ''}}",
    "proxy: {service: {type: NodePort, nodePorts: {http: 30080, https: 30443}}}",
    "proxy: {service: {type: NodePort, nodePorts: {http: null, https: 0}}}",
    "proxy: {service: {loadBalancerSourceRanges: [10.0.0.1/8, fd00::/8]}}",
    "proxy: {service: {extraPorts: [{name: ssh, port: 22, targetPort: ssh, nodePort: 30022}]}}",
    "hub: {service: {type: LoadBalancer, loadBalancerIP: '2001:db8::1'}}",
    "hub: {extraContainers: [{name: a, image: 'b:1', ports: [{name: p, containerPort: 80}]}]}",
    "hub: {extraEnv: {my.var-1: x, _A: b}}",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_reported_mistake(problems_of, text):
    rule, severity, key, words = WRONG[text]
    (problem,) = [p for p in problems_of(text) if p.key == key]
    assert (problem.rule, problem.severity) == (rule, severity)
    assert words in f"{problem.message} {problem.expected} {problem.hint}"


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_file(problems_of, text):
    assert not [p.message for p in problems_of(text) if p.severity != "note"]
