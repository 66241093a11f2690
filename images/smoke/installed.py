"""Inside a container: the image has what its lock names, and what it has can be imported."""

import importlib
import re
from importlib.metadata import packages_distributions, version
from pathlib import Path

LOCK = Path("/smoke-lock/requirements.txt")
NOT_ALONE = {"matplotlib_inline"}  # it is for matplotlib, which is the user's to add
_PIN = re.compile(r"^([\w.-]+)==(\S+)", re.M)


def check() -> set[str]:
    """Import every package; the names of those that are locked."""
    locked = dict(_PIN.findall(LOCK.read_text()))
    assert {name: version(name) for name in locked} == locked
    for module, names in packages_distributions().items():
        if module.isidentifier() and module not in NOT_ALONE and set(names) & locked.keys():
            importlib.import_module(module)
    return set(locked)
