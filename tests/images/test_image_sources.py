"""The sources of the images: dependencies are locked, and no registry is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "images"
DOCKERFILES = sorted(IMAGES.glob("*/Dockerfile"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

# each lock file, and its source
LOCKS = {
    "hub/requirements.txt": "hub/requirements.in",
    "hub/slim.txt": None,
    "singleuser/requirements.txt": "singleuser/requirements.in",
    "sbom/requirements.txt": "sbom/requirements.in",
    "build.txt": "build.in",
}

PIN = re.compile(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)


def pins(lock: str) -> dict[str, str]:
    text = (IMAGES / lock).read_text()
    return {canonicalize_name(name): version for name, version, _ in PIN.findall(text)}


def requirements_of(lock: str) -> list[Requirement]:
    source = LOCKS[lock]
    lines = (IMAGES / source).read_text().splitlines() if source else []
    requirements = [line for line in lines if line and not line.startswith("#")]
    return [
        Requirement(line) for line in [*requirements, *(PROJECT if lock.startswith("hub/") else [])]
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_satisfies_its_requirements(lock: str) -> None:
    locked = pins(lock)
    stale = [
        str(requirement)
        for requirement in requirements_of(lock)
        if locked.get(canonicalize_name(requirement.name)) not in requirement.specifier
    ]
    assert not stale, f"run `make lock`: images/{lock} lacks {stale}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_everything_by_hash(lock: str) -> None:
    text = (IMAGES / lock).read_text()
    assert len(pins(lock)) == len(re.findall(r"^[^#\s]", text, re.M))


@pytest.mark.parametrize("lock", ["hub/slim.txt", "singleuser/requirements.txt"])
def test_the_images_agree_on_versions(lock: str) -> None:
    hub = pins("hub/requirements.txt")
    assert {name: hub[name] for name in pins(lock) if name in hub} == {
        name: version for name, version in pins(lock).items() if name in hub
    }


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_a_dockerfile_installs_only_what_is_locked(file: Path) -> None:
    text = re.sub(r"^#.*\n", "", file.read_text(), flags=re.M)
    installs = re.findall(r"pip install .*?(?= &&|\n(?! ))", text, re.S)
    assert installs
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_a_dockerfile_takes_its_base_from_an_argument(file: Path) -> None:
    bases = re.findall(r"^FROM (\S+)", file.read_text(), re.M)
    stages = re.findall(r"^FROM \S+ AS (\S+)", file.read_text(), re.M)
    assert all(base in ("${BASE}", "${IMAGE}", *stages) for base in bases)


@pytest.mark.parametrize(
    ("image", "user"), [("hub", "1000:1000"), ("singleuser", "1000:100")], ids=["hub", "singleuser"]
)
def test_an_image_runs_as(image: str, user: str) -> None:
    text = (IMAGES / image / "Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)", text, re.M)[-1] == user
    assert 'ENTRYPOINT ["tini", "--"]' in text


def test_no_source_names_a_host() -> None:
    named = {
        (file.name, url)
        for file in IMAGES.rglob("*")
        if file.is_file() and file.suffix not in (".pyc",)
        for url in re.findall(r"https?://[\w.-]+", file.read_text())
        if "127.0.0.1" not in url
    }
    assert not named


def test_the_build_context_contains_the_sources_of_the_package() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    setup = (ROOT / "setup.py").read_text()
    chart = re.search(r"CHART_FILES = \((.*?)\)", setup, re.S)
    assert chart
    assert {f"chart/{name}" for name in re.findall(r'"(.+?)"', chart[1])} <= allowed
    assert {"pyproject.toml", "setup.py", "README.md", "z2jh_hub", "z2jh.py", "images"} <= allowed


def test_the_slim_hub_is_a_subset_of_the_full_hub() -> None:
    slim, full = pins("hub/slim.txt"), pins("hub/requirements.txt")
    assert slim.items() < full.items()
    assert not {"psycopg2", "pycurl"} & slim.keys()  # they would need Debian's libraries


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_a_dockerfile_copies_only_existing_files(file: Path) -> None:
    text = file.read_text().replace("${REQUIREMENTS}", "requirements.txt")
    copied = re.findall(r"^COPY ((?!--from).+) \S+$", text, re.M)
    assert copied
    assert all((ROOT / name).exists() for line in copied for name in line.split())
