"""The programs that build and run images: docker, podman, or buildah with podman to run them.

`IMAGE_BUILDER` selects one. Steps of a build that are not cached are printed to stderr. If
`../shared` exists beside the checkout (or `Z2JH_SHARED` names it), its `container-build-env`
prepares buildah and podman for a machine without access to a registry.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

# the limits of a pod in a namespace with `restricted` Pod Security, and no network
CONFINED = (
    "--rm",
    "--network=none",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--security-opt=label=disable",  # SELinux would deny access to the mounts
)

# how buildah, podman, docker and BuildKit announce a step that takes time, and their next line
# if the step is cached
_STEP = re.compile(
    r"^(?:(?:\[\d+/\d+\] )?STEP \d+/\d+:|Step \d+/\d+ :|#\d+ \[.*\d+/\d+\]) (?:RUN|COPY|ADD) "
)
_CACHED = re.compile(r"Using cache|^#\d+ CACHED")
STEP_WIDTH = 110
LINES_OF_A_FAILURE = 60


def steps(lines: Iterable[str]) -> Iterator[str]:
    """Yield the steps that are not cached, which the line after each of them shows."""
    announced = ""
    for line in filter(None, map(str.strip, lines)):
        if announced and not _CACHED.search(line):
            yield announced
        announced = line if _STEP.match(line) else ""


class EngineError(Exception):
    """An error message for the administrator, to print without a traceback."""


class Engine:
    """docker, or podman, which has the same commands."""

    prefix = ""
    build_command: Sequence[str] = ("build",)

    def __init__(self, program: str):
        self.program = program

    def call(self, *arguments: str, **how: object) -> str:
        """Run the program and return its output. Raises EngineError with that output."""
        command = [self.program, *arguments]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, **how)  # type: ignore[call-overload]
        if done.returncode:
            raise EngineError(f"exit {done.returncode} of {shlex.join(command)}\n{done.stdout}")
        return str(done.stdout)

    def build(
        self,
        context: Path,
        dockerfile: Path,
        tags: Sequence[str],
        arguments: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Build `dockerfile`. Raises EngineError with the end of the builder's output."""
        options = [f"--build-arg={argument}" for argument in arguments]
        for key, value in (labels or {}).items():
            options.append(f"--label=org.opencontainers.image.{key}={value}")
        for tag in tags:
            options.append(f"--tag={self.prefix}{tag}")
        self._build("--file", str(dockerfile), *options, str(context))

    def _build(self, *arguments: str) -> None:
        self.follow(*self.build_command, *arguments)

    def follow(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Run the program and print the steps of its build."""
        command, output = [self.program, *arguments], list[str]()
        pipe = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, env=env, errors="replace", **pipe) as builder:  # type: ignore[call-overload]

            def lines() -> Iterator[str]:
                for line in builder.stdout:
                    output.append(line)
                    yield line

            for step in steps(lines()):
                sys.stderr.write(f"   {' '.join(step.split())[:STEP_WIDTH]}\n")
        if builder.returncode:
            end = "".join(output[-LINES_OF_A_FAILURE:])
            raise EngineError(f"exit {builder.returncode} of {shlex.join(command)}\n{end}")

    def run(self, image: str, user: str, options: Sequence[str], *command: str) -> str:
        """Run `command` in the image with the limits of `CONFINED`; return its output."""
        confined = [*CONFINED, f"--user={user}", *options]
        return self.call("run", *confined, f"{self.prefix}{image}", *command)

    def identity(self, image: str) -> str:
        """Return the digest of the image configuration, which is the same everywhere."""
        digest = self.call("image", "inspect", "--format={{.Id}}", f"{self.prefix}{image}").strip()
        return digest if digest.startswith("sha256:") else f"sha256:{digest}"

    def save(self, image: str, archive: Path, name: str = "") -> None:
        """Write an archive like `docker save`, in which the image has the name `name`."""
        archive.unlink(missing_ok=True)
        if name:
            self.call("tag", f"{self.prefix}{image}", name)
        self._save(archive, name or f"{self.prefix}{image}")

    def _save(self, archive: Path, name: str) -> None:
        self.call("save", "--output", str(archive), name)


class Podman(Engine):
    prefix = "localhost/"

    def __init__(self, buildah: str = "", environment: Mapping[str, str] | None = None):
        super().__init__("podman")
        self.buildah, self.environment = buildah, {**os.environ, **(environment or {})}

    def call(self, *arguments: str, **how: object) -> str:
        return super().call(*arguments, **{"env": self.environment, **how})

    def _save(self, archive: Path, name: str) -> None:
        self.call("save", "--quiet", "--output", str(archive), name)

    def _build(self, *arguments: str) -> None:
        if not self.buildah:
            self.follow(*self.build_command, *arguments, env=self.environment)
            return
        Engine(self.buildah).follow("bud", "--layers", *arguments, env=self.environment)


class PreparedPodman(Podman):
    """Buildah and podman as `../shared/tools/container-build-env` prepares them."""

    def __init__(self, script: Path):
        printed = 'source "$0" >&2; echo "$CONTAINER_BUILD_ROOT"; echo "$CONTAINERS_STORAGE_CONF"'
        done = subprocess.run(
            ["bash", "-c", printed, str(script)], text=True, stdout=subprocess.PIPE, check=True
        )
        self.root, storage = done.stdout.splitlines()[-2:]
        running = {"CONTAINERS_STORAGE_CONF": storage, "CONTAINERS_CONF": f"{self.root}/run.conf"}
        super().__init__("buildah", running)

    def _build(self, *arguments: str) -> None:
        environment = {**self.environment, "CONTAINERS_CONF": f"{self.root}/build.conf"}
        how = ("--isolation=chroot", "--pull-never", "--layers")
        Engine(self.buildah).follow("bud", *how, *arguments, env=environment)


def find(root: Path) -> Engine:
    """Return the engine of this machine. Raises EngineError if there is none."""
    shared = Path(os.environ.get("Z2JH_SHARED") or root.parent / "shared")
    script = shared / "tools" / "container-build-env"
    named = os.environ.get("IMAGE_BUILDER")
    if not named and script.exists() and os.geteuid() == 0:
        return PreparedPodman(script)
    program = named or next(filter(shutil.which, ("docker", "podman")), "")
    name = Path(program).name
    needed = {"docker": [program], "podman": [program], "buildah": [program, "podman"]}.get(name)
    if not needed:
        raise EngineError(
            "docker, podman or buildah is needed to build images"
            + (f", not IMAGE_BUILDER={named}" if named else ", and none is installed")
        )
    if missing := [one for one in needed if not shutil.which(one)]:
        raise EngineError(f"{missing[0]} is not installed; {' and '.join(needed)} are needed")
    if name == "docker":
        return Engine(program)
    return Podman(buildah=program if name == "buildah" else "")
