"""What `check` says of small files, beyond the examples of the rules' pages."""

from __future__ import annotations

import pytest


def reported(problems):
    return [(p.rule, p.key, p.origin.line if p.origin else None) for p in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("singleuser:\n  memory:\n    limt: 2G\n", ("unknown-key", "singleuser.memory.limit")),
        ("singleuser:\n  default_url: /lab\n", ("unknown-key", "singleuser.defaultUrl")),
        ("singluser:\n  startTimeout: 3\n", ("unknown-key", "singleuser")),
        ("storage:\n  capacity: 5Gi\n", ("misplaced-key", "singleuser.storage.capacity")),
        ("singleuser:\n  memory:\n  limit: 2G\n", ("misplaced-key", "singleuser.memory.limit")),
        ("hub:\n  JupyterHub:\n    debug: true\n", ("misplaced-key", "hub.config.JupyterHub")),
        ("hub:\n  letsencrypt:\n    contactEmail: a@b.c\n",
         ("misplaced-key", "proxy.https.letsencrypt")),
    ],
)  # fmt: skip
def test_an_unknown_key_comes_with_the_one_that_was_meant(problems_of, text, expected):
    rule, meant = expected
    (problem,) = [p for p in problems_of(text) if p.rule == rule]
    assert problem.hint == f"did you mean {meant}?"
    assert problem.severity == "error"


def test_a_key_like_no_other_has_no_hint(problems_of):
    (problem,) = problems_of("hub:\n  zzyzx: 1\n")
    assert (problem.rule, problem.hint) == ("unknown-key", "")


@pytest.mark.parametrize(
    ("text", "line", "expected", "hint"),
    [
        ("cull:\n  enabled: 'true'\n", 2, "true or false", ""),
        ("cull:\n  timeout: '60'\n", 2, "a whole number", ""),
        ("singleuser:\n  memory:\n    limit: lots\n", 3, "a number of bytes", "Gi"),
        ("singleuser:\n  storage:\n    type: statik\n", 3, "dynamic, static", ""),
        ("hub:\n  baseUrl: jh\n", 2, "a path that starts with /", "/jh/"),
        ("cull:\n  timeout: -5\n", 2, "a whole number of at least 0", ""),
        ("cull:\n  timeout: .inf\n", 2, "a whole number of at least 0", ""),
    ],
)
def test_wrong_value_is_reported_once_with_what_is_expected(
    problems_of, text, line, expected, hint
):
    (problem,) = problems_of(text)
    assert (problem.rule, problem.origin.line) == ("value", line)
    assert expected in problem.expected
    assert hint in problem.hint


def test_a_word_that_is_nearly_known_is_offered(problems_of):
    (problem,) = problems_of("hub:\n  db:\n    type: slqite-memory\n")
    assert problem.hint == "did you mean sqlite-memory?"


def test_an_item_that_is_set_shadows_no_list(problems_of):
    text = "imagePullSecrets:\n  - name: ours\n  - name: theirs\n"
    assert problems_of(text, sets=("imagePullSecrets[0].name=staging",)) == []


def test_null_takes_away_what_an_earlier_file_gave(problems_of):
    assert problems_of("singleuser:\n  memory:\n    guarantee: 4G\n    limit: 2G\n",
                 "singleuser:\n  memory:\n    guarantee: null\n") == []  # fmt: skip


def test_files_and_sets_are_merged(problems_of):
    (problem,) = problems_of("singleuser:\n  memory:\n    guarantee: 1G\n    limit: 2G\n",
                       sets=("singleuser.memory.guarantee=4G",))  # fmt: skip
    assert (problem.rule, str(problem.origin)) == ("guarantee-above-limit", "--set")


def test_what_is_missing_is_missing_in_the_file_and_not_in_set(problems_of):
    (problem,) = problems_of("cull: {}\n", sets=("ingress.enabled=true", "debug.enabled=false"))
    assert (problem.key, str(problem.origin)) == ("ingress.hosts", "--set")
    (problem,) = problems_of("ingress: {enabled: true}\n", sets=("debug.enabled=false",))
    assert problem.origin.file.endswith("0.yaml")


def test_a_finding_is_at_the_file_that_gave_the_value(problems_of):
    (problem,) = problems_of("cull:\n  timeout: 3600\n", "hub: {}\ncull:\n  timeout: soon\n")
    assert problem.origin.file.endswith("1.yaml")
    assert problem.origin.line == 3


