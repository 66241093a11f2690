"""Test that the image contains the packages of its lock file and can import them."""

import importlib
import importlib.util
import re
from importlib.metadata import packages_distributions, version
from pathlib import Path

LOCK = Path("/smoke-lock/requirements.txt")
NOT_ALONE = {"matplotlib_inline"}  # needs matplotlib, which users add themselves
_PIN = re.compile(r"^([\w.-]+)==(\S+)", re.M)


def check(removed: frozenset[str] = frozenset()) -> set[str]:
    """Import every locked package but the removed modules; return the names of all packages."""
    locked = dict(_PIN.findall(LOCK.read_text()))
    assert {name: version(name) for name in locked} == locked
    for module, names in packages_distributions().items():
        if module in removed:
            assert importlib.util.find_spec(module) is None, module
        elif module.isidentifier() and module not in NOT_ALONE and set(names) & locked.keys():
            importlib.import_module(module)
    return set(locked)
