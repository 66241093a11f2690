"""The names that snippets use without importing them, in the hub and in `check`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.check.rules import snippets as rule
from z2jh_hub.config.mounts import Mounts
from z2jh_hub.config.snippet_namespace import NAMES
from z2jh_hub.config.values import Values, from_mounts

Make = Callable[..., Config]

# how deployments use each name, and the result
USES = {
    "AsyncHTTPClient": ("AsyncHTTPClient.__name__", "AsyncHTTPClient"),
    "__file__": ("os.path.basename(__file__)", "jupyterhub_config.py"),
    "c": ("c is get_config()", True),
    "camelCaseify": ("camelCaseify('image_pull_policy')", "imagePullPolicy"),
    "client": ("client.V1Container(name='a').name", "a"),
    "configuration_directory": ("configuration_directory == os.path.dirname(__file__)", True),
    "get_config": ("get_config('custom.word', 'default')", "default"),
    "get_name": ("get_name('hub')", "hub"),
    "get_name_env": ("get_name_env('hub', '_SERVICE_PORT')", "8081"),
    "get_secret_value": ("get_secret_value('none', 'default')", "default"),
    "glob": ("glob.escape('a')", "a"),
    "load_subconfig": ("load_subconfig('not-there.py')", None),
    "os": ("os.sep", "/"),
    "re": ("re.escape('a')", "a"),
    "set_config_if_not_none": ("set_config_if_not_none(c.Spawner, 'debug', 'custom.x')", None),
    "sys": ("bool(sys.path)", True),
    "url_path_join": ("url_path_join('a', 'b')", "a/b"),
    "z2jh": ("z2jh.get_config('custom.word', 'default')", "default"),
}


def snippet(code: str) -> str:
    return yaml.safe_dump({"hub": {"extraConfig": {"a": code}}})


def test_every_name_has_a_test() -> None:
    assert USES.keys() == NAMES


@pytest.mark.parametrize("name", sorted(USES))
def test_a_snippet_uses_a_name_without_importing_it(
    name: str, values: Callable[..., Values], monkeypatch: pytest.MonkeyPatch
) -> None:
    use, expected = USES[name]
    monkeypatch.setenv("HUB_SERVICE_PORT", "8081")
    result = values(snippet(f"c.JupyterHub.template_vars = {{'it': {use}}}"))
    monkeypatch.setattr("z2jh_hub.config.helpers._current", result)
    c = Config()
    configure.build(result, c)
    assert c.JupyterHub.template_vars["it"] == expected
    assert [p.message for p in rule.findings(result)] == []


def test_check_still_reports_an_undefined_name(values: Callable[..., Values]) -> None:
    assert [p.rule for p in rule.findings(values(snippet("print(clientt)")))] == ["python-lint"]


def test_files_next_to_the_configuration_are_loaded_and_imported(
    mounts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = mounts(
        snippet("import beside_the_hub\nload_subconfig('own.py')"),
        {
            "beside_the_hub.py": "WORD = 'imported'",
            "own.py": (
                "c = get_config()\n"
                "import beside_the_hub\n"
                "c.JupyterHub.template_vars = {'word': beside_the_hub.WORD}"
            ),
        },
    )
    monkeypatch.setenv("Z2JH_CONFIG_ROOT", str(root))
    monkeypatch.setattr("sys.path", [*sys.path])
    c = Config()
    configure.build(from_mounts(Mounts(root)), c)
    assert c.JupyterHub.template_vars == {"word": "imported"}


def test_the_kubernetes_client_is_imported_only_for_snippets_that_use_it() -> None:
    code = """
        import sys
        from traitlets.config import Config
        from z2jh_hub.config import snippet_namespace as namespace
        from z2jh_hub.hub import lazy_kubernetes
        lazy_kubernetes.install()
        shared = namespace.of(Config())
        assert not any("kubernetes" in name for name in sys.modules if "z2jh" not in name)
        shared.update(namespace.imported({"client"}))
        shared["client"].V1Container
        assert "kubernetes_asyncio.client.models.v1_pod" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", dedent(code)], check=True, timeout=60)