def test_of_a_file_that_cannot_be_read_the_others_still_tell_theirs(problems_of):
    assert reported(problems_of("hub: [\n", "a: 1\na: 2\n")) == [
        ("yaml", "(file)", 1),
        ("duplicate-key", "a", 2),
    ]


def test_a_comment_silences_its_line_and_no_other(problems_of):
    text = "hub:\n  zzyzx: 1  # z2jh: ignore[value, unknown-key]\n  zzyzy: 2\n"
    assert reported(problems_of(text)) == [("unknown-key", "hub.zzyzy", 3)]


def test_what_cannot_be_read_cannot_be_silenced(problems_of):
    assert [p.rule for p in problems_of("hub: [  # z2jh: ignore[yaml]\n")] == ["yaml"]


def test_all_mistakes_are_reported_together(problems_of):
    text = """\
        hub:
          baseUrl: jh
          db: {type: postgres}
        singleuser:
          memory: {limit: lots}
          storage: {type: static}
          profileList:
            - kubespawner_override: {mem_limit: 1GB}
        cull: {timeout: -5}
        """
    assert reported(problems_of(text)) == [
        ("value", "hub.baseUrl", 2),
        ("missing-key", "hub.db.url", 3),
        ("value", "singleuser.memory.limit", 5),
        ("missing-key", "singleuser.storage.static.pvcName", 6),
        ("quantity", "singleuser.profileList.0.kubespawner_override.mem_limit", 8),
        ("profile", "singleuser.profileList.0.display_name", 8),
        ("value", "cull.timeout", 9),
    ]


@pytest.mark.parametrize(
    ("override", "rules"),
    [
        ("{mem_guarantee: 8G}", ["guarantee-above-limit"]),
        ("{mem_guarantee: 8G, mem_limit: 8G}", []),
        ("{mem_limit: 512M}", []),
        ("{cpu_guarantee: 3, cpu_limit: 2}", ["guarantee-above-limit"]),
        ("{image: 'quay.io/x/y'}", ["image-tag"]),
        ("{image: 'quay.io:8080/x/y'}", ["image-tag"]),
        ("{image: 'quay.io/x/y@sha256:00'}", []),
        ("{volumes: [{name: x, emptyDir: {}}]}", ["home-mount-lost"]),
        ("{volume_mounts: [{name: home, mountPath: /home/jovyan/}]}", []),
    ],
)
def test_what_a_profile_overrides_is_held_to_what_it_keeps(problems_of, override, rules):
    text = f"""\
        singleuser:
          memory: {{guarantee: 1G, limit: 2G}}
          profileList:
            - display_name: A
              kubespawner_override: {override}
        """
    assert [p.rule for p in problems_of(text)] == rules


@pytest.mark.parametrize(
    ("tag", "rules"),
    [("'1.10'", []), *((tag, ["image-tag"]) for tag in ("1.10", "20261101", "4"))],
)
def test_a_tag_that_is_a_number(problems_of, tag, rules):
    text = f"singleuser:\n  image:\n    name: quay.io/x/y\n    tag: {tag}\n"
    assert [p.rule for p in problems_of(text)] == rules


@pytest.mark.parametrize(
    ("policy", "url", "rules"),
    [
        ("egressAllowRules: {privateIPs: false}", "postgres.db.svc", ["network-cut"]),
        ("egressAllowRules: {privateIPs: false}", "10.0.0.3", ["network-cut"]),
        ("egressAllowRules: {privateIPs: false}", "pg.example.org", []),
        ("egressAllowRules: {nonPrivateIPs: false}", "8.8.8.8", ["network-cut"]),
        ("{egressAllowRules: {privateIPs: false}, egress: [{ports: [{port: 5432}]}]}",
         "10.0.0.3", []),
        ("{egressAllowRules: {privateIPs: false}, egress: [{to: []}]}", "10.0.0.3", []),
        ("{enabled: false, egressAllowRules: {privateIPs: false}}", "10.0.0.3", []),
    ],
)  # fmt: skip
def test_a_policy_that_cuts_off_the_database(problems_of, policy, url, rules):
    policy = policy if policy.startswith("{") else f"{{{policy}}}"
    text = f"""\
        hub:
          db: {{type: postgres, url: "postgresql://hub@{url}:5432/hub"}}
          networkPolicy: {policy}
        """
    assert [p.rule for p in problems_of(text)] == rules


