"""The mistakes of `benchmarks/mutations.py`: one each, on the expected line."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.processes

TEXT = """\
    hub:
      config:
        JupyterHub:
          admin_access: false
          authenticator_class: github
        GitHubOAuthenticator:
          allowed_users:
            - alice
        KubeSpawner:
          start_timeout: 300
      db:
        type: sqlite-memory
      extraConfig:
        mine: |
          c.KubeSpawner.working_dir = str(
              "/home/jovyan")
          c.Spawner.cmd = ["jupyter"]
      loadRoles:
        mine:
          scopes: [self]
    singleuser:
      memory:
        guarantee: 1G
        limit: 2G
      profileList:
        - display_name: Big
          kubespawner_override:
            mem_limit: 4G
      storage:
        capacity: 5Gi
        extraVolumes:
          - name: shared
            emptyDir: {}
        extraVolumeMounts:
          - name: shared
            mountPath: /shared
"""
SERVICES = """\
    hub:
      services:
        mine:
          url: http://mine
"""
# kinds whose change adds or moves lines
SEVERAL = {
    "duplicate key", "block one level out", "trait outside an override", "chart key in an override",
    "misspelled access rule", "chart key in hub.config", "group of a wrong shape",
    "misspelled template variable", "quota for no profile", "close key of custom",
}  # fmt: skip


@pytest.fixture
def mutators(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module("mutating.mutators")


@pytest.fixture
def page(mutators, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(dedent(TEXT), "utf-8")
    return mutators.Page(file)


def test_each_kind_makes_one_change_on_its_line(mutators, page, tmp_path):
    file = tmp_path / "services.yaml"
    file.write_text(dedent(SERVICES), "utf-8")
    pages = [page, mutators.Page(file)]
    for kind, spots in mutators.KINDS.items():
        rng, made = random.Random(1), 0
        for where, spot in ((each, spot) for each in pages for spot in spots(each)):
            new = spot.draw(rng)
            if new is None:
                continue
            made += 1
            after = where.with_mistake(spot, new).splitlines()
            tail = len(where.lines) - spot.line - spot.count
            assert after[: spot.line] == where.lines[: spot.line]
            assert after[len(after) - tail :] == where.lines[len(where.lines) - tail :]
            assert new != where.lines[spot.line : spot.line + spot.count]
            assert len(new) == 1 or kind in SEVERAL | mutators.EXECUTED
            assert spot.offset < len(new)
        assert made, f"no mistake of the kind {kind}"


def test_misspelled_word_has_one_typo(mutators):
    rng = random.Random(1)
    for _ in range(200):
        wrong = mutators.mistakes.misspelled("singleuser", rng)
        assert wrong != "singleuser"
        assert abs(len(wrong) - len("singleuser")) <= 1
        assert wrong[0].isalpha()


def test_a_block_moves_with_all_its_lines(mutators, page):
    spot = next(s for s in mutators.outdents(page) if s.path == ("hub", "db", "type"))
    text = page.with_mistake(spot, spot.draw(random.Random(1)))
    assert "  db:\n  type: sqlite-memory\n  extraConfig:" in text
    spot = next(s for s in mutators.outdents(page) if s.path[-1] == "extraVolumeMounts")
    text = page.with_mistake(spot, spot.draw(random.Random(1)))
    assert text.endswith("\n  extraVolumeMounts:\n    - name: shared\n      mountPath: /shared\n")
