"""A running hub reloads changed values, rejects invalid ones, and reports both."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import yaml
from support.clusters import Cluster
from support.dev import Person

from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.hub.culling import record

pytestmark = pytest.mark.slow

DEADLINE = 20  # seconds; the hub checks its mounts every two seconds
PASSWORD = "a password"
CONFIG: dict[str, Any] = {
    "JupyterHub": {"authenticator_class": "dummy"},
    "DummyAuthenticator": {"password": PASSWORD},
    "Authenticator": {"allowed_users": ["ada", "eve"], "admin_users": ["root"]},
}
VALUES: dict[str, Any] = {
    "hub": {"config": CONFIG, "authenticatePrometheus": False},
    "cull": {"enabled": False},
    "singleuser": {"storage": {"type": "none"}},
}


def merged(values: dict[str, Any]) -> dict[str, Any]:
    return sources.merge_as_helm(VALUES, values)


class Reloading:
    """A hub whose mounted values a test changes."""

    def __init__(self, hub: Any, mounts: Path):
        self.hub, self.mounts = hub, mounts
        self.site = SimpleNamespace(url=hub.url.removesuffix("hub/"))

    def change(self, values: dict[str, Any], of: str = "secret") -> None:
        """Replace a values file, as the kubelet does."""
        defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
        if of == "secret":
            values = sources.merge_as_helm(defaults, merged(values))
        folder = self.mounts / of
        folder.mkdir(exist_ok=True)
        (folder / "..new").write_text(yaml.safe_dump(values))
        os.replace(folder / "..new", folder / "values.yaml")

    def until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + DEADLINE
        while not (result := condition()):
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)
        return result

    def logged(self, words: str) -> None:
        """Wait until the hub's log matches `words`."""
        self.until(lambda: re.search(words, self.log))

    @property
    def log(self) -> str:
        text: str = self.hub.log.read_text()
        return text

    def person(self, name: str) -> Person:
        return Person(self.site, name, PASSWORD)

    def lets_in(self, name: str) -> bool:
        try:
            self.person(name)
        except AssertionError:
            return False
        return True

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.hub.url}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def metric(self, series: str) -> float:
        result = re.search(rf"^{re.escape(series)} (\S+)$", self.page("metrics"), re.MULTILINE)
        return float(result[1]) if result else 0.0


