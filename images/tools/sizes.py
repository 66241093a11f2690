"""Measure an image by layer and by package: bytes as stored, and as pulled (compressed)."""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

SHOWN = 15  # packages
BLOCK = 1 << 20

# the first package that the last stage of our Dockerfiles installs: earlier layers are the base's
FIRST_OF_OURS = "tini"

# the package to which a path belongs
_PACKAGE = re.compile(r"(?:usr/(?:local/)?lib/python3[\d.]*/(?:(?:site|dist)-packages/)?)([\w@-]+)")
_SHARE = re.compile(r"usr/(?:local/)?share/([\w@.-]+)")

# the prefix that builders add to an instruction
_PREFIX = re.compile(r"^(RUN )?(\|\d+ .*?(?=/bin/sh -c ))?(/bin/sh -c )?(#\(nop\) *)?")


class Measure:
    """The size of data as stored, and compressed by gzip."""

    def __init__(self) -> None:
        self.stored = 0
        self._packed = 0
        self._packer = zlib.compressobj(6, wbits=31)

    def add(self, stream: IO[bytes]) -> None:
        for block in iter(lambda: stream.read(BLOCK), b""):
            self.stored += len(block)
            self._packed += len(self._packer.compress(block))

    @property
    def pulled(self) -> int:
        return self._packed + len(self._packer.copy().flush())


@dataclass
class Layer:
    """A layer: its instruction, its sizes in bytes, and those of its files by package."""

    made_by: str
    base: bool
    stored: int = 0
    pulled: int = 0
    packages: dict[str, Measure] = field(default_factory=lambda: defaultdict(Measure))


def package_of(path: str) -> str:
    """Return the package to which a path belongs, by its folder."""
    for pattern in (_PACKAGE, _SHARE):
        if match := pattern.match(path):
            return match[1]
    return "/" + "/".join(path.split("/")[:2])


def read(archive: Path) -> list[Layer]:
    """Return the layers of an image, those of the base first, from a `docker save` archive."""
    with tarfile.open(archive) as whole:
        manifest = json.loads(_member(whole, "manifest.json").read())[0]
        history = json.loads(_member(whole, manifest["Config"]).read())["history"]
        made_by = [_PREFIX.sub("", h["created_by"]) for h in history if not h.get("empty_layer")]
        layers, ours = [], False
        for name, by in zip(manifest["Layers"], made_by, strict=False):
            ours = ours or FIRST_OF_OURS in by
            layers.append(_measured(_member(whole, name), Layer(by, base=not ours)))
        return layers


def _member(whole: tarfile.TarFile, name: str) -> IO[bytes]:
    member = whole.extractfile(name)
    assert member, name
    return member


def _measured(stream: IO[bytes], layer: Layer) -> Layer:
    with tarfile.open(fileobj=stream, mode="r:*") as files:
        for member in files:
            layer.stored += member.size
            if member.isreg() and not layer.base:
                package = layer.packages[package_of(member.name.removeprefix("./"))]
                package.add(_member(files, member))  # type: ignore[arg-type]
    stream.seek(0)
    whole = Measure()
    whole.add(stream)
    layer.pulled = whole.pulled
    return layer


def facts(layers: Iterable[Layer]) -> dict[str, Any]:
    """Return layers, and packages above the base, largest first, as JSON; sizes in bytes.

    `pulled` of a package is its size when it is compressed alone.
    """
    described, packages = [], dict[str, dict[str, Any]]()
    for layer in layers:
        largest = sorted(layer.packages, key=lambda name: -layer.packages[name].pulled)
        described.append(
            {
                "made_by": " ".join(layer.made_by.split()),
                "base": layer.base,
                "stored": layer.stored,
                "pulled": layer.pulled,
                "largest": largest[:3],
            }
        )
        for name, size in layer.packages.items():
            package = packages.setdefault(name, {"name": name, "stored": 0, "pulled": 0})
            package["stored"] += size.stored
            package["pulled"] += size.pulled
    by_size = sorted(packages.values(), key=lambda package: -package["pulled"])
    return {"layers": described, "packages": by_size}


def table(image: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a table of what `facts` returns."""
    base = [layer for layer in image["layers"] if layer["base"]]
    above = [layer for layer in image["layers"] if not layer["base"]]
    yield "stored MB  pulled MB  layer"
    yield _line(base, "the base")
    for layer in above:
        instruction = layer["made_by"].split(" ")[0]
        yield _line([layer], f"{instruction}: {', '.join(layer['largest'])}, …")
    yield _line(above, "above the base")
    yield _line(image["layers"], "total")
    yield f"{'':22}package, one of {len(image['packages'])} above the base"
    for package in image["packages"][:SHOWN]:
        yield _line([package], package["name"])


def _line(counted: list[dict[str, Any]], label: str) -> str:
    stored, pulled = (sum(one[key] for one in counted) / 1e6 for key in ("stored", "pulled"))
    return f"{stored:9.1f}  {pulled:9.1f}  {label}"
