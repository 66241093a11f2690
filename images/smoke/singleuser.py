"""Test that JupyterLab answers in the singleuser image, and that its programs run."""

import locale
import os
import subprocess

import installed
import jedi
from answers import start_and_ask

assert os.getuid() == 1000
assert os.getgid() == 100
subprocess.run(["git", "--version"], check=True)
subprocess.run(["jupyterhub-singleuser", "--version"], check=True)
installed.check()
locale.setlocale(locale.LC_ALL, "")
# completion in a cell
assert "path" in [match.name for match in jedi.Interpreter("import os; os.pa", [{}]).complete()]
start_and_ask(
    ["jupyter", "lab", "--ip=127.0.0.1", "--port=8888", "--no-browser"],
    os.environ,
    "http://127.0.0.1:8888/api",
)
