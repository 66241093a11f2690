"""The private names of JupyterHub and KubeSpawner that we use are those that were reviewed."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.user import User
from kubespawner import KubeSpawner
from kubespawner.reflector import ResourceReflector
from traitlets import EventHandler, TraitType

import z2jh_hub
from z2jh_hub.spawner.private_names import PRIVATE_NAMES, PrivateName

PACKAGE = Path(z2jh_hub.__file__).parent
REVIEWED: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("upstream_reviewed.yaml").read_text()
)
OWNERS = (KubeSpawner, ResourceReflector, User, JupyterHub)
FOLDERS = ("spawner", "hub", "sandbox")


def owner_of(private: PrivateName) -> Any:
    module, _, path = private.owner.partition(":")
    owner = import_module(module)
    for part in filter(None, path.split(".")):
        owner = getattr(owner, part)
    return owner


def source(private: PrivateName) -> str | None:
    """The source of a function, or of all lines that set a plain attribute; None if missing."""
    owner = owner_of(private)
    if inspect.isfunction(owner):  # an attribute that `__init__` sets
        lines = [line for line in inspect.getsource(owner).splitlines() if private.name in line]
        return "\n".join(lines) or None
    value = inspect.getattr_static(owner, private.name, None)
    if value is None and not hasattr(owner, private.name):
        return None
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, EventHandler):  # traitlets' @default
        value = value.func
    if inspect.isfunction(value):
        return inspect.getsource(value)
    if isinstance(value, TraitType):
        return f"{private.name} = {type(value).__name__}"
    return f"{private.name} = {value!r}"


def digest(text: str) -> str:
    """The same for any white space."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


@pytest.mark.parametrize("private", PRIVATE_NAMES, ids=str)
def test_private_name_is_as_reviewed(private: PrivateName) -> None:
    package = "jupyterhub-kubespawner" if private.owner.startswith("kube") else "jupyterhub"
    release = f"{package} {version(package)}"
    users = ", ".join(f"z2jh_hub/{user}" for user in private.users)
    text = source(private)
    assert text is not None, (
        f"{release} has no {private} any more. It is {private.how} by {users}: {private.why}."
    )
    assert digest(text) == REVIEWED.get(str(private)), (
        f"{release} has changed {private}, which is {private.how} by {users}: {private.why}. "
        "Read what has changed, adapt these modules, and set the line "
        f"'{private}: {digest(text)}' in tests/spawner/upstream_reviewed.yaml."
    )


def test_reviews_are_of_listed_names() -> None:
    assert REVIEWED.keys() == {str(private) for private in PRIVATE_NAMES}


def names_in(file: Path) -> Iterator[str]:
    """Names of attributes and methods, and texts, in a module."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Attribute(attr=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Constant(value=str(name)):
                yield name


LIST = "spawner/private_names.py"


def test_every_private_name_in_use_is_listed() -> None:
    listed = {private.name: set[str]() for private in PRIVATE_NAMES}
    for private in PRIVATE_NAMES:
        listed[private.name].update(private.users)
    missing = []
    for folder in FOLDERS:
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            user = file.relative_to(PACKAGE).as_posix()
            for name in set(names_in(file)):
                private = name.startswith("_") and not name.startswith("__")
                if not private or not any(hasattr(owner, name) for owner in OWNERS):
                    continue
                if user not in (LIST, *listed.get(name, ()), "spawner/upstream.py"):
                    missing.append(f"{user}: {name}")
    assert missing == []


def test_every_user_of_a_private_name_uses_it() -> None:
    stale = []
    for private in PRIVATE_NAMES:
        for user in private.users:
            text = (PACKAGE / user).read_text()
            # the functions of upstream.py replace some of them for the modules that are listed
            if private.how != "replaced" and private.name not in text:
                stale.append(f"{user}: {private}")
    assert stale == []


def test_change_of_a_private_name_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def _ensure_not_exists(self: Any, kind: str) -> None:
        """Another signature."""

    private = next(each for each in PRIVATE_NAMES if each.name == "_ensure_not_exists")
    monkeypatch.setattr(KubeSpawner, "_ensure_not_exists", _ensure_not_exists)
    with pytest.raises(AssertionError, match=r"has changed .*_ensure_not_exists.*owned_objects"):
        test_private_name_is_as_reviewed(private)
    monkeypatch.delattr(KubeSpawner, "_ensure_not_exists")
    with pytest.raises(AssertionError, match=r"has no .*_ensure_not_exists any more"):
        test_private_name_is_as_reviewed(private)
