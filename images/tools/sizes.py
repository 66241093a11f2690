"""How large an image is: by layer and by package, as stored and as pulled (compressed)."""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 15  # packages

# the package to which a file of a Python image belongs
_PACKAGE = re.compile(r"(?:usr/(?:local/)?lib/python3[\d.]*/(?:(?:site|dist)-packages/)?)([\w@-]+)")
_SHARE = re.compile(r"usr/(?:local/)?share/([\w@.-]+)")


@dataclass
class Layer:
    """One layer: what made it, its sizes in bytes, and those of its files by package."""

    made_by: str
    stored: int = 0
    pulled: int = 0
    packages: Counter[str] = field(default_factory=Counter)


def package_of(path: str) -> str:
    """The package that a path belongs to, by its folder."""
    for pattern in (_PACKAGE, _SHARE):
        if found := pattern.match(path):
            return found[1]
    return "/" + "/".join(path.split("/")[:2])


def read(archive: Path) -> list[Layer]:
    """An image's layers, the base's first, from what `docker save` writes."""
    with tarfile.open(archive) as whole:

        def data(name: str) -> bytes:
            member = whole.extractfile(name)
            assert member, name
            return member.read()

        manifest = json.loads(data("manifest.json"))[0]
        config = json.loads(data(manifest["Config"]))
        made_by = [h.get("created_by", "") for h in config["history"] if not h.get("empty_layer")]
        layers = []
        for name, by in zip(manifest["Layers"], made_by, strict=False):
            stream = whole.extractfile(name)
            assert stream, name
            layer = Layer(by)
            with tarfile.open(fileobj=stream, mode="r:*") as files:
                for member in files:
                    layer.stored += member.size
                    layer.packages[package_of(member.name.removeprefix("./"))] += member.size
            stream.seek(0)
            layer.pulled = compressed(iter(lambda s=stream: s.read(1 << 20), b""))  # type: ignore[misc]
            layers.append(layer)
    return layers


def compressed(blocks: Iterable[bytes]) -> int:
    """How long the blocks are together as gzip makes them."""
    packer = zlib.compressobj(6, wbits=31)
    return sum(len(packer.compress(block)) for block in blocks) + len(packer.flush())


def table(layers: list[Layer]) -> Iterator[str]:
    """Lines for a person."""
    yield f"{'stored':>9} {'pulled':>9}  (MB) layer"
    for layer in layers:
        made_by = re.sub(r"^/bin/sh -c (#\(nop\) )?|\s+", " ", layer.made_by).strip()
        yield f"{layer.stored / 1e6:9.1f} {layer.pulled / 1e6:9.1f}       {made_by[:70]}"
    stored, pulled = sum(x.stored for x in layers), sum(x.pulled for x in layers)
    yield f"{stored / 1e6:9.1f} {pulled / 1e6:9.1f}       together"
    packages: Counter[str] = sum((layer.packages for layer in layers[1:]), Counter())
    largest = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in packages.most_common(SHOWN))
    yield f"largest above the base (MB stored): {largest}"
