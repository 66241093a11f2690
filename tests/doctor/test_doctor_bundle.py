"""`z2jh doctor --bundle`: what the archive has, and that no secret is in it."""

from __future__ import annotations

import base64
import json
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner, Result
from doctor.served import Served
from doctor.worlds import World, fails, healthy

from z2jh_hub.chores import ChoreError
from z2jh_hub.cli import main
from z2jh_hub.cli.doctor import command
from z2jh_hub.doctor import bundle
from z2jh_hub.doctor.examine import report_on
from z2jh_hub.doctor.redaction import Redaction

PLAIN = {"proxy": {"https": {"enabled": False}}}
# where a secret is: the secret
SECRETS = {
    "variable": "variable-s3cret",
    "variable without a telling name": "Winter2026!",
    "token of a user server": "a1b2c3d4" * 4,
    "argument after a flag": "flag-s3cret",
    "argument": "positional-s3cret",
    "header of a probe": "Basic cHJvYmU6czNjcmV0",
    "annotation of another program": "annotation-s3cret",
    "copy in an annotation": "applied-s3cret",
    "contents of a Secret": "c2VjcmV0LWRhdGE=",
    "option of a volume": "volume-s3cret",
    "parameter of a class": "parameter-s3cret",
    "URL in an event": "event-s3cret/a@b",
    "message of a container": "deadbeef" * 8,
    "log": "ghp_" + "a1B2" * 9,
    "key in a log": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw",
    "random text in a log": "q7RmB2xV9kLzT4nWc8YdE3uH",
    "variable that is repeated in the log": "repeated s3cret text",
}


def world() -> World:
    """Return a release with each secret in another place."""
    world = healthy(PLAIN)
    secret = SECRETS.__getitem__
    hub, user = world.pod("hub"), world.get("pods", "jupyter-ada")
    container = hub["spec"]["containers"][0]
    container["env"] = [
        {"name": "DB_PASSWORD", "value": secret("variable")},
        {"name": "GREETING", "value": secret("variable without a telling name")},
        {"name": "API_TOKEN", "value": secret("variable that is repeated in the log")},
    ]
    container["command"] = ["jupyterhub", "--password", secret("argument after a flag")]
    container["args"] = [secret("argument")]
    header = {"name": "Authorization", "value": secret("header of a probe")}
    container["livenessProbe"] = {"httpGet": {"httpHeaders": [header]}}
    hub["metadata"]["annotations"] = {
        "example.org/login": secret("annotation of another program"),
        "kubectl.kubernetes.io/last-applied-configuration": secret("copy in an annotation"),
        "hub.jupyter.org/username": "grace",
    }
    user["spec"]["containers"][0]["env"] = [
        {"name": "JUPYTERHUB_API_TOKEN", "value": secret("token of a user server")}
    ]
    attributes = {"login": secret("option of a volume")}
    user["spec"]["volumes"].append({"name": "smb", "csi": {"volumeAttributes": attributes}})
    world.get("secrets", "hub")["data"] = {"values.yaml": secret("contents of a Secret")}
    world.get("secrets", "hub")["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": secret("contents of a Secret")
    }
    world.objects["storageclasses"][0]["parameters"] = {"user": secret("parameter of a class")}
    url = f"mysql://hub:{secret('URL in an event')}@db/hub"
    world.event("Pod", "jupyter-bo", "Failed", f"cannot connect to {url}")
    fails(hub, waiting="CrashLoopBackOff", restartCount=3,
          message=f"the proxy refused {secret('message of a container')}")  # fmt: skip
    world.logs["hub-0"] = (
        f"pushing to {secret('log')}\n-----BEGIN PRIVATE KEY-----\n{secret('key in a log')}\n"
        f"-----END PRIVATE KEY-----\nsession {secret('random text in a log')} expired\n"
        f"header {secret('variable that is repeated in the log')}\nValueError: no\n"
    )
    return world


def archived(world: World) -> dict[str, bytes]:
    snapshot = world.snapshot()
    return bundle.contents(report_on(snapshot), snapshot)


@pytest.mark.parametrize("place", SECRETS)
def test_no_secret_is_in_the_archive(place: str) -> None:
    secret = SECRETS[place]
    plain = "\n".join(json.dumps(items, default=str) for items in world().objects.values())
    assert json.dumps(secret)[1:-1] in plain + world().logs["hub-0"]
    forms = {secret, quote(secret), json.dumps(secret)[1:-1],
             base64.b64encode(secret.encode()).decode()}  # fmt: skip
    for name, data in archived(world()).items():
        for form in forms:
            assert form not in data.decode(), name


