"""Template variables, template directories and template files of the hub's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ...config.values import Values
from ..pages import add_templates
from .parts import Part, Trait

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config


def _environments(hub: JupyterHub) -> Iterator[Any]:
    """Yield Jinja's environments for pages and for errors, which share one loader."""
    for name in ("jinja2_env", "jinja2_env_sync"):
        yield hub.tornado_application.settings[name]


def _forget(hub: JupyterHub) -> None:
    """Clear the caches: Jinja does not notice a template that now takes precedence."""
    for environment in _environments(hub):
        environment.cache.clear()


@dataclass(frozen=True)
class Variables(Trait):
    """The template variables, such as `announcement`."""

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        super().change(hub, values, c)
        hub.tornado_application.settings["template_vars"] = hub.template_vars
        hub.tornado_settings["template_vars"] = hub.template_vars  # of the forms of spawners


@dataclass(frozen=True)
class Folders(Trait):
    """The template directories that take precedence over JupyterHub's own."""

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        from jinja2 import FileSystemLoader

        super().change(hub, values, c)
        add_templates(hub)
        hub.tornado_application.settings["template_path"] = hub.template_paths
        for environment in _environments(hub):
            for loader in environment.loader.loaders:
                if isinstance(loader, FileSystemLoader):
                    loader.searchpath = list(hub.template_paths)
        _forget(hub)


# the pod that the chart renders has other mounts
MOUNTS_CHANGED = "a file is mounted when the hub's pod starts"


@dataclass(frozen=True)
class Files(Part):
    """Templates in `hub.extraFiles`.

    Kubernetes does not update files that are mounted with subPath, so the new text is read from the
    values.
    """

    def configured(self, hub: JupyterHub, values: Values, c: Config) -> Any:
        return dict(_files(values))

    def hindrance(self, hub: JupyterHub, old: Values, new: Values) -> str:
        before, after = dict(_files(old)), dict(_files(new))
        if before.keys() != after.keys():
            return MOUNTS_CHANGED
        changed = [path for path in after if before[path] != after[path]]
        if any(_name(hub, path) is None for path in changed):
            return "it is not the template of a page, and is mounted when the hub's pod starts"
        return ""

    def change(self, hub: JupyterHub, values: Values, c: Config) -> None:
        from jinja2 import ChoiceLoader, DictLoader

        named = {name: text for path, text in _files(values) if (name := _name(hub, path))}
        first = next(_environments(hub)).loader
        assert isinstance(first, ChoiceLoader)
        first.loaders = [each for each in first.loaders if not isinstance(each, DictLoader)]
        first.loaders.insert(0, DictLoader(named))
        _forget(hub)


def _files(values: Values) -> Iterator[tuple[str, str]]:
    """Yield the mount path and text of each template."""
    files = values.get("hub.extraFiles")
    for file in files.values() if isinstance(files, dict) else ():
        path, text = (file or {}).get("mountPath"), (file or {}).get("stringData")
        if isinstance(path, str) and path.endswith(".html") and isinstance(text, str):
            yield path, text


def _name(hub: JupyterHub, path: str) -> str | None:
    """Return the hub's name for the template at `path`; None if it is in no template directory."""
    for folder in hub.template_paths:
        if PurePosixPath(path).is_relative_to(folder):
            return str(PurePosixPath(path).relative_to(folder))
    return None


VARIABLES = Variables(("hub.templateVars", "hub.config.JupyterHub.template_vars"), "template_vars")
FOLDERS = Folders(("hub.templatePaths", "hub.config.JupyterHub.template_paths"), "template_paths")
FILES = Files(("hub.extraFiles.*.stringData",))
