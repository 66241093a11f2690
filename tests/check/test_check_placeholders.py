"""Malformed secrets, placeholders of examples, PEM data: refused by check, render and hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml
from support.charts import render
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.check import make_report
from z2jh_hub.check.report import formats
from z2jh_hub.config import sources
from z2jh_hub.config.errors import ConfigError, Problem
from z2jh_hub.config.errors import render as render_problems
from z2jh_hub.config.values import Values

ROOT = Path(__file__).parents[2]
SECRET = "s3cr3t s3cr3t"
AT = {
    "hub.cookieSecret": "cookie_secret",
    "hub.config.JupyterHub.cookie_secret": "cookie_secret",
    "auth.state.cryptoKey": "keys",
    "hub.config.CryptKeeper.keys": "keys",
    "proxy.secretToken": "auth_token",
    "hub.config.ConfigurableHTTPProxy.auth_token": "auth_token",
    "hub.services.mine.apiToken": "apiToken",
    "hub.services.mine.api_token": "api_token",
}
VALID = {
    "cookie_secret": ["ab" * 32, "ab" * 32 + "\n", "AB" * 32],
    "keys": ["cd" * 32, "cd" * 32 + ";" + "ef" * 32, "cd" * 32 + "\n", "A" * 43 + "="],
    "auth_token": ["ab" * 32, "short", "with/signs+=!"],
    "apiToken": ["ab" * 32, "8-letters"],
    "api_token": ["ab" * 32],
}
MALFORMED = {
    "cookie_secret": [SECRET, "abc", "<output of openssl rand -hex 32>", "YOUR-SECRET"],
    "keys": [SECRET, "cd" * 32 + ";" + SECRET, "<output of openssl rand -hex 32>"],
    "auth_token": [SECRET, "two\nlines", "<OUTPUT-OF-`openssl rand -hex 32`>", "YOUR-TOKEN"],
    "apiToken": [SECRET, "<token-of-the-service>", "change-me"],
    "api_token": [SECRET, "<token-of-the-service>"],
}


def values(key: str, value: Any) -> dict[str, Any]:
    if key == "hub.config.CryptKeeper.keys":
        value = value.split(";")
    for part in reversed(key.split(".")):
        value = {part: value}
    made: dict[str, Any] = value
    return made


def hub_problems(given: dict[str, Any], defaults: dict[str, Any]) -> list[Problem]:
    return configure.problems(Values(sources.merge_as_helm(defaults, given), given=given))


@pytest.fixture(scope="session")
def defaults() -> dict[str, Any]:
    return sources.parse((ROOT / "chart/values.yaml").read_text(), "values.yaml").data


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(key, value) for key, kind in AT.items() for value in table[kind]]


@pytest.mark.parametrize(("key", "value"), pairs(MALFORMED))
def test_a_malformed_secret_is_refused_everywhere_and_never_printed(
    key: str, value: str, defaults: dict[str, Any], tmp_path: Path
) -> None:
    given = values(key, value)
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(given))
    result = make_report([file], run=False)
    (problem,) = (p for p in result.problems if p.severity == "error")
    depth = len(key.split("."))
    assert problem.origin is not None
    assert problem.origin.line in (depth, depth + 1, depth + 2)  # an item of a list is below
    assert problem.hint
    assert problem.expected
    outputs = [formats.text(result), formats.as_json(result)]

    with pytest.raises(ConfigError) as refused:
        configure.build(Values(sources.merge_as_helm(defaults, given), given=given), Config())
    outputs.append(str(refused.value))

    with pytest.raises(helm_python.HelmError) as rejected:
        render(given)
    assert "error: hub." in str(rejected.value)
    outputs.append(str(rejected.value))
    for output in outputs:
        assert value.strip().splitlines()[0] not in output or value == "abc"


WRONG_LENGTH = {
    "hub.config.CryptKeeper.keys": "cd" * 31,
    "auth.state.cryptoKey": "cd" * 32 + ";" + "ef" * 31,
    "hub.services.mine.apiToken": "seven77",
    "hub.services.mine.api_token": "seven77",
}


@pytest.mark.parametrize("key", WRONG_LENGTH)
def test_a_secret_of_the_wrong_length_is_an_error_for_check_and_a_warning_of_the_hub(
    key: str, defaults: dict[str, Any], write: Callable[..., list[Path]]
) -> None:
    given = values(key, WRONG_LENGTH[key])
    result = make_report(write(yaml.safe_dump(given)), run=False)
    (problem,) = (p for p in result.problems if p.severity == "error")
    assert problem.rule == "secret"
    (problem,) = (p for p in hub_problems(given, defaults) if p.rule == "secret")
    assert problem.severity == "warning"
    assert WRONG_LENGTH[key] not in formats.text(result) + render_problems([problem])


@pytest.mark.parametrize(("key", "value"), pairs(VALID))
def test_a_secret_of_the_right_form_is_taken(
    key: str, value: str, defaults: dict[str, Any]
) -> None:
    given = values(key, value)
    assert [p for p in hub_problems(given, defaults) if p.severity == "error"] == []
    assert render(given)


def test_a_secret_of_the_mount_is_checked_too(defaults: dict[str, Any]) -> None:
    secrets = {"hub.config.JupyterHub.cookie_secret": SECRET}
    (problem,) = configure.problems(Values(defaults, given={}, secrets=secrets))
    assert problem.key == "hub.config.JupyterHub.cookie_secret"
    assert SECRET not in render_problems([problem])


HOST = "proxy: {https: {enabled: true, hosts: [HOST], letsencrypt: {contactEmail: a@b.edu}}}"
MAIL = "proxy: {https: {enabled: true, hosts: [h.b.edu], letsencrypt: {contactEmail: HOST}}}"
INGRESS = "ingress: {enabled: true, hosts: [HOST]}"


@pytest.mark.parametrize("text", [HOST, MAIL, INGRESS])
@pytest.mark.parametrize("host", ["<your-domain>", "YOUR-DOMAIN", "me@example.com", "example.com"])
def test_a_host_of_an_example_is_refused_everywhere(
    text: str, host: str, defaults: dict[str, Any]
) -> None:
    given = yaml.safe_load(text.replace("HOST", host))
    results = [p for p in hub_problems(given, defaults) if p.severity == "error"]
    assert [p.rule for p in results] == ["placeholder"]
    with pytest.raises(helm_python.HelmError, match="placeholder"):
        render(given)


def test_a_host_of_an_example_is_no_error_where_nothing_serves_it(
    defaults: dict[str, Any],
) -> None:
    given = yaml.safe_load("ingress: {enabled: false, hosts: [hub.example.com]}")
    assert hub_problems(given, defaults) == []
    assert render(given)


@pytest.mark.parametrize(
    "text",
    [
        "hub: {templateVars: {announcement: '<b>Welcome</b> to <your-hub>'}}",
        "custom: {word: <placeholder>}",
        "hub: {extraConfig: {a: '# see <https://example.com>, YOUR-NAME'}}",
        "singleuser: {profileList: [{display_name: <GPU>, description: your-own <i>GPU</i>}]}",
        "singleuser: {extraEnv: {GIT: 'https://github.com/yours/x'}}",
    ],
)
def test_free_text_is_not_searched(text: str, defaults: dict[str, Any]) -> None:
    assert [p.rule for p in hub_problems(yaml.safe_load(text), defaults)] == []


def manual(key: str, certificate: str) -> dict[str, Any]:
    https = {"enabled": True, "type": "manual", "manual": {"key": key, "cert": certificate}}
    return {"proxy": {"https": https}}


@pytest.fixture(scope="session")
def pem() -> dict[str, str]:
    data = yaml.safe_load((ROOT / "chart/ci/https-manual-values.yaml").read_text())
    return dict(data["proxy"]["https"]["manual"])


def other_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def pem_problems(given: dict[str, Any], write: Callable[..., list[Path]]) -> list[Problem]:
    result = make_report(write(yaml.safe_dump(given)), run=False)
    assert "PRIVATE KEY-----\\nM" not in formats.as_json(result)
    return [p for p in result.problems if p.rule == "pem"]


def test_a_certificate_and_its_key_are_taken(
    pem: dict[str, str], write: Callable[..., list[Path]]
) -> None:
    given = manual(pem["key"], pem["cert"])
    assert pem_problems(given, write) == []
    assert render(given)


def test_a_key_of_another_certificate_is_reported(
    pem: dict[str, str], write: Callable[..., list[Path]]
) -> None:
    (problem,) = pem_problems(manual(other_key(), pem["cert"]), write)
    assert "does not belong" in problem.message


@pytest.mark.parametrize("part", ["key", "cert"])
@pytest.mark.parametrize("damage", ["placeholder", "one line", "no end", "text"])
def test_pem_that_cannot_be_read_is_refused(
    part: str, damage: str, pem: dict[str, str], write: Callable[..., list[Path]]
) -> None:
    lines = pem[part].splitlines()
    broken = {
        "placeholder": "\n".join([lines[0], "...", lines[-1]]),
        "one line": " ".join(lines).replace(" ", ""),
        "no end": "\n".join(lines[:-1]),
        "text": "key",
    }[damage]
    given = manual(**{"key": pem["key"], "certificate": pem["cert"],
                      {"key": "key", "cert": "certificate"}[part]: broken})  # fmt: skip
    (problem,) = pem_problems(given, write)
    assert problem.key == f"proxy.https.manual.{part}"
    if damage != "text":
        with pytest.raises(helm_python.HelmError, match=f"proxy.https.manual.{part}"):
            render(given)