def test_archive_has_what_a_helper_needs() -> None:
    files = {name: data.decode() for name, data in archived(world()).items()}
    pods = json.loads(files["objects/pods.json"])
    hub = next(pod for pod in pods if pod["metadata"]["name"].startswith("hub"))
    assert hub["status"]["containerStatuses"][0]["restartCount"] == 3
    assert hub["spec"]["containers"][0]["command"] == ["jupyterhub", "(hidden)", "(hidden)"]
    assert hub["metadata"]["annotations"]["hub.jupyter.org/username"] == "grace"
    assert [each["name"] for each in hub["spec"]["containers"][0]["env"]] == [
        "DB_PASSWORD", "GREETING", "API_TOKEN",
    ]  # fmt: skip
    assert "ValueError: no" in files["logs/hub-0.txt"]
    assert "pod-crashes" in files["report.txt"]
    assert json.loads(files["report.json"])["release"] == "my-hub"
    assert json.loads(files["version.json"])["gitVersion"] == "v1.34.1"
    assert json.loads(files["objects/secrets.json"])[0]["metadata"]["name"] == "hub"
    assert "Release my-hub in the namespace hub" in files["README.txt"]


def test_pods_of_other_namespaces_are_left_out() -> None:
    other = world()
    other.objects["allpods"].append({"metadata": {"name": "payroll", "namespace": "other"}})
    assert not any(b"payroll" in data for data in archived(other).values())


def test_images_and_names_are_kept_although_they_are_long() -> None:
    text = Redaction(world().snapshot()).text
    for shown in (
        "quay.io/jupyter/base-notebook@sha256:" + "0a" * 32,
        "jupyter-someone-40example-2eorg---0a1b2c3d",
        "4e1243bd-22c6-4e76-8b0e-a1f4e8e7b1d2",
        "no nodes available to schedule pods",
        "2026-11-28T15:22:22.123456Z",
        "/usr/local/lib/python3.13/site-packages/jupyterhub/app.py",
    ):
        assert text(shown) == shown


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with Served(tmp_path) as served:
        monkeypatch.setenv("KUBECONFIG", str(served.kubeconfig))
        monkeypatch.chdir(tmp_path)
        served.hold(world())
        served.log = world().logs["hub-0"].encode()
        yield served


def doctor(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["doctor", *words], input=answer)


def test_archive_of_a_cluster_is_private_and_has_no_secrets(served: Served) -> None:
    result = doctor("--bundle", "support.tar.gz", "--yes")
    assert result.exit_code == 1, result.output
    assert "pod-crashes" in result.stdout
    assert "support.tar.gz was written." in result.stderr
    file = Path("support.tar.gz")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        members = archive.getmembers()
        texts = [archive.extractfile(member).read().decode() for member in members]
    assert all(member.isfile() and member.name.startswith("z2jh-doctor/") for member in members)
    for secret in SECRETS.values():
        assert not any(secret in text for text in texts)
    assert not any(served.token in text for text in texts)
    assert {call.partition(" ")[0] for call in served.calls} == {"GET"}


def test_existing_file_is_kept(served: Served) -> None:
    file = Path("support.tar.gz")
    file.write_text("mine")
    result = doctor("--bundle", str(file), "--yes")
    assert (result.exit_code, file.read_text()) == (2, "mine")
    assert "support.tar.gz exists; choose another file" in result.output
    assert served.calls == []
    with pytest.raises(ChoreError, match="exists"):
        bundle.write(file, {}, world().snapshot())


def test_missing_directory_is_reported_before_the_cluster_is_read(served: Served) -> None:
    result = doctor("--bundle", "none/support.tar.gz", "--yes")
    assert (result.exit_code, served.calls) == (2, [])
    assert "the directory none does not exist" in result.output


def test_without_a_terminal_yes_is_required(served: Served) -> None:
    result = doctor("--bundle", "support.tar.gz", answer="y\n")
    assert (result.exit_code, served.calls) == (2, [])
    assert "use --yes without a terminal" in result.output


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_contents_are_listed_and_confirmed(
    served: Served, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    # click's runner replaces standard input when the command starts
    original = command.callback
    assert original

    def on_a_terminal(**options: object) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        original(**options)

    monkeypatch.setattr(command, "callback", on_a_terminal)
    result = doctor("--bundle", "support.tar.gz", "--format", "json", answer=answer)
    assert json.loads(result.stdout)["release"] == "my-hub"
    for name in ("README.txt", "report.txt", "objects/pods.json", "logs/hub-0.txt"):
        assert name in result.stderr
    assert "Not hidden: names" in result.stderr
    assert "Write it? [y/N]" in result.stderr
    assert Path("support.tar.gz").exists() is written
    assert isinstance(command, click.Command)