def test_a_volume_that_a_snippet_makes_is_defined(problems_of):
    text = """\
        hub:
          extraConfig:
            volumes: |
              c.KubeSpawner.volumes["data"] = {"name": "data", "emptyDir": {}}
        singleuser:
          storage:
            extraVolumeMounts:
              - {name: data, mountPath: /data}
        """
    assert problems_of(text) == []


@pytest.mark.parametrize(("name", "rules"), [("home", []), ("hom", ["undefined-volume"])])
def test_what_snippets_mount_stands_under_custom(problems_of, name, rules):
    text = f"""\
        singleuser:
          storage: {{type: static, static: {{pvcName: homes}}}}
        custom:
          admin:
            extraVolumeMounts:
              - {{name: {name}, mountPath: /home/all}}
        """
    assert [(p.rule, p.severity) for p in problems_of(text)] == [
        (rule, "warning") for rule in rules
    ]


@pytest.mark.parametrize("given", ["'false'", "ture", "[]"])
def test_a_default_that_is_neither_true_nor_false(problems_of, given):
    text = f"singleuser:\n  profileList:\n    - display_name: Small\n      default: {given}\n"
    (problem,) = [p for p in problems_of(text) if p.rule == "value"]
    assert (problem.key, problem.origin.line) == ("singleuser.profileList.0.default", 4)


def test_profiles_that_a_snippet_filters_may_share_a_slug(problems_of):
    text = """\
        singleuser:
          profileList:
            - {display_name: Small, allowed_groups: [a]}
            - {display_name: Small, allowed_groups: [b]}
        """
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("custom", "rules"),
    [
        ("{profiles: {big: {mem_guarantee: 8G, mem_limit: 4G}}}", ["guarantee-above-limit"]),
        ("{profiles: [{cpu_guarantee: 3, cpu_limit: 2}]}", ["guarantee-above-limit"]),
        ("{profiles: {big: {mem_guarantee: 4096M, mem_limit: 4G}}}", []),
        ("{profiles: {big: {mem_guarantee: a lot, mem_limit: 4G}}}", []),
        ("{mem_guarantee: 8G, other: {mem_limit: 4G}}", []),
    ],
)
def test_guarantees_of_a_deployment_s_own_profiles(problems_of, custom, rules):
    problems = problems_of(f"custom: {custom}\n")
    assert [(p.rule, p.severity) for p in problems] == [(rule, "warning") for rule in rules]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hub:\n  livenessProbe:\n    enabed: true\n", "hub.livenessProbe.enabled"),
        ("hub:\n  services:\n    mine:\n      apiToekn: {}\n", "hub.services.mine.apiToken"),
        ("hub:\n  services:\n    mine:\n      ulr: http://x\n", "hub.services.mine.url"),
        ("prePuller:\n  extraImages:\n    pg:\n      anme: a/b\n      tag: '1'\n",
         "prePuller.extraImages.pg.name"),
        # Kubernetes' own, and one that is there with the one that is like it
        ("hub:\n  livenessProbe:\n    terminationGracePeriodSeconds: 3\n", None),
        ("hub:\n  services:\n    mine:\n      name: a\n      names: b\n", None),
    ],
)  # fmt: skip
def test_typo_in_a_mapping_that_allows_other_keys(problems_of, text, expected):
    hints = [(p.hint, p.origin.line) for p in problems_of(text) if p.rule == "unknown-key"]
    lines = {line.strip().partition(":")[0]: n for n, line in enumerate(text.splitlines(), 1)}
    wrong = next(
        (lines[name] for name in ("enabed", "apiToekn", "ulr", "anme") if name in lines), None
    )
    assert hints == ([(f"did you mean {expected}?", wrong)] if expected else [])


