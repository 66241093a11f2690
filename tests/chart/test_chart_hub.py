"""The hub's objects, one behaviour per test."""

from __future__ import annotations

import pytest
from support.charts import render

PROBES = ("livenessProbe", "readinessProbe")


def mounts(objects, name: str = "Deployment/hub") -> dict[str, dict]:
    return {m["mountPath"]: m for m in objects.container(name)["volumeMounts"]}


def env(objects, name: str = "Deployment/hub") -> dict[str, dict]:
    return {e["name"]: e for e in objects.container(name)["env"]}


def test_values_are_mounted_with_the_generated_secrets() -> None:
    volumes = {v["name"]: v for v in render().pod("Deployment/hub")["volumes"]}
    values, secrets = (s["secret"] for s in volumes["secret"]["projected"]["sources"])
    assert (values["name"], values["items"]) == (
        "hub-values",
        [{"key": "values.yaml", "path": "values.yaml"}],
    )
    assert secrets["name"] == "hub"
    assert {i["path"] for i in secrets["items"]} == {
        "hub.config.ConfigurableHTTPProxy.auth_token",
        "hub.config.CryptKeeper.keys",
        "hub.config.JupyterHub.cookie_secret",
    }


def secret_items(objects) -> dict[str, set[str]]:
    """Return the keys of each Secret that are mounted as the hub's secrets."""
    volumes = {v["name"]: v for v in objects.pod("Deployment/hub")["volumes"]}
    sources = [s["secret"] for s in volumes["secret"]["projected"]["sources"]]
    return {s["name"]: {i["key"] for i in s["items"]} for s in sources}


def test_each_service_has_its_own_token() -> None:
    items = secret_items(render("hub: {services: {reports: {}}}"))
    assert "hub.services.reports.apiToken" in items["hub"]


GIVEN = """
hub:
  services: {a: {apiToken: TOKEN}, b: {api_token: OLD}}
  config:
    ConfigurableHTTPProxy: {auth_token: AUTH}
    CryptKeeper: {keys: [ONE, TWO]}
    JupyterHub: {cookie_secret: C00C1E}
"""


def test_configured_secrets_are_read_from_the_secret_that_helm_keeps() -> None:
    """They are effective at once, even if the hook has not run yet."""
    objects = render(GIVEN)
    secret = objects.secret("hub-values")
    assert {k: v for k, v in secret.items() if k != "values.yaml"} == {
        "hub.config.ConfigurableHTTPProxy.auth_token": "AUTH",
        "hub.config.CryptKeeper.keys": "ONE;TWO",
        "hub.config.JupyterHub.cookie_secret": "C00C1E",
        "hub.services.a.apiToken": "TOKEN",
        "hub.services.b.apiToken": "OLD",
    }
    assert secret_items(objects) == {"hub-values": set(secret)}


def test_secret_hub_is_never_rendered() -> None:
    """It would differ with every rendering, or need a cluster for `lookup`."""
    assert "Secret/hub" not in render()


def test_hub_reads_the_configured_secrets() -> None:
    values = render("custom: {a: 1}\nhub: {uid: 5}").values()
    assert values["custom"] == {"a": 1}
    assert values["hub"]["uid"] == 5
    assert values["hub"]["containerSecurityContext"]["runAsUser"] == 1000
    assert values["Release"] == {
        "Name": "my-release",
        "Namespace": "my-namespace",
        "Service": "Helm",
    }


def test_secrets_that_the_hub_does_not_read_are_omitted() -> None:
    objects = render(
        """
        proxy: {https: {enabled: true, type: manual, manual: {key: KEY, cert: CERT}}}
        imagePullSecret: {create: true, registry: r, username: u, password: PASSWORD}
        """
    )
    text = objects.secret("hub-values")["values.yaml"]
    assert not [word for word in ("KEY", "CERT", "PASSWORD") if word in text]


PROBES = ("livenessProbe", "readinessProbe")


