"""The pods of all profiles, choices and users, and what `check` reports about them."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from z2jh_hub import render
from z2jh_hub.check import check

LOGIN = """\
hub:
  config:
    JupyterHub: {authenticator_class: dummy}
    DummyAuthenticator: {allow_all: true, password: a-shared-word}
"""
OURS = ("pod-", "start-", "hook-", "home-", "chart-", "trait-value", "quantity")


@pytest.fixture
def marked(tmp_path, monkeypatch):
    """Check a file whose lines end in `# RULE SEVERITY` where something must be reported.

    Nothing else may be reported by the rules about pods.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def marked(text: str) -> list[tuple[int, str, str]]:
        file = tmp_path / "config.yaml"
        file.write_text(
            LOGIN + (text if text.startswith("  extraConfig") else dedent(text)), "utf-8"
        )
        expected = {
            (number, *line.rpartition("#! ")[2].split())
            for number, line in enumerate(file.read_text().splitlines(), 1)
            if "#! " in line
        }
        problems = check([file])
        reported = {
            (problem.origin.line, problem.rule, problem.severity)
            for problem in problems
            if problem.origin and problem.rule.startswith(OURS)
        }
        assert reported == expected
        return problems

    return marked


def snippet(code: str) -> str:
    return "  extraConfig:\n    code: |\n" + indent(dedent(code).strip("\n"), " " * 6) + "\n"


def test_values_of_the_wrong_type_are_reported_at_their_key(marked):
    marked("""\
    singleuser:
      nodeSelector: {pool: 5}  #! pod-rejected error
      extraEnv:
        GRANT_SUDO: yes  #! pod-rejected error
        DEPTH: 0  #! pod-rejected error
        PATHS: [a, b]  #! pod-rejected error
        FINE: "1"
      storage:
        extraVolumes:
          - name: scratch
            emptyDir: {sizeLimit: 10GB}  #! pod-rejected error
          - name: Upper_Case  #! pod-rejected error
            emptyDir: {}
        extraVolumeMounts:
          - name: scratch
            mountPath: /scratch
            readOnly: "true"  #! pod-rejected error
      extraTolerations:
        - key: team
          operator: Equals  #! pod-rejected error
          value: x
    """)


def test_profiles_and_every_choice_of_their_options_are_tried(marked):
    marked("""\
    singleuser:
      profileList:
        - display_name: Plain
          kubespawner_override:
            node_selector: {zone: 7}  #! pod-rejected error
        - display_name: Choices
          profile_options:
            size:
              choices:
                s: {display_name: S, kubespawner_override: {cpu_limit: two}}  #! trait-value error
                m: {display_name: M, kubespawner_override: {mem_limit: 256MB}}  #! quantity error
                l:
                  display_name: L
                  kubespawner_override:
                    extra_resource_limits: {"nvidia.com/gpu": one}  #! pod-rejected error
            image:
              unlisted_choice:
                enabled: true
                kubespawner_override:
                  image: "{value}"
                  environment: {TYPED: true}  #! pod-rejected error
              choices:
                a:
                  display_name: A
                  kubespawner_override:
                    extra_containers: {side: {name: side}}  #! pod-rejected error
                b: {display_name: B, kubespawner_override: {image_pull_policy: Never}}
        - display_name: For a group
          allowed_groups: [gpu]
          kubespawner_override:
            environment:
              DEVICES: 4  #! pod-rejected error
    """)


def test_braces_that_kubespawner_cannot_expand_are_errors(marked):
    marked("""\
    singleuser:
      extraEnv:
        OPTIONS: '{"debug": true}'  #! start-fails error
        QUOTED: '{{"debug": true}}'
        HOME_OF: /home/{username}
        OTHER: /home/{user}  #! start-fails error
      extraLabels:
        team: a b  #! pod-rejected error
    """)


def test_a_misspelled_field_is_a_warning(marked):
    marked("""\
    singleuser:
      extraPodConfig:
        hostAliasses: []  #! start-fails error
        securityContext:
          fsGroupp: 100  #! pod-field warning
      initContainers:
        - name: prepare
          image: busybox:1.36
          imagePulPolicy: Never  #! start-fails error
    """)


def test_hooks_that_raise_are_errors_at_their_line(marked):
    problems = marked(
        snippet("""
        def add(spawner):
            spawner.volumes.append({"name": "data"})  #! start-fails error

        def later(spawner, pod):
            pod.spec.containers[3].image = "x"  #! start-fails error
            return pod

        async def state(spawner, auth_state):
            spawner.environment["TOKEN"] = auth_state["access_token"]  #! start-fails error

        c.KubeSpawner.pre_spawn_hook = add
        c.KubeSpawner.modify_pod_hook = later
        c.KubeSpawner.auth_state_hook = state
        """)
    )
    hints = [problem.hint for problem in problems if "append" in problem.message + problem.hint]
    spelled = [problem.hint for problem in problems if problem.rule == "start-fails"]
    assert any('spawner.volumes["NAME"] = {…}' in hint for hint in spelled), hints


def test_hooks_that_need_the_cluster_a_file_or_the_network_are_notes(marked):
    marked(
        snippet("""
        import socket

        def reads(spawner):
            open("/etc/hub-only/token")  #! start-fails note

        async def asks(spawner, auth_state):
            socket.create_connection(("192.0.2.1", 80), timeout=1)  #! start-fails note

        c.KubeSpawner.pre_spawn_hook = reads
        c.KubeSpawner.auth_state_hook = asks
        """)
    )


