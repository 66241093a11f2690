"""The additions reach whatever KubeSpawner a deployment uses, and leave other spawners alone."""

from __future__ import annotations

import pytest
from jupyterhub.spawner import SimpleLocalProcessSpawner
from kubespawner import KubeSpawner
from traitlets.config import Config

from z2jh_hub.spawner import Z2JHKubeSpawner, mix


class Own(KubeSpawner):
    """A deployment's own class."""

    async def load_user_options(self) -> str:
        return "own"


def mixed(given: object) -> object:
    c = Config()
    c.JupyterHub.spawner_class = given
    mix(c)
    return c.JupyterHub.spawner_class


@pytest.mark.parametrize("given", ["kubespawner.KubeSpawner", "kubespawner", KubeSpawner])
def test_plain_kubespawner_becomes_ours(given: object) -> None:
    assert mixed(given) == "z2jh_hub.spawner.Z2JHKubeSpawner"


def test_own_class_keeps_its_name_and_config() -> None:
    result = mixed(Own)
    assert isinstance(result, type)
    assert issubclass(result, Z2JHKubeSpawner)
    assert issubclass(result, Own)
    assert result.__name__ == "Own"
    assert result.section_names()[-2:] == ["Z2JHKubeSpawner", "Own"]
    assert mixed(result) is result


def test_a_class_by_its_path_is_imported() -> None:
    assert mixed(f"{__name__}.Own").__mro__[2:].count(Own)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "given", [SimpleLocalProcessSpawner, "simple", "no.such.Spawner", None, "a word"]
)
def test_what_is_no_kubespawner_stays(given: object) -> None:
    assert mixed(given) is given
