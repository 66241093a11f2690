"""`migrate` hides no problem: what `check` reports of a file, it reports after migrating it."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.records import SHARED

from z2jh_hub.check import check
from z2jh_hub.config.errors import ConfigError
from z2jh_hub.migrate.migrate import migrate

FOLDERS = ("guide", "cases/*", "configs", "configs/corners")
# in place of a value of the file
VALUES: list[Any] = ["x", -1, [], {}, True, [1], {"a": 1}, 5, "true", [{"a": 1}]]
MUTATIONS = 40
SEED = 20261127


def old_files() -> list[Path]:
    """The files that have something to migrate."""
    result = []
    for folder in FOLDERS:
        for file in sorted(SHARED.glob(f"{folder}/*.yaml")):
            try:
                if migrate(file.read_text(), file.name).is_needed:
                    result.append(file)
            except ConfigError:
                continue  # refused, which hides nothing
    return result


def problems(text: str, folder: Path) -> set[tuple[str, str, str]]:
    """Errors and warnings but those of old keys, whose names migrating changes."""
    file = folder / "config.yaml"
    file.write_text(text)
    return {
        (problem.severity, problem.rule, problem.message)
        for problem in check([file], run=False)
        if problem.severity != "note" and problem.rule != "legacy-key"
    }


def hidden(text: str, folder: Path) -> set[tuple[str, str, str]]:
    """What is reported of `text` and no longer once it is migrated."""
    try:
        after = migrate(text, "config.yaml").after
    except ConfigError:
        return set()
    return problems(text, folder) - problems(after, folder)


@pytest.fixture(scope="module")
def files() -> list[Path]:
    result = old_files()
    if not result:
        pytest.skip("no ../shared here, and Z2JH_SHARED names none")
    return result


def test_files_keep_their_problems(files: list[Path], tmp_path: Path) -> None:
    assert {file.name: hidden(file.read_text(), tmp_path) for file in files} == {
        file.name: set() for file in files
    }


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in pairs:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*path, key))


def mutated(data: Any, chance: random.Random) -> Any:
    """A copy of `data` with a wrong value, a misspelled key, or a key that nothing reads."""
    data = copy.deepcopy(data)
    path = chance.choice(list(paths(data)))
    node = data
    for key in path[:-1]:
        node = node[key]
    kind = chance.choice(["value", "value", "misspelled", "unknown"])
    if kind == "value" or not isinstance(node, dict):
        node[path[-1]] = chance.choice(VALUES)
    elif kind == "misspelled":
        node[f"{path[-1]}"[:-1] + "x"] = node.pop(path[-1])
    else:
        node["nonsense"] = 1
    return data


def test_mistakes_are_not_hidden(files: list[Path], tmp_path: Path) -> None:
    chance = random.Random(SEED)
    loaded = [yaml.safe_load(file.read_text()) for file in files]
    for _ in range(MUTATIONS):
        text = yaml.safe_dump(mutated(chance.choice(loaded), chance))
        assert not hidden(text, tmp_path), text
