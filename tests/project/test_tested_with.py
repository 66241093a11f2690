"""docs/tested-with.md lists what runs with which versions, and why the rest does not."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import tested_with  # noqa: E402

DATA = tested_with.load()
ROWS = list(tested_with.rows(DATA))
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["part"] for row in ROWS])


def test_the_page_is_up_to_date() -> None:
    assert tested_with.PAGE.read_text("utf-8") == tested_with.page(DATA), "run make tested-with"


@each_row
def test_a_row_works_by_its_tests_or_says_why_not(row: Any) -> None:
    if "why" in row:
        assert set(row) == {"part", "why"}
        return
    assert set(row) == {"part", "version", "run", "tests", "result", "date"}
    assert row["result"] == "works"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"])
    assert tested_with.version(row)
    for test in row["tests"]:
        assert (ROOT / test).is_file(), test


def test_the_version_of_the_openid_provider_is_the_one_that_tests_install() -> None:
    from support.logins import openid

    (version,) = {row["version"] for row in ROWS if row["part"].startswith("OpenID Connect")}
    assert version == f"oidc-provider {openid.VERSION} (npm)"
