"""Write the bill of materials of an image; see `images/sbom/`."""

from __future__ import annotations

import json
from pathlib import Path

from .engines import Engine


def write(engine: Engine, root: Path, image: str, file: Path) -> int:
    """Write the bill of materials to `file`; return the number of its components."""
    tag = f"z2jh-sbom:{file.name.removesuffix('.cdx.json')}"
    arguments = [f"IMAGE={engine.prefix}{image}"]
    engine.build(root, root / "images" / "sbom" / "Dockerfile", [tag], arguments)
    name, version = image.rsplit(":", 1)
    text = engine.run(tag, "1000:1000", ["--tmpfs=/tmp"], name, version)
    bill = json.loads(text)
    file.write_text(text)
    return len(bill["components"])