@pytest.mark.parametrize(
    ("values", "prefix"),
    [
        ("hub: {baseUrl: /}", ""),
        ("hub: {baseUrl: /x}", "/x"),
        ("hub: {baseUrl: /x/y/}", "/x/y"),
        ("hub: {config: {JupyterHub: {base_url: /z/}}}", "/z"),
    ],
)
def test_probes_and_metrics_are_under_the_base_url(values: str, prefix: str) -> None:
    objects = render(values)
    container = objects.container("Deployment/hub")
    paths = {probe: container[probe]["httpGet"]["path"] for probe in PROBES}
    health = f"{prefix}/hub/health"
    assert paths == {"livenessProbe": health, "readinessProbe": f"{health}?ready"}
    annotations = objects["Service/hub"]["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] == f"{prefix}/hub/metrics"


@pytest.mark.parametrize(
    ("values", "upgrades"),
    [
        ("{}", True),
        ("hub: {db: {type: sqlite-memory}}", False),
        ("hub: {db: {type: postgres, url: 'postgresql://h'}}", False),
        ("hub: {db: {type: postgres, url: 'postgresql://h', upgrade: true}}", True),
    ],
)
def test_schema_of_sqlite_is_upgraded(values: str, upgrades: bool) -> None:
    args = render(values).container("Deployment/hub")["args"]
    assert ("--upgrade-db" in args) is upgrades


def test_only_sqlite_has_a_claim() -> None:
    assert "PersistentVolumeClaim/hub-db-dir" in render()
    other = render("hub: {db: {type: postgres, url: 'postgresql://h'}}")
    assert "PersistentVolumeClaim/hub-db-dir" not in other


def test_command_and_arguments_are_templates() -> None:
    objects = render("hub: {command: [tini], args: ['{{ .Values.hub.baseUrl }}x']}")
    container = objects.container("Deployment/hub")
    assert (container["command"], container["args"]) == (["tini"], ["/x"])


def test_environment_is_a_map_of_values_or_fields() -> None:
    variables = env(render("hub: {extraEnv: {A: 1, B: {value: b}, C: {name: D, value: d}}}"))
    assert variables["A"] == {"name": "A", "value": "1"}
    assert variables["B"] == {"name": "B", "value": "b"}
    assert variables["D"] == {"name": "D", "value": "d"}


def test_environment_may_be_a_list() -> None:
    assert env(render("hub: {extraEnv: [{name: A, value: a}]}"))["A"]["value"] == "a"


def test_extra_pod_spec_replaces_what_the_chart_sets() -> None:
    pod = render("hub: {extraPodSpec: {tolerations: [], hostNetwork: true}}").pod("Deployment/hub")
    assert (pod["tolerations"], pod["hostNetwork"]) == ([], True)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/x.yaml", "a: 1\n"),
        ("/x.yml", "a: 1\n"),
        ("/x.json", '{"a":1}\n'),
        ("/x.conf", '{"a":1}\n'),
    ],
)
def test_data_of_files_is_written_in_their_format(path: str, content: str) -> None:
    objects = render({"hub": {"extraFiles": {"f": {"mountPath": path, "data": {"a": 1}}}}})
    assert objects.secret("hub-values")["f"] == content
    assert mounts(objects)[path]["subPath"] == "f"


def test_text_of_files_ends_with_a_newline() -> None:
    objects = render("singleuser: {extraFiles: {f: {mountPath: /f, stringData: text}}}")
    assert objects.secret("singleuser") == {"f": "text\n"}


def test_a_file_may_be_empty() -> None:
    objects = render("singleuser: {extraFiles: {f: {mountPath: /f, stringData: ''}}}")
    assert objects.secret("singleuser") == {"f": "\n"}


def test_read_only_root_has_writable_directories() -> None:
    values = (
        "hub: {db: {type: sqlite-memory}, containerSecurityContext: {readOnlyRootFilesystem: true}}"
    )
    assert {"/tmp", "/srv/jupyterhub"} <= set(mounts(render(values)))


def test_own_mount_replaces_a_writable_directory() -> None:
    values = """
        hub:
          containerSecurityContext: {readOnlyRootFilesystem: true}
          extraVolumes: [{name: mine, emptyDir: {}}]
          extraVolumeMounts: [{name: mine, mountPath: /tmp/}]
        """
    assert "/tmp" not in mounts(render(values))


