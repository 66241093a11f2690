"""Values files written and checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from z2jh_hub import check as checking
from z2jh_hub.check import check
from z2jh_hub.config.errors import Problem

Check = Callable[..., list[Problem]]
SHARED = Path(os.environ.get("Z2JH_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., list[Path]]:
    """`write(text, …)` makes a file of each text."""

    def write(*texts: str) -> list[Path]:
        files = [tmp_path / f"{number}.yaml" for number, _ in enumerate(texts)]
        for file, text in zip(files, texts, strict=True):
            file.write_text(dedent(text), "utf-8")
        return files

    return write


@pytest.fixture
def no_access(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out who gets in: small files say nothing of it."""
    monkeypatch.setattr(checking, "RUNNERS", [f for f in checking.RUNNERS if f != "access"])


@pytest.fixture
def problems_of(no_access: None, write: Callable[..., list[Path]]) -> Check:
    """`found(text, …, sets=[…])` is what `check` says of files with these texts.

    With `run=True` also what it finds by running their code.
    """

    def problems_of(*texts: str, sets: tuple[str, ...] = (), run: bool = False) -> list[Problem]:
        return check(write(*texts), sets, run=run)

    return problems_of


@pytest.fixture(scope="session")
def real_files() -> list[Path]:
    """The values files of real deployments."""
    folder = SHARED / "configs"
    if not folder.is_dir():
        pytest.skip("no real deployments' files here: Z2JH_SHARED names no folder with configs/")
    return sorted(folder.glob("*.yaml"))
