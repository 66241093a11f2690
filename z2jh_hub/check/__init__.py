"""What is wrong with an administrator's files, found without a cluster.

`check(files)` answers with a list of `Problem`s. Each module named in `FINDERS` offers
`findings(values) -> Iterator[Problem]`; those in `RUNNERS`
`executed(values, run_anyway=…)`, which may run the values' own Python in a sandbox. Every
rule has its page in `docs/rules/`.
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

__all__ = ["CannotRead", "Document", "Report", "SetError", "check", "report"]

# in the order in which they are asked; of two that say the same, the first is heard
FINDERS = (
    "hub_start",
    "schema",
    "nearly_known",
    "shadowed_lists",
    "quantities",
    "volumes",
    "names",
    "profiles",
    "images",
    "culling",
    "probes",
    "network",
    "metadata",
    "permissions",
    "code_needs",
    "overrides",
    "https",
    "pem",
    "plain_secrets",
    "versions",
    "traits",
    "general_class",
    "snippets",
)
RUNNERS = ("snippets", "access")


class Report:
    """What was found, and the files in which it was found."""

    def __init__(
        self,
        documents: Sequence[Document],
        problems: Sequence[Problem],
        mask: Mask | None = None,
    ):
        self.documents = {document.file: document for document in documents}
        #: of the secrets of the values, which may stand under other names, too
        self.mask = mask or Mask()
        self.problems = [_masked(problem, self.mask) for problem in problems]

    @property
    def failed(self) -> bool:
        """Whether anything found is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def _masked(problem: Problem, mask: Mask) -> Problem:
    given = problem.given
    return replace(
        problem,
        message=mask.known(problem.message),
        hint=mask.known(problem.hint),
        given=given if given is MISSING else mask.value(problem.key.split("."), given),
    )


def check(
    files: Sequence[Path], sets: Sequence[str] = (), *, run: bool = True, run_anyway: bool = False
) -> list[Problem]:
    """All that is wrong with `files`, laid over each other as Helm does, then `sets` (`a.b=c`).

    Errors come first. Without `run`, no Python of the values is run, and nobody is asked
    who may log in; with `run_anyway` it is run where it cannot be kept from the network, too.
    Raises CannotRead for a file that is not there, SetError for a `--set`
    that is not one.
    """
    return report(files, sets, run=run, run_anyway=run_anyway).problems


def report(
    files: Sequence[Path], sets: Sequence[str] = (), *, run: bool = True, run_anyway: bool = False
) -> Report:
    """Like `check`, with the text of the files, which the formats show."""
    documents = [load(file) for file in files]
    found = [problem for document in documents for problem in document.problems]
    mask = Mask()
    sources = [document.source for document in documents if document.source]
    if len(sources) == len(documents):
        values = values_of(sources, sets)
        mask = Mask(values.get(()), values.given)
        for name in FINDERS:
            found += import_module(f".rules.{name}", __package__).findings(values)
        for name in RUNNERS if run else ():
            found += import_module(f".rules.{name}", __package__).executed(
                values, run_anyway=run_anyway
            )
    found = dedupe.tidied(found)
    return Report(documents, ranked(suppressions.heard(found, documents)), mask)
