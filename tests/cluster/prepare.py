"""Build the images of the cluster test and load them into the cluster.

    python tests/cluster/prepare.py --load "kind load image-archive"
    python tests/cluster/prepare.py --load "…/cluster load" --named --stand-ins

`--load` is a command that gets an archive as argument, with `--named` also the name of the image.
An unchanged image is not loaded again.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).parent / "stand_ins"
ARCHIVES = ROOT / "dist" / "cluster"
sys.path.insert(0, str(ROOT / "images"))

from tools import engines  # noqa: E402

# keys of the values that contain an image → the image that is built for it
OURS = {"hub": "hub", "singleuser": "singleuser"}
PROXY = "proxy.chp"
# images of the public chart, as named in the recorded release
PUBLIC = "quay.io/jupyterhub/{}:set-by-chartpress"
PUBLIC_IMAGES = ("k8s-hub", "k8s-singleuser-sample", "k8s-network-tools", "k8s-image-awaiter")
PROGRAMS = {
    "prePuller.pause": "pause",
    "scheduling.userPlaceholder": "pause",
    "scheduling.userScheduler": "kube-scheduler",
}


def chart_image(values: dict[str, Any], key: str) -> str:
    """Return `name:tag` of an image as the chart renders it."""
    for part in key.split("."):
        values = values[part]
    image = values["image"]
    version = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())["appVersion"]
    return f"{image['name']}:{image.get('tag') or version}"


def built(engine: engines.Engine) -> Iterator[tuple[str, str]]:
    """Build our two images; yield (key, image)."""
    subprocess.run([sys.executable, ROOT / "images/build", "--no-facts"], check=True)
    scope: dict[str, str] = {}
    exec((ROOT / "z2jh_hub/__init__.py").read_text(), scope)
    for key, name in OURS.items():
        yield key, f"z2jh-{name}:{scope['__version__']}"


def stand_ins(engine: engines.Engine) -> Iterator[tuple[str, str]]:
    """Build substitutes for images that cannot be pulled; yield (key, image)."""
    from z2jh_hub.local.dev import proxy

    with tempfile.TemporaryDirectory() as scratch:
        modules = proxy.install().parents[2]
        shutil.copytree(modules, Path(scratch, "node_modules"), symlinks=True)
        shutil.copy(proxy.node(), Path(scratch, "node"))
        dockerfile = STAND_INS / "configurable-http-proxy" / "Dockerfile"
        engine.build(Path(scratch), dockerfile, ["stand-in-chp:1"])
    yield PROXY, "stand-in-chp:1"
    assets = Path(os.environ["KUBEBUILDER_ASSETS"])
    for key, program in PROGRAMS.items():
        with tempfile.TemporaryDirectory() as scratch:
            shutil.copy(assets / program, scratch)
            image = f"stand-in-{program}:1"
            engine.build(Path(scratch), STAND_INS / program / "Dockerfile", [image])
        yield key, image


def public_stand_ins(engine: engines.Engine, singleuser: str) -> Iterator[tuple[str, str]]:
    """Build substitutes for the images of the public chart; yield (name, image)."""
    for program in PUBLIC_IMAGES:
        image = f"stand-in-{program}:1"
        with tempfile.TemporaryDirectory() as scratch:
            base = [f"BASE={engine.prefix}{singleuser}"]
            engine.build(Path(scratch), STAND_INS / program / "Dockerfile", [image], base)
        yield PUBLIC.format(program), image


def load(engine: engines.Engine, image: str, name: str, options: argparse.Namespace) -> None:
    """Load `image` into the cluster as `name`, unless it has it."""
    known = ARCHIVES / "loaded"
    line = f"{options.cluster} {name} {engine.identity(image)}\n"
    if known.exists() and line in known.read_text():
        return
    started = time.monotonic()
    archive = ARCHIVES / "image.tar"
    engine.save(image, archive, name)
    command = [*shlex.split(options.load), str(archive), *([name] if options.named else [])]
    subprocess.run(command, check=True)
    archive.unlink()
    with known.open("a") as file:
        file.write(line)
    print(f"   {name}: {time.monotonic() - started:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", required=True, help="command that loads the archive of an image")
    parser.add_argument(
        "--named", action="store_true", help="add the name of the image to the command"
    )
    parser.add_argument(
        "--stand-ins",
        action="store_true",
        help="also build substitutes for public images, which cannot be pulled",
    )
    parser.add_argument("--cluster", default="", help="identifies the cluster")
    options = parser.parse_args()
    ARCHIVES.mkdir(parents=True, exist_ok=True)
    values = yaml.safe_load((ROOT / "chart" / "values.yaml").read_text())
    engine = engines.find(ROOT)
    ours = dict(built(engine))
    images = {chart_image(values, key): image for key, image in ours.items()}
    if options.stand_ins:
        started = time.monotonic()
        for key, image in stand_ins(engine):
            images[chart_image(values, key)] = image
        images.update(public_stand_ins(engine, ours["singleuser"]))
        print(f"   stand-ins built: {time.monotonic() - started:.1f} s", flush=True)
    for name, image in images.items():
        load(engine, image, name, options)


if __name__ == "__main__":
    try:
        main()
    except (engines.EngineError, subprocess.CalledProcessError) as error:
        sys.exit(f"prepare: {error}")
