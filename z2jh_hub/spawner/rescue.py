"""Rescue servers: small servers that start even if the home is full or broken.

The option `rescue` starts a user's default or named server as a rescue server. It can be given in
the form, in a link (`/hub/spawn/NAME?opt-rescue=true`) and in the REST API (`{"rescue": true}`).
It applies to that start only: JupyterHub still remembers the options of the start before.

A rescue server has the home at `rescue_mount_path`, and an empty directory at its usual path. It
has no profile, no lifecycle hooks, and no other container that mounts the home, because one of
these may be what fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from html import escape
from posixpath import normpath
from typing import Any

from jupyterhub.spawner import SpawnException
from jupyterhub.traitlets import ByteSpecification
from jupyterhub.utils import url_path_join
from traitlets import Bool, Float, Unicode, observe

from ..failures import Diagnosis, Fact
from .homes import SafeHomes
from .kubernetes_api import Refused
from .profiles import TEMPLATES
from .quotas import Quota
from .repeated_starts import RepeatedStarts
from .rescue_option import NO, OPTION, YES, option_of
from .start_failures import StartFailed
from .texts import text

LABEL = "z2jh.jupyter.org/rescue"
HOME_VARIABLE = "Z2JH_RESCUE_HOME"

EMPTY_HOME = {"name": "rescue-empty-home", "emptyDir": {"sizeLimit": "256Mi"}}

# Options of Jupyter Server: deleting frees space at once (the trash is in the full home), works for
# directories with files, and hidden files, which most often break a home, are shown
ARGUMENTS = (
    "--FileContentsManager.delete_to_trash=False",
    "--FileContentsManager.always_delete_dir=True",
    "--ContentsManager.allow_hidden=True",
)


class RescueServers(RepeatedStarts, SafeHomes):
    """A KubeSpawner that starts a user's server as a rescue server on request."""

    rescue_enabled = Bool(True, config=True, help="Allow users to start rescue servers.")
    rescue_home = Unicode(
        "/home/jovyan", config=True, help="Path at which an ordinary server mounts the home."
    )
    rescue_mount_path = Unicode(
        "/rescue/home", config=True, help="Path at which a rescue server mounts the home."
    )
    rescue_image = Unicode(
        "", config=True, help="Image of rescue servers. Default: the image of ordinary servers."
    )
    rescue_mem_limit = ByteSpecification("1G", config=True, help="Memory limit of rescue servers.")
    rescue_mem_guarantee = ByteSpecification(
        "256M", config=True, help="Memory request of rescue servers."
    )
    rescue_cpu_limit = Float(1.0, config=True, help="CPU limit of rescue servers.")
    rescue_cpu_guarantee = Float(0.05, config=True, help="CPU request of rescue servers.")

    #: whether this server is, or is being started as, a rescue server
    rescuing = False

    def run_options_from_form(self, form_data: dict[str, Any]) -> Any:
        return self._or_rescue(form_data, super().run_options_from_form)

    def options_from_query(self, query_data: dict[str, Any]) -> Any:
        return self._or_rescue(query_data, super().options_from_query)

    def _or_rescue(self, data: dict[str, Any], parse: Any) -> Any:
        """Return the options in `data`; those of a rescue server are only the rescue itself."""
        if option_of(data) in NO:
            return parse({key: value for key, value in data.items() if key != OPTION})
        return {OPTION: option_of(data)}

    @observe("user_options")
    def _keep_remembered_options(self, change: Any) -> None:
        # JupyterHub has just stored these options as the default of the next start
        if option_of(change.new) not in NO and self.orm_spawner:
            before = change.old if isinstance(change.old, dict) else {}
            self.orm_spawner.user_options = before if option_of(before) in NO else {}

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        option = option_of(self.user_options)
        if option not in YES | NO:
            message = f"The option rescue must be true or false, not {option}."
            raise SpawnException(message, reason=OPTION, status_code=400)
        self.rescuing = option in YES
        if self.rescuing and not self.rescue_enabled:
            message = (
                "Rescue servers are disabled on this hub. Ask its administrators to check your "
                "files."
            )
            raise SpawnException(message, reason=OPTION, status_code=403)
        super().check_start(profile_list)
        if self.rescuing:
            self.profile_slug = ""

    @property
    def quota(self) -> Quota:
        """The quota of servers applies to rescue servers; those of profiles and hours do not."""
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
                raise Refused(Fact("home", "None", f"the user {self.user.name} has no claim"))
            # a hub that may not list claims has not decided yet whose this one is
            self._refuse_claim(claim["metadata"], self._home_claimant)
            return str(self.pvc_name)
        return name

    def _become_rescue(self) -> None:
        """Change this server's traits to those of a rescue server."""
        home = self._home_mount()
        if home is None:
            raise Refused(Fact("home", "Unmounted", f"nothing is mounted at {self.rescue_home}"))
        for trait, value in {**self._small(), **self._with_home_moved(home)}.items():
            setattr(self, trait, value)

    def _small(self) -> dict[str, Any]:
        """Return traits that make a server small, without the parts that may fail."""
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

    def _with_home_moved(self, home: dict[str, Any]) -> dict[str, Any]:
        """Return traits that move the home from its mount `home` to `rescue_mount_path`."""
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
        """Return the mount of the home: the one at `rescue_home`, or the first of the claim."""
        mounts = _mappings(self._sorted_dict_values(self.volume_mounts))
        home = self._expand_path(self.rescue_home)
        at_home = [each for each in mounts if self._expand_path(each.get("mountPath")) == home]
        claims = {
            each.get("name")
            for each in _mappings(self._sorted_dict_values(self.volumes))
            if "{pvc_name}" in str(each.get("persistentVolumeClaim"))
        }
        candidates = at_home or [each for each in mounts if each.get("name") in claims]
        return candidates[0] if candidates else None

    def _expand_path(self, path: str | None) -> str:
        return normpath(str(self._expand_all(path or ".")))

    def _without(self, volume: str, containers: Any) -> list[Any]:
        """Return the containers that do not mount a volume."""
        every = self._sorted_dict_values(containers)
        return [each for each in every if volume not in _mounted(each)]

    def form_parts(self) -> dict[str, str]:
        html = (TEMPLATES / "rescue.html").read_text() if self.rescue_enabled else ""
        about = text("rescue_option", self.texts, path=self.rescue_mount_path)
        for name in ("full_or_broken", "rescue"):
            html = html.replace(f"<!-- text {name} -->", text(name, self.texts))
        return {**super().form_parts(), "rescue": html.replace("<!-- about -->", about)}

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        if self.rescuing:
            path = self.rescue_mount_path
            yield {"message": f"Starting a rescue server, with your files in {path}"}
        events: Any = super().progress()
        async with aclosing(events):
            async for event in events:
                yield event

    def _start_failure(self, diagnosis: Diagnosis) -> StartFailed:
        """Offer a rescue server if one may help: as text for the API, as a link for the page."""
        if not (diagnosis.failure.rescue and self._can_be_rescued()):
            return super()._start_failure(diagnosis)
        path, url = self.rescue_mount_path, self.rescue_url
        offer = f"You can start a rescue server instead, which has your files in {path}"
        button = '<a role="button" class="btn btn-lg btn-secondary" href="{}">{}</a>'
        failed = StartFailed(
            diagnosis,
            f'{offer}: {url} or {{"rescue": true}} in the API.',
            f"{escape(offer)}.</p>\n<p>" + button.format(escape(url), "Start a rescue server"),
        )
        failed.rescue_url = url
        return failed

    def form_fields(self) -> dict[str, str]:
        if option_of(self.user_options) in YES:
            return {OPTION: "true"}
        return super().form_fields()

    def _can_be_rescued(self) -> bool:
        has_home = self._home_mount() and (self._pvc_exists or not self.storage_pvc_ensure)
        return bool(self.rescue_enabled and not self.rescuing and has_home)

    @property
    def rescue_url(self) -> str:
        """The link that starts this server as a rescue server."""
        page = url_path_join(self.hub.base_url, "spawn", self.user.escaped_name, self.name)
        return f"{page.rstrip('/')}?opt-{OPTION}=true"


def _mappings(parts: Any) -> list[dict[str, Any]]:
    """Return the parts of a pod that are mappings; configuration may also set client models."""
    return [each for each in parts or () if isinstance(each, dict)]


def _mounted(container: Any) -> set[Any]:
    """Return the names of the volumes that a container mounts."""
    mounts = container.get("volumeMounts") if isinstance(container, dict) else None
    return {each.get("name") for each in mounts or ()}