@pytest.mark.parametrize(
    ("egress", "rest", "expected"),
    [
        ("[{ports: [{port: 80}]}]", "", [("egress-adds", "warning", 3)]),
        ("[{ports: [{port: 80}]}]", "egressAllowRules: {nonPrivateIPs: true}", []),
        ("[{ports: [{port: 80}]}]", "egressAllowRules: {nonPrivateIPs: false}", []),
        ("[]", "", []),
        ("[{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]",
         "egressAllowRules: {nonPrivateIPs: false}", [("metadata-server", "error", 3)]),
        ("[{to: [{ipBlock: {cidr: 10.0.0.0}}]}]",
         "egressAllowRules: {nonPrivateIPs: false}", [("metadata-server", "error", 3)]),
        ("[{to: [{ipBlock: {cidr: '::ffff:0:0/97'}}]}]",
         "egressAllowRules: {nonPrivateIPs: false}", [("metadata-server", "error", 3)]),
        ("[{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]",
         "egressAllowRules: {cloudMetadataServer: true}", []),
        ("[{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]", "enabled: false",
         [("metadata-server", "warning", 4)]),
    ],
)  # fmt: skip
def test_egress_of_user_pods(problems_of, egress, rest, expected):
    text = f"singleuser:\n  networkPolicy:\n    egress: {egress}\n    {rest}\n"
    assert [(p.rule, p.severity, p.origin.line) for p in problems_of(text)] == expected


@pytest.mark.parametrize(
    ("account", "rules"),
    [
        ("{}", ["no-permissions"]),
        ("{create: false}", ["no-permissions"]),
        ("{create: false, name: own}", []),
        ("{name: own}", []),
    ],
)
def test_a_hub_without_permissions(problems_of, account, rules):
    text = f"rbac:\n  create: false\nhub:\n  serviceAccount: {account}\n"
    assert [(p.rule, p.origin.line) for p in problems_of(text)] == [(rule, 2) for rule in rules]


def code(text, rest=""):
    return f"hub:\n  extraConfig: {{a: '{text}'}}\n{rest}"


PROFILES = "singleuser: {profileList: [{display_name: A}]}\n"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (code("c.KubeSpawner.delete_pvc = True"), ["code-permission"]),
        (code("# delete_pvc, internal_ssl"), []),
        (code("api.create_namespaced_secret()"), ["code-permission"]),
        (code("api.create_namespaced_service_account()"), []),
        (code("c.A.delete_pvc", "rbac: {hub: {deleteClaims: false}}\n"), []),
        (code("c.A.delete_pvc", "rbac: {hub: {manageSecrets: true}}\n"), ["code-permission"]),
        (code('z2jh.get_config("singleuser.profileList")', PROFILES), []),
    ],
)
def test_code_that_needs_a_setting(problems_of, text, rules):
    codes = [p for p in problems_of(text) if p.rule.startswith("code-")]
    assert [p.rule for p in codes] == rules
    assert all(p.origin.line == 2 and p.severity == "warning" for p in codes)


WEAK_CONTEXTS = [
    ("{privileged: true}", 1),
    ("{allowPrivilegeEscalation: true}", 1),
    ("{runAsNonRoot: false, runAsUser: 0}", 2),
    ("{runAsUser: 1000, runAsNonRoot: true, privileged: false}", 0),
    ("{seLinuxOptions: {level: s0}}", 0),
]


@pytest.mark.parametrize(("context", "number"), WEAK_CONTEXTS)
@pytest.mark.parametrize("trait", ["extra_pod_config", "extra_container_config"])
@pytest.mark.parametrize("name", ["securityContext", "security_context"])
def test_an_override_that_weakens_security(problems_of, trait, name, context, number):
    override = f"{{{trait}: {{{name}: {context}}}}}"
    for_all = f"hub: {{config: {{KubeSpawner: {override}}}}}"
    profile = (
        f"singleuser: {{profileList: [{{display_name: P, kubespawner_override: {override}}}]}}"
    )
    for text in (for_all, profile):
        assert [p.rule for p in problems_of(text) if p.rule == "weakened-pod"] == (
            ["weakened-pod"] * number
        )


@pytest.mark.parametrize(
    ("limits", "number"), [("{memory: null}", 1), ("{memory: 1G}", 0), ("{nvidia.com/gpu: 1}", 0)]
)
def test_an_override_that_drops_a_limit(problems_of, limits, number):
    config = f"{{extra_container_config: {{resources: {{limits: {limits}}}}}}}"
    text = f"hub: {{config: {{KubeSpawner: {config}}}}}"
    assert len([p for p in problems_of(text) if p.rule == "weakened-pod"]) == number
