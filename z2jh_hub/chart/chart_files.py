"""The chart's data files: `values.yaml`, `values.schema.yaml`, `values.schema.json`, `Chart.yaml`,
and `files/`.

The wheel carries copies of them; in a checkout they are read from `chart/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "data", _PACKAGE.parents[1] / "chart")


def read(name: str) -> str:
    """The text of the chart's file `name`. Raises FileNotFoundError where there is none."""
    for place in _PLACES:
        file = place / name
        if file.is_file():
            return file.read_text("utf-8")
    raise FileNotFoundError(
        f"{name} of the chart is neither in the package nor in a checkout: "
        "was z2jh-hub installed from its wheel?"
    )


def folder() -> Path | None:
    """The chart itself, with its templates: only a checkout has it."""
    return next((place for place in _PLACES if (place / "templates").is_dir()), None)