def test_hooks_that_fail_only_for_some_users_are_found(marked):
    marked(
        snippet("""
        def add(spawner):
            groups = {group.name for group in spawner.user.groups}
            if "teachers" in groups:
                spawner.volume_mounts += [{"name": "x"}]  #! start-fails error
            if spawner.user.admin:
                spawner.mem_limit = {}["memory"]  #! start-fails error

        c.KubeSpawner.pre_spawn_hook = add
        c.JupyterHub.load_groups = {"teachers": {"users": []}}
        """)
    )


def test_hooks_that_assign_to_c_are_reported(marked):
    marked(
        snippet("""
        def set_up(spawner):
            c.KubeSpawner.volumes = {}  #! hook-sets-config warning
            c.Spawner.environment = {"A": "b"}  #! hook-sets-config warning
            c["KubeSpawner"]["mem_limit"] = "2G"  #! hook-sets-config warning

        def at_start():
            c.KubeSpawner.cpu_limit = 1

        at_start()
        c.KubeSpawner.pre_spawn_hook = set_up
        """)
    )


def test_what_overrides_remove_is_reported_at_the_override(marked):
    marked("""\
    singleuser:
      memory: {limit: 2G}
      extraTolerations:
        - {key: team, operator: Exists}
      extraNodeAffinity:
        required:
          - matchExpressions: [{key: pool, operator: In, values: [users]}]
      profileList:
        - display_name: Lists
          kubespawner_override:
            volume_mounts: [{name: shared, mountPath: /shared}]  #! home-mount-lost warning
            volumes: [{name: shared, emptyDir: {}}]
            tolerations: [{key: gpu, operator: Exists}]  #! pod-loses warning
        - display_name: Affinity
          kubespawner_override:
            extra_pod_config:
              affinity: {podAffinity: {}}  #! pod-loses warning
        - display_name: On purpose
          kubespawner_override: {mem_limit: null, fs_gid: null}
        - display_name: More
          kubespawner_override:
            mem_limit: 4G
            tolerations: [{key: gpu, operator: Exists}, {key: team, operator: Exists}]
    """)


def test_what_code_removes_is_reported_at_its_line(marked):
    marked(
        snippet("""
        from kubespawner import KubeSpawner

        class Ours(KubeSpawner):
            def get_env(self):  #! pod-loses error
                return {"ONLY": "this"}

        def stripped(spawner, pod):
            pod.spec.containers[0].resources.limits.pop("memory")  #! pod-loses warning
            return pod

        c.JupyterHub.spawner_class = Ours
        c.KubeSpawner.modify_pod_hook = stripped
        c.KubeSpawner.volumes = [{"name": "x", "emptyDir": {}}]
        c.KubeSpawner.volume_mounts = [{"name": "x", "mountPath": "/x"}]  #! home-mount-lost warning
        """)
        + "singleuser:\n  memory: {limit: 2G}\n"
    )


def test_profiles_made_in_python_are_checked(marked):
    problems = marked(
        snippet("""
        async def profiles(spawner):
            return [
                {
                    "display_name": "Small",
                    "kubespawner_override": {
                        "node_selector": {"pool": 5},  #! pod-rejected error
                        "image_pull_policy": "Sometimes",  #! pod-rejected error
                    },
                },
                {"display_name": "Big", "kubespawner_overide": {"mem_limit": "16G"}},
                {"display_name": "Team", "for_team": "red"},
            ]

        def team_of(profile):
            return profile.get("for_team")

        c.KubeSpawner.profile_list = profiles
        """)
    )
    keys = [problem.message for problem in problems if problem.rule == "profile-key"]
    assert ["kubespawner_overide" in message for message in keys] == [True]


def test_addresses_that_the_chart_does_not_know_are_errors(marked):
    marked(
        snippet("""
        c.JupyterHub.base_url = "/test"  #! chart-mismatch error
        c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"  #! chart-mismatch error
        c.ConfigurableHTTPProxy.api_url = "http://localhost:8001"  #! chart-mismatch error
        c.JupyterHub.hub_connect_url = "http://hub.jhub.svc:8081"
        """)
    )


def test_render_raises_what_a_hook_raises(tmp_path):
    file = tmp_path / "config.yaml"
    code = "c.KubeSpawner.pre_spawn_hook = lambda spawner: spawner.volumes.append({})"
    file.write_text(LOGIN + snippet(code))
    with pytest.raises(
        render.NotRendered, match=r"hub\.extraConfig\.code>:1 raises AttributeError"
    ):
        render.pod(file, user="ada")


def test_a_profile_that_lowers_only_the_limit_lowers_the_guarantee(marked, tmp_path):
    marked("""\
    singleuser:
      memory: {guarantee: 1G, limit: 2G}
      cpu: {guarantee: 1, limit: 2}
      profileList:
        - display_name: Small
          kubespawner_override: {mem_limit: 512M, cpu_limit: 0.5}
        - display_name: Wrong
          kubespawner_override: {mem_limit: 512M, mem_guarantee: 600M}
    """)
    small = render.pod(tmp_path / "config.yaml", user="ada", profile="small")
    server = small["spec"]["containers"][0]
    assert server["resources"]["limits"] == {"memory": 512 * 2**20, "cpu": 0.5}
    assert not server["resources"].get("requests")
    plain = render.pod({"singleuser": {"memory": {"guarantee": "1G", "limit": "2G"}}}, user="ada")
    assert plain["spec"]["containers"][0]["resources"]["requests"]["memory"] == 2**30


def test_a_setting_is_blamed_although_a_class_of_the_administrator_starts_the_server(marked):
    problems = marked(
        snippet("""
            from kubespawner import KubeSpawner
            class Custom(KubeSpawner):
                async def start(self):
                    return await super().start()
            c.JupyterHub.spawner_class = Custom
        """)
        + "singleuser:\n  extraTolerations:\n    - key: a\n"
        + "      effectt: NoSchedule  #! start-fails error\n"
    )
    assert "did you mean effect?" in [problem.hint for problem in problems]