@pytest.fixture
def reloading(start_hub: Callable[..., Any], tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    def start(values: dict[str, Any], **environ: str) -> Any:
        started = start_hub(merged(values), **environ)

        class Context:
            def __enter__(self) -> Reloading:
                return Reloading(started.__enter__(), tmp_path / "mounts")

            def __exit__(self, *error: Any) -> None:
                started.__exit__(*error)

        return Context()

    return start


def profiles(*slugs: str) -> dict[str, Any]:
    listed = [{"display_name": slug.upper(), "slug": slug} for slug in slugs]
    return {"singleuser": {"profileList": listed}}


def test_a_new_profile_is_offered_by_the_form_and_by_the_api(
    reloading: Any, kubeconfig: Path
) -> None:
    with reloading({}, KUBECONFIG=str(kubeconfig)) as it:
        ada = it.person("ada")
        ada.start()  # its spawner is in memory
        ada.stop()
        it.change({**profiles("small", "large"), "hub": {"quotas": {"all": {"servers": 0}}}})
        it.logged("Applied without a restart: .*singleuser.profileList")
        assert "LARGE" in ada.get("hub/spawn").text
        refused = ada.ask_for(options={"profile": "large"})
        assert (refused.status_code, refused.json()["message"]) == (
            403,
            "You may not start a server.",
        )
        it.change(profiles("large"))
        it.until(lambda: it.metric('z2jh_reloads_total{outcome="applied"}') == 2)
        assert ada.ask_for(options={"profile": "small"}).status_code == 403
        ada.start(options={"profile": "large"})
        # also for a running server, whose spawner is in memory
        it.change({})
        it.until(lambda: it.metric('z2jh_reloads_total{outcome="applied"}') == 3)
        ada.stop()
        assert "LARGE" not in ada.get("hub/spawn").text


def test_rescue_servers_can_be_disabled(reloading: Any, kubeconfig: Path) -> None:
    with reloading({}, KUBECONFIG=str(kubeconfig)) as it:
        ada = it.person("ada")
        ada.start()  # its spawner is in memory
        ada.stop()
        it.change({"hub": {"rescue": {"enabled": False}}})
        it.logged("Applied without a restart: hub.rescue.enabled")
        refused = ada.ask_for(options={"rescue": True})
        assert (refused.status_code, refused.json()["message"][:13]) == (403, "Rescue server")


def test_lists_of_users_are_reloaded(reloading: Any, kubeconfig: Path) -> None:
    def lists(**traits: list[str]) -> dict[str, Any]:
        return {"hub": {"config": {"Authenticator": {**CONFIG["Authenticator"], **traits}}}}

    with reloading({}, KUBECONFIG=str(kubeconfig)) as it:
        eve = it.person("eve")
        eve.start()
        assert not it.lets_in("bo")
        it.change(lists(allowed_users=["ada", "eve", "Bo"], admin_users=["root", "ada"]))
        it.logged("Applied without a restart: hub.config.Authenticator.admin_users")
        assert it.lets_in("bo")
        assert it.person("ada").api("GET", "users").status_code == 200
        assert it.hub.api("users/ada")[1]["admin"]
        it.change(lists(blocked_users=["eve"]))
        it.logged("Stopping .* of a blocked user")
        it.until(lambda: eve.api("GET", "users/eve").status_code in (403, 404))
        assert not it.lets_in("eve")
        it.until(lambda: not it.hub.api("users/eve")[1]["servers"])
        # as after a restart: administrators stay administrators until an admin page changes that
        assert it.hub.api("users/ada")[1]["admin"]
        it.change({})
        it.until(lambda: it.lets_in("eve"))


def test_a_server_of_a_blocked_user_is_stopped_while_it_starts(
    reloading: Any, tmp_path: Path
) -> None:
    with (
        Cluster(tmp_path / "slow", "--fake", "600") as slow,
        reloading({}, KUBECONFIG=str(slow.kubeconfig)) as it,
    ):
        assert it.person("eve").ask_for().status_code == 202
        it.until(lambda: slow.call("GET", "pods")["items"])
        it.change({"hub": {"config": {"Authenticator": {"blocked_users": ["eve"]}}}})
        it.logged("Stopping .* of a blocked user while it starts")
        it.until(lambda: not slow.call("GET", "pods")["items"])
        it.until(lambda: not it.hub.api("users/eve")[1]["servers"])
        assert "Your account is blocked." in it.hub.progress("eve/server")[-1]["message"]
        assert "failure count" not in it.log


def test_invalid_user_name_is_rejected(reloading: Any, kubeconfig: Path) -> None:
    with reloading({}, KUBECONFIG=str(kubeconfig)) as it:
        it.change(
            {"hub": {"config": {"Authenticator": {"admin_users": ["a/b"], "allowed_users": "x"}}}}
        )
        it.logged("The changed values are invalid")
        assert "hub.config.Authenticator.admin_users" in it.log
        assert "hub.config.Authenticator.allowed_users" in it.log
        it.person("ada")


def test_announcement_and_templates_are_reloaded(reloading: Any, tmp_path: Path) -> None:
    folder, other = tmp_path / "templates", tmp_path / "others"
    folder.mkdir()
    other.mkdir()
    page = (
        '{% extends "templates/login.html" %}{% block main %}NUMBER {{ announced }}{% endblock %}'
    )
    (folder / "login.html").write_text(page.replace("NUMBER", "one"))
    (other / "login.html").write_text(page.replace("NUMBER", "three"))

    def values(text: str, announced: str, *paths: Path) -> dict[str, Any]:
        file = {"mountPath": f"{folder}/login.html", "stringData": page.replace("NUMBER", text)}
        pages = {"templatePaths": list(map(str, paths)), "templateVars": {"announced": announced}}
        return {"hub": {**pages, "extraFiles": {"login": file}}}

    with reloading(values("one", "a", folder)) as it:
        assert "one a" in it.page("login")
        it.change(values("one", "b", folder))
        it.until(lambda: "one b" in it.page("login"))
        # the kubelet never updates a file mounted with subPath; the text comes from the values
        it.change(values("two", "b", folder))
        it.until(lambda: "two b" in it.page("login"))
        it.change(values("one", "b", other, folder))
        it.logged("hub.templatePaths")
        # the kubelet updates a mounted directory
        it.change({"hub": {"templatePaths": [str(other)]}})
        it.until(lambda: "three" in it.page("login"))
        (other / "login.html").write_text(page.replace("NUMBER", "four"))
        it.until(lambda: "four" in it.page("login"))


def test_culler_restarts_with_new_options(reloading: Any) -> None:
    cull = {"enabled": True, "every": 600, "timeout": 3600}

    def command(it: Any) -> str:
        folder = Path(psutil.Process(it.hub.process.pid).cwd())
        with suppress(OSError, ValueError):  # none is recorded between a stop and a start
            (culler,) = json.loads((folder / record.FILE).read_text())["cullers"]
            return " ".join(culler["command"])
        return ""

    def url(line: str) -> list[str]:
        return re.findall(r"--url=\S+", line)

    with reloading({"cull": cull}) as it:
        before = it.until(lambda: command(it))
        it.change({"cull": {**cull, "timeout": 1800, "maxAge": 60}})
        now = it.until(lambda: "--timeout=1800" in command(it) and command(it))
        assert "--max-age=60" in now
        assert url(now) == url(before)
        assert it.hub.api("services/jupyterhub-idle-culler")[0] in (200, 403, 404)
        it.change({"cull": {**cull, "enabled": False}})
        it.logged("Changed, but not in effect: cull.enabled")


def test_invalid_values_are_rejected_and_the_old_ones_stay(reloading: Any) -> None:
    with reloading(profiles("small")) as it:
        it.change({**profiles("large"), "cull": {"timeout": "soon"}})
        it.logged("The changed values are invalid")
        assert "cull.timeout" in it.log
        assert it.metric('z2jh_reloads_total{outcome="refused"}') == 1
        assert it.metric("z2jh_values_not_in_force") == 1
        it.change({"singleuser": {"profileList": [{"slug": "x"}, {"description": "no name"}]}})
        it.logged("profile 1 has no display_name")
        (it.mounts / "secret" / "values.yaml").write_text("{")
        it.logged("invalid YAML")
        assert it.metric('z2jh_reloads_total{outcome="refused"}') == 3
        assert it.metric('z2jh_reloads_total{outcome="applied"}') == 0
        it.change({**profiles("small"), "hub": {"quotas": {}}, "cul": {"timeout": 60}})
        it.until(lambda: it.metric("z2jh_values_not_in_force") == 0)
        it.logged("warning: cul ")


SNIPPETS = {
    "1-adds": 'c.KubeSpawner.profile_list.append({"display_name": "Mine"})',
    "2-reads": 'limit = z2jh.get_config("hub.quotas.all.servers")',
    "3-copies": 'c.JupyterHub.load_groups = {"a": list(c.Authenticator.admin_users)}',
    "4-later": """
from jupyterhub.handlers import BaseHandler
class Report(BaseHandler):
    def get(self):
        self.write(str(z2jh.get_config("custom.word")))
c.JupyterHub.extra_handlers.append((r"/report", Report))
""",
}


def test_values_that_code_uses_wait_for_a_restart_if_the_hub_may_not_restart_itself(
    reloading: Any,
) -> None:
    def values(slug: str, servers: int, admin: str, word: str, path: str) -> dict[str, Any]:
        return {
            **profiles(slug),
            "hub": {
                "extraConfig": SNIPPETS,
                "restartOnChange": False,
                "baseUrl": path,
                "config": {"Authenticator": {**CONFIG["Authenticator"], "admin_users": [admin]}},
                "templateVars": {"announcement": f"<b>{word}</b>"},
                "quotas": {"all": {"servers": servers}},
            },
            "custom": {"word": word},
            "ingress": {"annotations": {"a": word}},
        }

    with reloading(values("small", 1, "root", "one", "/")) as it:
        assert it.page("report") == "one"
        it.change(values("large", 2, "ada", "two", "/jh"))
        for key in (
            "hub.quotas.all.servers",
            "singleuser.profileList",
            "hub.config.Authenticator.admin_users",
        ):
            it.logged(rf"Changed, but not in effect: .*{key}.*\(code of the deployment")
        it.logged(r"Changed, but not in effect: hub.baseUrl \(it is read only when the hub starts")
        assert "kubectl --namespace default rollout restart deployment/hub" in it.log
        assert it.metric("z2jh_values_not_in_force") == 4
        assert it.metric('z2jh_reloads_total{outcome="needs-restart"}') == 1
        # all other changes are in effect
        assert it.page("report") == "two"
        assert "<b>two</b>" in it.page("login")


ADMINS = {"config": {"Authenticator": {**CONFIG["Authenticator"], "admin_users": ["ada"]}}}


@pytest.mark.parametrize(
    ("code", "change", "key"),
    [
        (SNIPPETS["1-adds"], profiles("large"), "singleuser.profileList"),
        (SNIPPETS["2-reads"], {"hub": {"quotas": {"all": {"servers": 2}}}}, "hub.quotas"),
        (SNIPPETS["3-copies"], {"hub": ADMINS}, "hub.config.Authenticator.admin_users"),
        ('x = get_config("ingress.hosts")', {"ingress": {"hosts": ["a.b"]}}, "ingress.hosts"),
        ('x = get_config("ingress")', {"ingress": {"hosts": ["a.b"]}}, "ingress.hosts"),
    ],
)
def test_hub_restarts_itself_for_values_that_code_uses(
    reloading: Any, code: str, change: dict[str, Any], key: str
) -> None:
    snippet = {"hub": {"extraConfig": {"a": code}}}
    with reloading(sources.merge_as_helm(profiles("small"), snippet)) as it:
        it.change(sources.merge_as_helm(profiles("small"), sources.merge_as_helm(snippet, change)))
        it.logged(rf"Restarting the hub, because code of the deployment uses changed .*{key}")
        it.until(lambda: it.hub.process.poll() is not None)
        assert "Received signal SIGTERM" in it.log


@pytest.mark.parametrize("setting", [False, [], ["ingress.hosts"]])
def test_hub_does_not_restart_itself_against_the_setting(reloading: Any, setting: Any) -> None:
    hub = {"extraConfig": {"a": SNIPPETS["1-adds"]}, "restartOnChange": setting}
    with reloading({**profiles("small"), "hub": hub}) as it:
        it.change({**profiles("large"), "hub": hub})
        it.logged("Changed, but not in effect: singleuser.profileList")
        assert it.hub.process.poll() is None


def test_hub_does_not_restart_itself_if_the_chart_restarts_it(reloading: Any) -> None:
    hub = {"extraConfig": {"a": 'x = get_config("custom.word")'}}
    with reloading({"custom": {"word": "one"}, "hub": hub}) as it:
        it.change({"custom": {"word": "two"}, "hub": hub})
        it.logged("Changed, but not in effect: custom.word")
        assert it.hub.process.poll() is None


def test_existing_secret_is_reloaded_and_changed_files_are_reported(reloading: Any) -> None:
    with reloading({}) as it:
        it.change({"hub": {"templateVars": {"announcement": "from there"}}}, of="existing-secret")
        it.until(lambda: "from there" in it.page("login"))
        (it.mounts / "jupyterhub_config.d" / "more.py").write_text("x = 1\n")
        it.logged(r"Changed, but not in effect: jupyterhub_config.d/more.py")


def test_changed_secret_is_reported_only_by_name(reloading: Any) -> None:
    key = "hub.config.JupyterHub.cookie_secret"
    with reloading({}) as it:
        before = (it.mounts / "secret" / key).read_text()
        it.change({}, of="existing-secret")
        (it.mounts / "existing-secret" / key).write_text("ef" * 32)
        it.logged(rf"Changed, but not in effect: {key} \(it is read only when the hub starts")
        assert it.metric("z2jh_values_not_in_force") == 1
        assert "ef" * 32 not in it.log
        (it.mounts / "existing-secret" / key).write_text(before)
        it.until(lambda: it.metric("z2jh_values_not_in_force") == 0)


REPORT = """
from jupyterhub.handlers import BaseHandler
class Report(BaseHandler):
    def get(self):
        found = self.authenticator.allowed_organizations
        self.write(" ".join(sorted(found)) + f" {self.authenticator.allow_all}")
c.JupyterHub.extra_handlers.append((r"/report", Report))
"""


def test_deprecated_keys_and_traits_of_the_class_are_reloaded(reloading: Any) -> None:
    def values(*organizations: str) -> dict[str, Any]:
        github = {"clientId": "x", "clientSecret": "x", "orgWhitelist": list(organizations)}
        config = {"JupyterHub": {"authenticator_class": "github"}, "Authenticator": None}
        return {
            "auth": {"type": "github", "github": github},
            "hub": {"extraConfig": {"tell": REPORT}, "config": config},
        }

    with reloading(values("one")) as it:
        assert it.page("report") == "one False"
        it.change(values("one", "two"))
        it.until(lambda: it.page("report") == "one two False")
        # without a list, `auth.*` allows everyone to log in
        it.change(values())
        it.until(lambda: it.page("report") == " True")