COMMENT = "hub: {extraConfig: {x: '# delete_pvc, internal_ssl and create_namespaced_secret'}}"
CODE = "hub: {extraConfig: {x: 'c.KubeSpawner.services_enabled = c.KubeSpawner.delete_pvc = True'}}"


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ("{}", False),
        (COMMENT, False),
        (CODE, False),
        (f"rbac: {{hub: {{manageSecrets: true}}}}\n{CODE}", True),
        ("hub: {config: {JupyterHub: {internal_ssl: true}}}", True),
        ("hub: {config: {JupyterHub: {internal_ssl: false}}}", False),
        ("hub: {config: {KubeSpawner: {services_enabled: true}}}", True),
        (
            "{rbac: {hub: {manageSecrets: false}}, hub: {config: {A: {services_enabled: true}}}}",
            False,
        ),
    ],
)
def test_hub_may_manage_secrets_only_if_the_values_require_it(values: str, may: bool) -> None:
    rules = render(values)["Role/hub"]["rules"]
    assert any("secrets" in rule["resources"] for rule in rules) is may


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ("{}", False),
        (COMMENT, False),
        (CODE, False),
        (f"rbac: {{hub: {{deleteClaims: true}}}}\n{CODE}", True),
        ("hub: {config: {KubeSpawner: {delete_pvc: true}}}", True),
        ("hub: {config: {MySpawner: {delete_pvc: true}}}", True),
        ("hub: {config: {KubeSpawner: {delete_pvc: false}}}", False),
        ("{rbac: {hub: {deleteClaims: false}}, hub: {config: {A: {delete_pvc: true}}}}", False),
    ],
)
def test_hub_may_delete_homes_only_if_the_values_require_it(values: str, may: bool) -> None:
    rules = render(values)["Role/hub"]["rules"]
    (verbs,) = (rule["verbs"] for rule in rules if "persistentvolumeclaims" in rule["resources"])
    assert ("delete" in verbs) is may


def test_hub_may_annotate_homes_but_not_change_them() -> None:
    rules = render()["Role/hub"]["rules"]
    (verbs,) = (rule["verbs"] for rule in rules if "persistentvolumeclaims" in rule["resources"])
    assert verbs == ["get", "list", "create", "patch"]


def test_existing_secret_is_also_mounted() -> None:
    objects = render("hub: {existingSecret: mine}")
    assert "/usr/local/etc/jupyterhub/existing-secret/" in mounts(objects)


def test_pull_secrets_are_those_of_the_image_then_all_images_then_the_chart() -> None:
    objects = render(
        """
        hub: {image: {pullSecrets: [a, b]}}
        imagePullSecrets: [b, {name: c}]
        imagePullSecret: {create: true, registry: r, username: u, password: p}
        """
    )
    names = [s["name"] for s in objects.pod("Deployment/hub")["imagePullSecrets"]]
    assert names == ["a", "b", "c", "image-pull-secret"]


def test_own_disruption_budget_replaces_the_charts() -> None:
    spec = render("hub: {pdb: {enabled: true, maxUnavailable: 0}}")["PodDisruptionBudget/hub"][
        "spec"
    ]
    assert (spec["maxUnavailable"], "minAvailable" in spec) == (0, False)


def test_restore_job_runs_only_on_request() -> None:
    objects = render()
    assert objects["CronJob/hub-db-restore"]["spec"]["suspend"] is True
    hub, chore = objects.pod("Deployment/hub"), objects.container("CronJob/hub-db-restore")
    (upgrade,) = hub["initContainers"]
    same = ("image", "securityContext", "volumeMounts")
    assert {key: chore[key] for key in same} == {key: upgrade[key] for key in same}
    database = upgrade["args"][-1]
    assert chore["args"] == ["z2jh", "db", "restore", "before-upgrade", database]
    # no selector of the hub matches its pod
    labels = objects.pods()["CronJob/hub-db-restore"]["metadata"]["labels"]
    assert labels["component"] == "hub-db-restore"


def test_restore_job_mounts_the_hubs_claim() -> None:
    values = "{fullnameOverride: x, hub: {db: {pvc: {subPath: db}}}}"
    pod = render(values).pod("CronJob/x-hub-db-restore")
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "x-hub-db-dir"}
    assert pod["containers"][0]["volumeMounts"][0]["subPath"] == "db"


def test_no_restore_job_without_a_claim() -> None:
    values = "hub: {db: {type: postgres, url: postgresql+psycopg2://h@db/h}}"
    assert "CronJob/hub-db-restore" not in render(values)


@pytest.mark.parametrize("values", [None, "hub: {extraVolumeMounts: [{name: x, mountPath: /tmp}]}"])
def test_database_jobs_have_a_writable_directory(values: str | None) -> None:
    for name in ("Deployment/hub", "CronJob/hub-db-restore"):
        pod = render(values).pod(name)
        chore = pod.get("initContainers", pod["containers"])[-1]
        assert {"name": "scratch", "mountPath": "/tmp", "subPath": "tmp"} in chore["volumeMounts"]
        assert {"name": "scratch", "emptyDir": {}} in pod["volumes"]
