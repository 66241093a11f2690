"""`images/build`: its commands for docker, podman and buildah, and how it reads their output."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

IMAGES = Path(__file__).parents[2] / "images"
sys.path.insert(0, str(IMAGES))

from tools import engines, sizes, smoke  # noqa: E402

pytestmark = pytest.mark.processes

BUILDKIT = """\
#1 [internal] load build definition from Dockerfile
#5 [dependencies 2/8] RUN apt-get update
#5 CACHED
#6 [dependencies 8/8] RUN python /build/finish.py
#6 0.412 quiet
#7 exporting to image
"""
BUILDAH = """\
[1/3] STEP 1/10: FROM python AS dependencies
[1/3] STEP 2/10: RUN apt-get update
--> Using cache 0c7a
[1/3] STEP 8/10: RUN python /build/finish.py
--> 1f9e
"""
DOCKER = """\
Step 2/10 : RUN apt-get update
 ---> Using cache
Step 8/10 : RUN python /build/finish.py
 ---> Running in 1f9e
"""


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the log of substitute programs, which write one argument per line to it."""
    log = tmp_path / "called"
    for name in ("docker", "podman", "buildah"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" >>{log}\necho abc\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("Z2JH_SHARED", str(tmp_path))
    return log


@pytest.mark.parametrize(
    ("named", "command", "prefix"),
    [
        ("", ["docker", "build"], ""),
        ("docker", ["docker", "build"], ""),
        ("podman", ["podman", "build"], "localhost/"),
        ("buildah", ["buildah", "bud", "--layers"], "localhost/"),
    ],
)
def test_build_command(
    called: Path, monkeypatch: pytest.MonkeyPatch, named: str, command: list[str], prefix: str
) -> None:
    monkeypatch.setenv("IMAGE_BUILDER", named)
    engine = engines.find(Path("/nowhere"))
    engine.build(Path("/src"), Path("/src/Dockerfile"), ["z:1", "z:1-c"], ["A=b"], {"version": "1"})
    assert called.read_text().splitlines() == [
        *command,
        "--file",
        "/src/Dockerfile",
        "--build-arg=A=b",
        "--label=org.opencontainers.image.version=1",
        f"--tag={prefix}z:1",
        f"--tag={prefix}z:1-c",
        "/src",
    ]


@pytest.mark.parametrize(
    ("named", "runner", "prefix"),
    [
        ("docker", "docker", ""),
        ("podman", "podman", "localhost/"),
        ("buildah", "podman", "localhost/"),
    ],
)
def test_an_image_runs_with_restricted_rights(
    called: Path, monkeypatch: pytest.MonkeyPatch, named: str, runner: str, prefix: str
) -> None:
    monkeypatch.setenv("IMAGE_BUILDER", named)
    smoke.run(engines.find(Path("/nowhere")), "z:1", "singleuser", Path("/lock.txt"))
    arguments = called.read_text().splitlines()
    assert arguments[:2] == [runner, "run"]
    assert {
        "--rm",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=1000:100",
        "--volume=/lock.txt:/smoke-lock/requirements.txt:ro",
    } <= set(arguments)
    assert arguments[-3:] == [f"{prefix}z:1", "python3", "/smoke/singleuser.py"]


@pytest.mark.parametrize("named", ["docker", "podman"])
def test_an_image_is_saved_and_identified(
    called: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("IMAGE_BUILDER", named)
    engine = engines.find(Path("/nowhere"))
    engine.save("z:1", tmp_path / "z.tar")
    assert engine.identity("z:1") == "sha256:abc"
    arguments = called.read_text()
    assert f"--output\n{tmp_path / 'z.tar'}" in arguments
    assert "inspect\n--format={{.Id}}" in arguments


def test_an_unknown_builder_is_an_error(called: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_BUILDER", "kaniko")
    with pytest.raises(engines.EngineError, match="not IMAGE_BUILDER=kaniko"):
        engines.find(Path("/nowhere"))


def test_buildah_needs_podman_to_run_what_it_builds(
    called: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE_BUILDER", "buildah")
    monkeypatch.setenv("PATH", str(called.parent / "bin"))
    (called.parent / "bin/podman").unlink()
    with pytest.raises(engines.EngineError, match="podman is not installed"):
        engines.find(Path("/nowhere"))


def test_a_failure_ends_with_the_output_of_the_builder(called: Path) -> None:
    program = called.parent / "bin/docker"
    program.write_text("#!/bin/sh\necho no such base >&2\nexit 3\n")
    with pytest.raises(engines.EngineError, match=r"exit 3 of docker build(.|\n)*no such base"):
        engines.Engine("docker").build(Path("/src"), Path("/src/Dockerfile"), ["z:1"])


@pytest.mark.parametrize(
    "output", [BUILDKIT, BUILDAH, DOCKER], ids=["buildkit", "buildah", "docker"]
)
def test_only_steps_that_are_not_cached_are_shown(output: str) -> None:
    shown = list(engines.steps(output.splitlines()))
    assert [line.split("RUN ")[1] for line in shown] == ["python /build/finish.py"]


def layer(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


@pytest.fixture
def measured(tmp_path: Path) -> dict[str, Any]:
    """Return the sizes of an image whose base has two layers."""
    config = {
        "history": [
            {"created_by": "# debian.sh"},
            {"created_by": "RUN /bin/sh -c make install # buildkit"},
            {"created_by": 'CMD ["python3"]', "empty_layer": True},
            {"created_by": "RUN |1 A=b /bin/sh -c apt-get install tini # buildkit"},
            {"created_by": "/bin/sh -c #(nop) COPY dir:12 in /"},
        ]
    }
    packages = "usr/local/lib/python3.13/site-packages"
    layers = [
        {"bin/sh": b"x" * 5000},
        {f"{packages}/pip/a.py": b"x" * 5000},
        {"usr/bin/tini": b"x" * 100},
        {f"{packages}/big/a.py": bytes(range(256)) * 8, f"{packages}/flat/a.py": b"x" * 4096},
    ]
    blobs = {f"{number}.tar": layer(files) for number, files in enumerate(layers)}
    manifest = [{"Config": "config.json", "Layers": list(blobs)}]
    texts = {"manifest.json": manifest, "config.json": config}
    whole = {**blobs, **{name: json.dumps(content).encode() for name, content in texts.items()}}
    archive = tmp_path / "image.tar"
    archive.write_bytes(layer(whole))
    return sizes.facts(sizes.read(archive))


def test_layers_of_the_base_are_marked(measured: dict[str, Any]) -> None:
    layers = [(one["base"], one["stored"]) for one in measured["layers"]]
    assert layers == [(True, 5000), (True, 5000), (False, 100), (False, 2048 + 4096)]
    assert measured["layers"][2]["made_by"].startswith("apt-get install")
    assert measured["layers"][3]["made_by"].startswith("COPY")


def test_packages_above_the_base_are_sorted_by_pulled_size(measured: dict[str, Any]) -> None:
    stored = {one["name"]: one["stored"] for one in measured["packages"]}
    assert stored == {"big": 2048, "flat": 4096, "/usr/bin": 100}
    assert measured["packages"][0]["name"] == "big"


def test_the_table_shows_sums(measured: dict[str, Any]) -> None:
    lines = [line.split() for line in sizes.table(measured)]
    assert ["the", "base"] in [line[2:] for line in lines]
    assert ["above", "the", "base"] in [line[2:] for line in lines]
