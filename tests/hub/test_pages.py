"""Our pages extend JupyterHub's; the deployment's own templates come before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import cluster, kubeconfig, proxy_api, start_hub
from support.hubs import wait_until
from support.people import ANYBODY, Person
from support.servers import begin, ready

from z2jh_hub.hub import pages
from z2jh_hub.spawner.texts import TEXTS

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]

# what deployments do with templates: their own base, which every page uses; parts of pages
# changed in blocks of JupyterHub's page; their own page with JupyterHub's variables
PAGE = """{% extends "templates/page.html" %}
{% block logo %}<img src="/logo.svg" alt="Campus">{% endblock %}
{% block nav_bar_left_items %}{{ super() }}<a href="/help">Help of {{ campus }}</a>{% endblock %}
{% block footer %}<p>Footer of {{ campus }}</p>{% endblock %}"""
HOME = """{% extends "templates/home.html" %}
{% block main %}<p>Our home</p>{{ super() }}{% endblock %}"""
OWN_HOME = """{% extends "page.html" %}
{% block main %}<h1>Hello {{ user.name }}</h1>
{% if default_server.active %}<a id="stop">Stop</a>{% endif %}
<a id="start" href="{{ url }}">{{ "Open" if default_server.active else "Begin" }}</a>
{% endblock %}"""
SPAWN = """{% extends "templates/spawn.html" %}
{% block heading %}<h1>Our servers</h1>{% endblock %}"""
OWN_SPAWN = """{% extends "page.html" %}
{% block main %}<h1>Pick one</h1>{% if error_message %}<p>Sorry: {{ error_message }}</p>{% endif %}
<form method="post" action="{{ url }}" enctype="multipart/form-data">
{{ spawner_options_form | safe }}<input type="submit" value="Go"></form>{% endblock %}"""
VARIABLES = {"announcement": "Maintenance on Friday", "campus": "Campus North"}
PROFILES = [{"display_name": "Small"}, {"display_name": "Large"}]


@pytest.fixture
def person(
    start_hub: Callable[..., Any], kubeconfig: Path, tmp_path: Path
) -> Iterator[Callable[..., Person]]:
    """Return a function that starts a hub with templates, and logs Ada in."""
    with ExitStack() as stack:

        def start(templates: dict[str, str], **variables: Any) -> Person:
            folder = tmp_path / "templates"
            folder.mkdir()
            for name, text in templates.items():
                (folder / name).write_text(text)
            values = {
                "hub": {
                    "config": ANYBODY,
                    "templatePaths": [str(folder)],
                    "templateVars": {**VARIABLES, **variables},
                },
                "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
            }
            hub = stack.enter_context(start_hub(values, KUBECONFIG=str(kubeconfig)))
            return Person(hub, "ada")

        yield start


def test_own_base_applies_to_every_page(person: Callable[..., Person]) -> None:
    ada = person({"page.html": PAGE})
    begin(ada.hub, ["ada"])
    for path in ("home", "spawn/ada/other", "token", "nowhere"):
        html = ada.html(path)[1]
        for text in ("Help of Campus North", "Footer of Campus North", 'alt="Campus"'):
            assert text in html, path
        assert "Maintenance on Friday" in html
    ada.hub.api("users/ada/server", "DELETE")
    wait_until(lambda: not ready(ada.hub), ada.hub.process, ada.hub.log)
    stopped = ada.get("spawn-pending/ada")[1]
    assert "Your server is not running" in stopped
    assert "Footer of Campus North" in stopped


@pytest.mark.parametrize(
    ("home", "stopped", "running"),
    [
        (HOME, ("Our home", "Start My Server"), ("Our home", "Stop My Server")),
        (OWN_HOME, ("Hello ada", "Begin"), ("Hello ada", "Open")),
    ],
)
def test_own_home_is_shown(
    home: str, stopped: tuple[str, ...], running: tuple[str, ...], person: Callable[..., Person]
) -> None:
    ada = person({"home.html": home})
    page = ada.get("home")[1]
    for text in stopped:
        assert text in page
    assert "Your servers" not in page
    begin(ada.hub, ["ada"])
    page = ada.get("home")[1]
    for text in running:
        assert text in page


@pytest.mark.parametrize(("spawn", "heading"), [(SPAWN, "Our servers"), (OWN_SPAWN, "Pick one")])
def test_own_spawn_page_has_the_form_and_starts_a_server(
    spawn: str, heading: str, person: Callable[..., Person]
) -> None:
    ada = person({"spawn.html": spawn})
    page = ada.get("spawn")[1]
    assert heading in page
    assert "Choose a server" in page
    assert "is not available to you" in ada.post("spawn/ada", profile="huge")[1]
    ada.post("spawn/ada", profile="large")
    wait_until(lambda: "ada" in ready(ada.hub), ada.hub.process, ada.hub.log)
    assert ada.hub.api("users/ada")[1]["servers"][""]["user_options"] == {"profile": "large"}


def test_a_deployment_translates_the_texts(person: Callable[..., Person]) -> None:
    texts = {
        "home": "Deine Server",
        "start": "Meinen Server starten",
        "choose_profile": "Server wählen",
        "form_start": "Starten",
        "stopped_service": "Um {at} gestoppt von {service}.",
        "not_running": "Dein Server {mistake} läuft nicht",  # an override that cannot be filled in
    }
    ada = person({}, texts=texts)
    home = ada.get("home")[1]
    assert "Deine Server" in home
    assert "Meinen Server starten" in home
    form = ada.get("spawn")[1]
    assert "Server wählen" in form
    assert "Starten" in form
    assert "Your server is not running" in ada.get("spawn-pending/ada")[1]
    begin(ada.hub, ["ada"])
    ada.hub.api("users/ada/server", "DELETE")
    wait_until(lambda: not ready(ada.hub), ada.hub.process, ada.hub.log)
    assert "gestoppt von tests." in ada.get("home")[1]


def test_every_text_of_the_templates_exists() -> None:
    for file in Path(pages.TEMPLATES).rglob("*.html"):
        for call, name in re.findall(r'\b(t|named)\("(\w+)"[,)]', file.read_text()):
            assert name in TEXTS, f"{file.name}: {name}"
            assert call == "t" or f"{name}_named" in TEXTS, f"{file.name}: {name}_named"


def test_every_page_has_a_main_landmark(start_hub: Callable[..., Any], kubeconfig: Path) -> None:
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(kubeconfig)) as hub:
        ada = Person(hub, "ada")
        for path in ("home", "token", "spawn-pending/ada", "logout"):
            assert ada.html(path)[1].count("<main") == 1, path
