"""This project's pages extend JupyterHub's; the deployment's own templates take precedence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.fixtures import cluster, kubeconfig, proxy_api, start_hub
from support.people import ANYBODY, Person

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]

OWN = {
    "page.html": '{% extends "templates/page.html" %}'
    "{% block footer %}<p>Footer of {{ campus }}</p>{% endblock %}",
    "home.html": '{% extends "templates/home.html" %}'
    "{% block main %}<p>Our home</p>{{ super() }}{% endblock %}",
    "spawn.html": '{% extends "templates/spawn.html" %}'
    "{% block heading %}<h1>Our servers</h1>{% endblock %}",
}
VARIABLES = {"announcement": "Maintenance on Friday", "campus": "Campus North"}
PROFILES = [{"display_name": "Small"}, {"display_name": "Large"}]


def test_templates_of_the_deployment_take_precedence(
    start_hub: Callable[..., Any], kubeconfig: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, text in OWN.items():
        (folder / name).write_text(text)
    values = {
        "hub": {"config": ANYBODY, "templatePaths": [str(folder)], "templateVars": VARIABLES},
        "singleuser": {"profileList": PROFILES},
    }
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        ada = Person(hub, "ada")
        home = ada.get("home")[1]
        assert "Our home" in home
        assert "Start My Server" in home
        spawn = ada.get("spawn")[1]
        assert "Our servers" in spawn
        assert "Choose a server" in spawn
        # a page of this project uses the deployment's base template and variables
        stopped = ada.get("spawn-pending/ada")[1]
        assert "Your server is not running" in stopped
        for page in (home, spawn, stopped):
            assert "Footer of Campus North" in page
            assert "Maintenance on Friday" in page


def test_every_page_has_a_main_landmark(start_hub: Callable[..., Any], kubeconfig: Path) -> None:
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(kubeconfig)) as hub:
        ada = Person(hub, "ada")
        for path in ("home", "token", "spawn-pending/ada", "logout"):
            assert ada.html(path)[1].count("<main") == 1, path
