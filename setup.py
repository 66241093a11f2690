"""Build step: the chart's values and schema go into the wheel (one source, copied)."""

from pathlib import Path
from shutil import copyfile

from setuptools import setup
from setuptools.command.build_py import build_py

CHART_FILES = (
    *("Chart.yaml", "values.yaml", "values.schema.yaml", "values.schema.json"),
    "files/proxy-error.html",
)


class BuildWithChart(build_py):
    """`build_py` that also copies the chart's data files to `z2jh_hub/chart/data/`."""

    def run(self) -> None:
        super().run()
        target = Path(self.build_lib, "z2jh_hub", "chart", "data")
        self.mkpath(str(target / "files"))
        for name in CHART_FILES:
            copyfile(Path("chart", name), target / name)


setup(cmdclass={"build_py": BuildWithChart})
