"""Which local command stands for a container image.

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

# Start scripts of well-known single-user images, and what each comes down to here.
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

# Jupyter's servers refuse to run as root unless told that it is meant.
NEEDS_ALLOW_ROOT = {"jupyterhub-singleuser", "jupyter-labhub", "jupyter-lab", "jupyter-notebook"}


@dataclass(frozen=True)
class ImageRule:
    """`pattern`: a glob over image references, with or without tag; `command`: what runs instead.

    In the command, `{ip}` and `{port}` are the pod's, and an item `{args}` is replaced by the
    container's own arguments (which are otherwise left out). An empty command means: run the
    container's own command and arguments, as they stand, from this machine's PATH.
    """

    pattern: str
    command: tuple[str, ...]

    def matches(self, image: str) -> bool:
        return any(fnmatchcase(name, self.pattern) for name in {image, untagged(image)})


def untagged(image: str) -> str:
    """The image reference without its tag and digest."""
    name = image.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    return head + slash + tail.partition(":")[0]


def parse_rule(text: str) -> ImageRule:
    """A rule from `PATTERN=COMMAND`; raises ValueError without an `=`."""
    pattern, equals, command = text.partition("=")
    if not equals or not pattern:
        raise ValueError(f"an image rule is PATTERN=COMMAND, e.g. 'rocker/*=bash -l': got {text!r}")
    return ImageRule(pattern, tuple(shlex.split(command)))


class Images:
    """The rules, asked once for each container; the first rule that matches wins."""

    def __init__(self, rules: Iterable[ImageRule] = (), *, root: bool | None = None) -> None:
        self.rules = tuple(rules)
        self.root = os.geteuid() == 0 if root is None else root

    def argv(
        self, container: Mapping[str, Any], *, main: bool, ip: str, port: int
    ) -> list[str] | None:
        """The command line for a container, or None when nothing here can stand for its image.

        `main`: the pod's first container, for which the default rule exists.
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
        # an absolute path of the image is not one of this machine: found by name instead
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
    """Why a container beside the main one cannot be a process here, or nothing."""
    security = container.get("securityContext") or {}
    if security.get("privileged"):
        return "it needs privileges, which a process of this machine is not given"
    wanted = (security.get("capabilities") or {}).get("add") or []
    if wanted:
        return f"it needs the capabilities {', '.join(wanted)}, which a process is not given"
    if not images.argv(container, main=False, ip="", port=0):
        image = container.get("image") or ""
        return f"no rule says what runs for {image} (custom.dev.images in config.yaml, or --image)"
    return ""
