"""Find mistakes in values files without a cluster.

`check(files)` returns a list of `Problem`s. Each module in `FINDERS` has a function
`findings(values) -> Iterator[Problem]`; each module in `RUNNERS` has `executed(values,
run_anyway=…)`, which may run the Python of the values in a sandbox. Every rule has a page in
`docs/rules/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ..config.errors import MISSING, Problem, ranked
from ..masking import Mask
from . import dedupe, suppressions
from .files import CannotRead, Document, load, values_of
from .helm_set import SetError

__all__ = ["CannotRead", "Document", "Report", "SetError", "check", "make_report"]

# in order: of two findings about the same value, the first is reported
FINDERS = (
    "hub_start",
    "schema",
    "nearly_known",
    "shadowed_lists",
    "quantities",
    "core_pods",
    "kubernetes_names",
    "kubernetes_services",
    "commands",
    "volumes",
    "names",
    "profiles",
    "quota_profiles",
    "groups",
    "free_keys",
    "images",
    "old_images",
    "culling",
    "probes",
    "scheduling",
    "network",
    "metadata",
    "permissions",
    "code_needs",
    "overrides",
    "https",
    "login_urls",
    "login_needs",
    "public_urls",
    "pem",
    "plain_secrets",
    "versions",
    "traits",
    "custom_classes",
    "general_class",
    "snippets",
)
RUNNERS = (
    "hub_start",
    "snippets",
    "access",
    "addresses",
    "services",
    "lost_entries",
    "pods",
    "python_profiles",
)


class Report:
    """The problems that were found, and the files."""

    def __init__(
        self,
        documents: Sequence[Document],
        problems: Sequence[Problem],
        mask: Mask | None = None,
    ):
        self.documents = {document.file: document for document in documents}
        #: hides the secrets of the values, also where they appear under another name
        self.mask = mask or Mask()
        self.problems = [_masked(problem, self.mask) for problem in problems]

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def _masked(problem: Problem, mask: Mask) -> Problem:
    value = problem.given
    return replace(
        problem,
        message=mask.known(problem.message),
        hint=mask.known(problem.hint),
        given=value if value is MISSING else mask.value(problem.key.split("."), value),
    )


def check(
    files: Sequence[Path], sets: Sequence[str] = (), *, run: bool = True, run_anyway: bool = False,
    at: str | None = None,
) -> list[Problem]:  # fmt: skip
    """Return the problems of `files`, merged as Helm does, with `sets` (`a.b=c`) applied.

    Errors come first. Without `run`, the Python of the values is not run and the authenticator
    is not asked who may log in. With `run_anyway`, the Python is run even if its network access
    cannot be blocked. `at` is the key of the hub's values in those of an umbrella chart; by
    default, it is searched for. Raises CannotRead for a file that cannot be read, SetError for an
    invalid `--set`.
    """
    return make_report(files, sets, run=run, run_anyway=run_anyway, at=at).problems


def make_report(
    files: Sequence[Path], sets: Sequence[str] = (), *, run: bool = True, run_anyway: bool = False,
    at: str | None = None,
) -> Report:  # fmt: skip
    """Like `check`, but return the problems with the files, for the output formats."""
    documents = [load(file, at) for file in files]
    problems = [problem for document in documents for problem in document.problems]
    mask = Mask()
    sources = [document.source for document in documents if document.source]
    if len(sources) == len(documents):
        values = values_of(sources, sets)
        mask = Mask(values.get(()), values.given)
        for name in FINDERS:
            problems += import_module(f".rules.{name}", __package__).findings(values)
        for name in RUNNERS if run else ():
            problems += import_module(f".rules.{name}", __package__).executed(
                values, run_anyway=run_anyway
            )
    problems = dedupe.dedupe(problems)
    return Report(documents, ranked(suppressions.apply(problems, documents)), mask)
