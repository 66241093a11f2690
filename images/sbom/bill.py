"""Print the bill of materials of the image in which this runs, as CycloneDX 1.6 in JSON.

    python3 /sbom/bill.py NAME VERSION

cyclonedx-bom lists Python packages with licences and dependencies; dpkg lists Debian packages.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TOOLS = "/sbom/packages"


def python_packages() -> dict[str, Any]:
    """Return the bill of this interpreter, which does not see the packages of cyclonedx-bom."""
    code = f"import sys; sys.path.insert(0, {TOOLS!r}); from cyclonedx_py.__main__ import main; "
    options = ["environment", "--spec-version=1.6", "--output-reproducible", sys.executable]
    command = [sys.executable, "-c", code + "main()", *options]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=True)
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def debian_packages() -> list[dict[str, Any]]:
    sys.path.insert(0, TOOLS)
    from packageurl import PackageURL

    lines = Path("/etc/os-release").read_text().replace('"', "").splitlines()
    release = dict(line.split("=", 1) for line in lines if "=" in line)
    distro = f"{release['ID']}-{release['VERSION_ID']}"
    form = "${Package}\t${Version}\t${Architecture}\n"
    command = ["dpkg-query", "--show", f"--showformat={form}"]
    listed = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=True)
    components = []
    for name, version, architecture in map(str.split, listed.stdout.splitlines()):
        qualifiers = {"arch": architecture, "distro": distro}
        purl = PackageURL("deb", release["ID"], name, version, qualifiers).to_string()
        components.append(
            {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        )
    return components


def main(name: str, version: str) -> None:
    bill = python_packages()
    bill["components"] = [*bill.get("components", []), *debian_packages()]
    bill["metadata"]["component"] = {
        "type": "container",
        "bom-ref": f"{name}:{version}",
        "name": name,
        "version": version,
    }
    json.dump(bill, sys.stdout, indent=1)


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    main(*sys.argv[1:])
