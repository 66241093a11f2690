"""Rescue servers: small, with the home mounted elsewhere, for a home that is full or broken.

A user's server, default or named, is started as one by the option `rescue`, which the form, a link
(`/hub/spawn/NAME?opt-rescue=true`) and the REST API (`{"rescue": true}`) know alike. It holds for
that start alone: JupyterHub goes on remembering the options of the start before.

The home is at `rescue_mount_path` then, and where it used to be is an empty directory. What may be
what fails is left out: profile, lifecycle hooks, and every other container that mounts the home.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from html import escape
from posixpath import normpath
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.traitlets import ByteSpecification
from jupyterhub.utils import url_path_join
from traitlets import Bool, Float, Unicode, observe

from ..failures import Fact, Found
from .homes import SafeHomes
from .kubernetes_api import Refused
from .profiles import TEMPLATES
from .quotas import LimitedServers, Quota
from .start_failures import StartFailed

OPTION = "rescue"
YES = frozenset({"true", "1", "yes", "on"})
NO = frozenset({"", "false", "0", "no", "off", "none"})
LABEL = "z2jh.jupyter.org/rescue"
HOME_VARIABLE = "Z2JH_RESCUE_HOME"

EMPTY_HOME = {"name": "rescue-empty-home", "emptyDir": {"sizeLimit": "256Mi"}}

# Jupyter Server's: deleting makes room at once (its trash would be in the full home), a directory
# goes with what is in it, and what begins with a dot, which is what most often breaks, can be seen
ARGUMENTS = (
    "--FileContentsManager.delete_to_trash=False",
    "--FileContentsManager.always_delete_dir=True",
    "--ContentsManager.allow_hidden=True",
)


def option_of(options: Mapping[str, Any] | None) -> str:
    """What is given for `rescue` in a user's options, as one word; of a form's list, the last."""
    given = (options or {}).get(OPTION)
    last = ([None, *given] if isinstance(given, list) else [given])[-1]
    return str(last).strip().lower()


class RescueServers(LimitedServers, SafeHomes):
    """A KubeSpawner that starts a user's server as a rescue server where that is asked for."""

    rescue_enabled = Bool(True, config=True, help="Whether rescue servers are started.")
    rescue_home = Unicode("/home/jovyan", config=True, help="Where a usual server has the home.")
    rescue_mount_path = Unicode("/rescue/home", config=True, help="Where a rescue server has it.")
    rescue_image = Unicode("", config=True, help="A rescue server's image; empty: `image`.")
    rescue_mem_limit = ByteSpecification("1G", config=True, help="A rescue server's mem_limit.")
    rescue_mem_guarantee = ByteSpecification("256M", config=True, help="Its mem_guarantee.")
    rescue_cpu_limit = Float(1.0, config=True, help="A rescue server's cpu_limit.")
    rescue_cpu_guarantee = Float(0.05, config=True, help="Its cpu_guarantee.")

    #: whether this server is, or is about to be, a rescue server
    rescuing = False

    def run_options_from_form(self, form_data: dict[str, Any]) -> Any:
        return self._or_rescue(form_data, super().run_options_from_form)

    def options_from_query(self, query_data: dict[str, Any]) -> Any:
        return self._or_rescue(query_data, super().options_from_query)

    def _or_rescue(self, data: dict[str, Any], usual: Any) -> Any:
        """The options that `data` stands for; nothing else counts where a rescue is asked for."""
        if option_of(data) in NO:
            return usual({key: value for key, value in data.items() if key != OPTION})
        return {OPTION: option_of(data)}

    @observe("user_options")
    def _keep_remembered(self, change: Any) -> None:
        # JupyterHub has just written these options down as those of the next start
        if option_of(change.new) not in NO and self.orm_spawner:
            before = change.old if isinstance(change.old, dict) else {}
            self.orm_spawner.user_options = before if option_of(before) in NO else {}

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        asked = option_of(self.user_options)
        if asked not in YES | NO:
            words = f"rescue is true or false, and not {asked}."
            raise SpawnException(words, reason=OPTION, status_code=400)
        self.rescuing = asked in YES
        if self.rescuing and not self.rescue_enabled:
            words = (
                "This hub starts no rescue servers. Ask its administrators to look at your home."
            )
            raise SpawnException(words, reason=OPTION, status_code=403)
        super().check_start(profile_list)
        if self.rescuing:
            self.profile_slug = ""

    @property
    def quota(self) -> Quota:
        """A rescue is a server like others, but of no profile, and its hours do not count."""
        quota = super().quota
        return replace(quota, hours=None, profiles={}) if self.rescuing else quota

    def get_state(self) -> dict[str, Any]:
        return {**super().get_state(), **({OPTION: True} if self.rescuing else {})}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.rescuing = bool(state.get(OPTION))

    def clear_state(self) -> None:
        super().clear_state()
        self.rescuing = False

    def _load_profile(self, slug: Any, profile_list: Any) -> None:
        if not self.rescuing:
            super()._load_profile(slug, profile_list)

    async def load_user_options(self) -> None:
        await super().load_user_options()
        if self.rescuing:
            self._become_rescue()

    async def _existing_home(self) -> str | None:
        name = await super()._existing_home()
        if name is None and self.rescuing:
            claim = await self._read_home()
            if not claim:
                raise Refused(Fact("home", "None", f"no claim of the user {self.user.name}"))
            # a hub that may not list claims has not decided yet whose this one is
            self._refuse_claim(claim["metadata"], self._home_claimant)
            return str(self.pvc_name)
        return name

    def _become_rescue(self) -> None:
        """Change this server's traits into those of a rescue server."""
        home = self._home_mount()
        if home is None:
            raise Refused(Fact("home", "Unmounted", f"nothing is mounted at {self.rescue_home}"))
        for trait, value in {**self._small(), **self._moved(home)}.items():
            setattr(self, trait, value)

    def _small(self) -> dict[str, Any]:
        """The traits that make a server small, and have nothing run that may be what fails."""
        config = self.extra_container_config
        return {
            "image": self.rescue_image or self.image,
            "mem_limit": self.rescue_mem_limit,
            "mem_guarantee": self.rescue_mem_guarantee,
            "cpu_limit": self.rescue_cpu_limit,
            "cpu_guarantee": self.rescue_cpu_guarantee,
            "extra_resource_limits": {},
            "extra_resource_guarantees": {},
            "lifecycle_hooks": {},
            "extra_container_config": {k: config[k] for k in config if k != "lifecycle"},
            "extra_labels": {**self.extra_labels, LABEL: "true"},
        }

    def _moved(self, home: dict[str, Any]) -> dict[str, Any]:
        """The traits of a server whose home is mounted elsewhere than at the mount `home`."""
        path = self.rescue_mount_path
        others = [each for each in self._sorted_dict_values(self.volume_mounts) if each != home]
        empty = {"name": EMPTY_HOME["name"], "mountPath": home["mountPath"]}
        return {
            "volumes": [*self._sorted_dict_values(self.volumes), EMPTY_HOME],
            "volume_mounts": [{**home, "mountPath": path}, empty, *others],
            "init_containers": self._without(home["name"], self.init_containers),
            "extra_containers": self._without(home["name"], self.extra_containers),
            "working_dir": None,
            "notebook_dir": path,
            "default_url": "",
            "args": [*self.args, *ARGUMENTS] if self.cmd else self.args,
            "environment": {**self.environment, HOME_VARIABLE: path},
        }

    def _home_mount(self) -> dict[str, Any] | None:
        """The mount of the home: the one at `rescue_home`, else the first of the user's claim."""
        mounts = _mappings(self._sorted_dict_values(self.volume_mounts))
        place = self._expand_path(self.rescue_home)
        at_home = [each for each in mounts if self._expand_path(each.get("mountPath")) == place]
        claims = {
            each.get("name")
            for each in _mappings(self._sorted_dict_values(self.volumes))
            if "{pvc_name}" in str(each.get("persistentVolumeClaim"))
        }
        found = at_home or [each for each in mounts if each.get("name") in claims]
        return found[0] if found else None

    def _expand_path(self, path: str | None) -> str:
        return normpath(str(self._expand_all(path or ".")))

    def _without(self, volume: str, containers: Any) -> list[Any]:
        """Those of some containers that do not mount a volume."""
        found = self._sorted_dict_values(containers)
        return [each for each in found if volume not in _mounted(each)]

    def form_parts(self) -> dict[str, str]:
        html = (TEMPLATES / "rescue.html").read_text() if self.rescue_enabled else ""
        offer = html.replace("{place}", escape(self.rescue_mount_path))
        return {**super().form_parts(), "rescue": offer}

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        if self.rescuing:
            place = self.rescue_mount_path
            yield {"message": f"Starting a rescue server, with your files in {place}"}
        events: Any = super().progress()
        async with aclosing(events):
            async for event in events:
                yield event

    def _cannot_start(self, found: Found) -> StartFailed:
        """Where a rescue may help, offer one: in words for the API, with a link for the page."""
        if not (found.failure.rescue and self._can_be_rescued()):
            return super()._cannot_start(found)
        place = self.rescue_mount_path
        words = f"A rescue server can be started instead, which has your files in {place}"
        button = '<a role="button" class="btn btn-lg btn-secondary" href="{}">{}</a>'
        return StartFailed(
            found,
            f'{words}: {self.rescue_url} or {{"rescue": true}} in the API.',
            f"{escape(words)}.</p>\n<p>"
            + button.format(escape(self.rescue_url), "Start a rescue server"),
        )

    def _can_be_rescued(self) -> bool:
        has_home = self._home_mount() and (self._pvc_exists or not self.storage_pvc_ensure)
        return bool(self.rescue_enabled and not self.rescuing and has_home)

    @property
    def rescue_url(self) -> str:
        """The link that starts this server as a rescue server."""
        place = url_path_join(self.hub.base_url, "spawn", self.user.escaped_name, self.name)
        return f"{place.rstrip('/')}?opt-{OPTION}=true"


def _mappings(given: Any) -> list[dict[str, Any]]:
    """Those of a pod's parts that are as in a manifest; code may also give the client's models."""
    return [each for each in given or () if isinstance(each, dict)]


def _mounted(container: Any) -> set[Any]:
    """The names of the volumes that a container mounts."""
    mounts = container.get("volumeMounts") if isinstance(container, dict) else None
    return {each.get("name") for each in mounts or ()}
