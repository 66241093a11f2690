"""The documentation site builds without a warning, and has what its readers look for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from z2jh_hub.check.rules import RULES
from z2jh_hub.failures.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
MISSING = [
    package
    for package in ("sphinx", "myst_parser", "pydata_sphinx_theme", "sphinx_reredirects")
    if importlib.util.find_spec(package) is None
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(MISSING), reason=f"`make docs` installs {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run([*build, "docs", folder], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_has_a_search(site: Path) -> None:
    assert (site / "search.html").exists()
    assert "capacity" in (site / "searchindex.js").read_text("utf-8")


def test_each_cause_and_each_rule_can_be_linked(site: Path) -> None:
    page = (site / "problems" / "server-does-not-start.html").read_text("utf-8")
    assert [cause.id for cause in CATALOGUE if f'id="{cause.id}"' not in page] == []
    assert [rule for rule in RULES if not (site / "rules" / f"{rule}.html").exists()] == []


def test_the_first_page_lists_pages_by_task(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    assert 'href="start/index.html"' in page
    assert 'href="rescue.html"' in page
    assert 'href="reference.html"' in page


def test_a_moved_page_leads_to_its_new_place(site: Path) -> None:
    assert "../rules.html" in (site / "rules" / "index.html").read_text("utf-8")


def test_links_to_files_of_the_repository_need_its_address(site: Path) -> None:
    page = (site / "contributing.html").read_text("utf-8")
    assert "CONTRIBUTING shows" in page
