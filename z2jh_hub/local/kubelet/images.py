"""The command that runs instead of a container image.

A machine without a container runtime cannot run an image, so a pod's main container runs this
environment's own `jupyterhub-singleuser`, whatever single-user image it names. Other images run
only when a rule (from `custom.dev.images` or `--image`) says what to run for them.
"""

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

DEFAULT_CMD = ["jupyterhub-singleuser"]

# Start scripts of well-known single-user images, and the command that replaces each.
STARTERS = {
    "start-singleuser.sh": DEFAULT_CMD,
    "start-singleuser.py": DEFAULT_CMD,
    "start-notebook.sh": DEFAULT_CMD,
    "start-notebook.py": DEFAULT_CMD,
    "start.sh": [],
    "repo2docker-entrypoint": [],
    "tini": [],
    "--": [],
}

# Jupyter servers refuse to run as root without --allow-root.
NEEDS_ALLOW_ROOT = {"jupyterhub-singleuser", "jupyter-labhub", "jupyter-lab", "jupyter-notebook"}


@dataclass(frozen=True)
class ImageRule:
    """`pattern`: a glob over image references, with or without tag; `command`: what runs instead.

    In the command, `{ip}` and `{port}` are the pod's, and an item `{args}` is replaced by the
    container's own arguments (which are otherwise left out). An empty command means: run the
    command and arguments of the container unchanged, from the PATH of this machine.
    """

    pattern: str
    command: tuple[str, ...]

    def matches(self, image: str) -> bool:
        return any(fnmatchcase(name, self.pattern) for name in {image, untagged(image)})


def untagged(image: str) -> str:
    """Return the image reference without its tag and digest."""
    name = image.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    return head + slash + tail.partition(":")[0]


def parse_rule(text: str) -> ImageRule:
    """Parse a rule `PATTERN=COMMAND`. Raise ValueError without an `=`."""
    pattern, equals, command = text.partition("=")
    if not equals or not pattern:
        raise ValueError(f"an image rule is PATTERN=COMMAND, e.g. 'rocker/*=bash -l': got {text!r}")
    return ImageRule(pattern, tuple(shlex.split(command)))


class Images:
    """The rules. The first one that matches an image is used."""

    def __init__(self, rules: Iterable[ImageRule] = (), *, root: bool | None = None) -> None:
        self.rules = tuple(rules)
        self.root = os.geteuid() == 0 if root is None else root

    def argv(
        self, container: Mapping[str, Any], *, main: bool, ip: str, port: int
    ) -> list[str] | None:
        """Return the command line for a container, or None if there is no rule for its image.

        `main`: the first container of the pod, which needs no rule.
        """
        image = container.get("image") or ""
        command = list(container.get("command") or [])
        args = list(container.get("args") or [])
        rule = next((rule for rule in self.rules if rule.matches(image)), None)
        if rule is None:
            return self._default(command, args) if main else None
        if command or not rule.command:
            return command + args or None
        return _filled(rule.command, args, ip, port)

    def _default(self, command: list[str], args: list[str]) -> list[str]:
        argv = _without_starters(command + (args or ([] if command else DEFAULT_CMD)))
        program = PurePosixPath(argv[0]).name
        if self.root and program in NEEDS_ALLOW_ROOT and "--allow-root" not in argv:
            argv.append("--allow-root")
        return argv


def _without_starters(argv: list[str]) -> list[str]:
    head = PurePosixPath(argv[0]).name
    if head not in STARTERS:
        # the absolute path in the image does not exist here: use the PATH
        return [head, *argv[1:]] if head in NEEDS_ALLOW_ROOT else argv
    rest = STARTERS[head] + argv[1:]
    return _without_starters(rest) if rest and rest != argv else DEFAULT_CMD[:]


def _filled(command: Sequence[str], args: list[str], ip: str, port: int) -> list[str]:
    argv: list[str] = []
    for item in command:
        if item == "{args}":
            argv += args
        else:
            argv.append(item.replace("{ip}", ip).replace("{port}", str(port)))
    return argv


def why_not(container: Mapping[str, Any], images: Images) -> str:
    """Return why a container other than the main one cannot run here; "" if it can."""
    security = container.get("securityContext") or {}
    if security.get("privileged"):
        return "it is privileged, which is not supported in local mode"
    wanted = (security.get("capabilities") or {}).get("add") or []
    if wanted:
        return f"it adds the capabilities {', '.join(wanted)}, which is not supported in local mode"
    if not images.argv(container, main=False, ip="", port=0):
        image = container.get("image") or ""
        return f"no command is configured for {image}; set custom.dev.images, or use --image"
    return ""
