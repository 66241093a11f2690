"""Check the Python in the values: the traits it sets, what pyflakes finds, how it runs."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from typing import Any

from ... import sandbox
from ...config.errors import MISSING, Problem
from ...config.snippet_namespace import NAMES
from ...config.values import Values
from ...masking import Mask, is_secret
from .. import code, run_checks, trait_words
from ..classes import Classes, is_in_image
from ..code import Piece
from . import traits

# messages about style, or that are wrong because snippets share a namespace
_IGNORED = frozenset(
    {"UnusedImport", "FStringMissingPlaceholders", "RedefinedWhileUnused",
     "ImportShadowedByLoopVar", "ImportStarUsed", "ImportStarUsage", "UnusedVariable",
     "UnusedAnnotation", "DoctestSyntaxError"}
)  # fmt: skip
# an expression of Helm's templates
_HELM = re.compile(r"\{\{-?\s*(\.(Values|Release|Chart|Capabilities|Files)\b|(include|tpl) )")
# errors that may occur here but not in the hub pod
_OF_THE_PLACE = frozenset({"OSError", "ImportError", "TimeoutError"})


def findings(values: Values) -> Iterator[Problem]:
    """Yield what can be found without running anything."""
    pieces = code.pieces(values)
    known = Classes(values)
    names: set[str] = set()
    for piece in pieces:
        if piece.tree is None:
            if piece.path[1] == "extraFiles":
                yield _no_python(piece)
            continue
        yield from _of_templates(piece)
        yield from _of_settings(piece, known)
        yield from _of_pyflakes(piece, names if piece.shared else set())
        if piece.shared:
            names |= piece.global_names()


def _of_templates(piece: Piece) -> Iterator[Problem]:
    for number, line in enumerate(piece.text.splitlines(), 1):
        if _HELM.search(line.partition("#")[0]):
            yield _problem(
                piece, number,
                "Helm does not render templates in values, so Python gets the braces",
                expected="z2jh.get_config(KEY), or os.environ", severity="warning",
                rule="placeholder",
            )  # fmt: skip


def _no_python(piece: Piece) -> Problem:
    try:
        compile(piece.text, piece.filename, "exec")
        line, message = 1, "does not compile"
    except (SyntaxError, ValueError) as error:
        line, message = getattr(error, "lineno", None) or 1, getattr(error, "msg", str(error))
    return _problem(piece, line, f"line {line} does not compile: {message}", rule="python")


def _problem(piece: Piece, line: int, message: str, **details: Any) -> Problem:
    text = piece.text.splitlines()
    source = text[line - 1].strip() if 0 < line <= len(text) else MISSING
    return Problem(
        piece.key, message, **{"given": source, **details}, origin=piece.origin(line)
    )  # fmt: skip


def _of_settings(piece: Piece, known: Classes) -> Iterator[Problem]:
    unknown_classes: set[str] = set()
    for setting in piece.settings():
        name = setting.class_name
        if name not in known:
            if name not in unknown_classes and known.near(name):
                unknown_classes.add(name)
                yield _problem(
                    piece, setting.line, **traits.unknown_class(known, name, _set(piece, name))
                )
        elif setting.trait:
            for details in traits.about(known, name, setting.trait, setting.value):
                yield _problem(piece, setting.line, **details)


def _set(piece: Piece, class_name: str) -> list[str]:
    """Return the traits of a class that a piece sets."""
    return [setting.trait for setting in piece.settings() if setting.class_name == class_name]


def _of_pyflakes(piece: Piece, names: set[str]) -> Iterator[Problem]:
    from pyflakes.checker import Checker  # type: ignore[import-untyped]

    extra = {*(NAMES if piece.shared else ()), *names, *dir(builtins)}
    checker = Checker(piece.tree, filename=piece.filename, builtins=extra)
    for message in checker.messages:
        kind = type(message).__name__
        if kind not in _IGNORED:
            yield _problem(
                piece,
                message.lineno,
                message.message % message.message_args,
                rule="python-lint",
                severity="warning",
            )


def executed(
    values: Values, limit: float = sandbox.LIMIT, *, run_anyway: bool = False
) -> Iterator[Problem]:
    """Yield what running the Python shows; nothing if the hub would not get that far."""
    pieces = code.pieces(values)
    try:
        answer = run_checks.answer(values, limit, run_anyway=run_anyway)
    except sandbox.NotIsolated:
        yield Problem(
            "(file)",
            "the Python in these files was not run, because this system cannot block its "
            "network access",
            hint="pass --run-anyway to run code that you trust, or --static to skip it",
            rule="not-isolated", severity="warning",
        )  # fmt: skip
        return
    except sandbox.Stopped as stopped:
        yield from _of_stopped(stopped, pieces)
        return
    for warning in sandbox.warnings(answer):
        yield Problem("(file)", warning, rule="not-isolated", severity="warning")
    yield from _of_missing(answer["missing"], pieces)
    if answer["raised"]:
        yield from _of_raised(answer, pieces, Mask(values.get(())))
    yield from _of_problems(values, answer["problems"], pieces)


def _of_stopped(stopped: sandbox.Stopped, pieces: list[Piece]) -> Iterator[Problem]:
    place = code.innermost([list(frame) for frame in stopped.frames], pieces)
    if place:
        yield _problem(*place, f"{stopped}, so the hub would not start", rule="python-raises")
    elif pieces and not isinstance(stopped, sandbox.JobFailed):
        yield _problem(pieces[-1], 1, f"{stopped}", rule="python-raises", given=MISSING)


def _of_missing(modules: list[str], pieces: list[Piece]) -> Iterator[Problem]:
    for piece in pieces:
        for name, line in piece.imports():
            top = name.partition(".")[0]
            if top in modules and not is_in_image(top):
                yield _problem(
                    piece, line,
                    f"the module {top} is not installed here, so code that uses it was not checked",
                    hint="ignore this if the hub image contains the module", given=name,
                    rule="missing-module", severity="note",
                )  # fmt: skip


def _of_raised(answer: dict[str, Any], pieces: list[Piece], mask: Mask) -> Iterator[Problem]:
    raised = answer["raised"]
    place = code.innermost(raised["frames"], pieces)
    if not place:
        return
    # the pod may have files, services, variables or modules that this machine lacks
    unlike = (
        _OF_THE_PLACE & set(raised["kinds"])
        or raised["innermost"].endswith("os.py>")
        or raised["innermost"] == "<frozen os>"
        or any(name.partition(".")[0] in answer["missing"] for name, _ in place[0].imports())
    )
    yield _problem(
        *place,
        f"raises {raised['type']}: {mask.text(raised['message'])[:300]}"
        + (" (here, but perhaps not in the hub pod)" if unlike else ", so the hub does not start"),
        rule="python-raises",
        severity="warning" if unlike else "error",
    )


def _of_problems(
    values: Values, problems: list[dict[str, Any]], pieces: list[Piece]
) -> Iterator[Problem]:
    known, mask = Classes(values), Mask(values.get(()))
    for problem in problems:
        name, trait, place = problem["class"], problem["trait"], problem["place"]
        at = code.innermost([place], pieces) if place else None
        if name in known.open or (problem["kind"] == "class" and name in known):
            continue
        match problem["kind"]:
            case "class":
                if not known.near(name):
                    continue  # reported by the custom_classes rule
                details = traits.unknown_class(known, name, problem["traits"])
            case "trait":
                current = known.current_name(name, trait)
                if known.has(name, trait) and not current:
                    continue
                details = (traits.deprecated(name, trait, current) if current
                           else traits.unknown_trait(known, name, trait))  # fmt: skip
            case _:
                details = traits.wrong_value(known, name, trait, MISSING)
                if not (is_secret((name, trait)) or trait_words.is_standard(problem["message"])):
                    details["hint"] = mask.text(problem["message"])
        if at:
            details.pop("given", None)
            yield _problem(*at, **details)
        elif problem["kind"] == "value" and values.has(("hub", "config", name, trait)):
            details.pop("given", None)
            yield values.problem(("hub", "config", name, trait), **details)
