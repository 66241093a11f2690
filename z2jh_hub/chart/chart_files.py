"""The chart's data files: `values.yaml`, `values.schema.yaml`, `values.schema.json`, `Chart.yaml`,
and `files/`.

The wheel contains copies of them; in a checkout, they are read from `chart/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_FOLDERS = (_PACKAGE / "data", _PACKAGE.parents[1] / "chart")


def read(name: str) -> str:
    """Return the text of the chart's file `name`. Raises FileNotFoundError."""
    for parent in _FOLDERS:
        file = parent / name
        if file.is_file():
            return file.read_text("utf-8")
    raise FileNotFoundError(
        f"{name} of the chart is neither in the package nor in a checkout; "
        "install z2jh-hub from its wheel"
    )


def folder() -> Path | None:
    """Return the directory of the chart with its templates; None outside of a checkout."""
    return next((parent for parent in _FOLDERS if (parent / "templates").is_dir()), None)
