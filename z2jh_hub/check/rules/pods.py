"""Report what is wrong with the pods that servers are started as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import sandbox
from ...config.errors import MISSING, Problem
from ...config.values import Values
from .. import causes, run_checks, setting_failures, spellings
from ..causes import Located

# what a pod can lose: how it is called, one and several
_LOST = {
    "mount": ("the volume mounted at {}", "the volumes mounted at {}"),
    "limit": ("the limit of {}", "the limits of {}"),
    "request": ("the request of {}", "the requests of {}"),
    "security": ("{} of the security context", "{} of the security context"),
    "affinity": ("the required {} rule", "the required {} rules"),
    "toleration": ("the toleration of {}", "the tolerations of {}"),
    "selector": ("the node selector {}", "the node selectors {}"),
    "variable": ("the variable {}", "the variables {}"),
    "init": ("the init container {}", "the init containers {}"),
    "container": ("the container {}", "the containers {}"),
    "label": ("the label {}", "the labels {}"),
}
# variables without which a user server does not start, or the hub does not hear of it
_NEEDED = "JUPYTERHUB_"
# tolerations that the chart adds by itself, for nodes that few clusters have
_OWN_TOLERATIONS = ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield what the pods of all profiles, choices and kinds of users show."""
    try:
        answer = run_checks.answer(values, run_anyway=run_anyway)["pods"]
    except sandbox.Stopped:
        return  # reported by `snippets`
    findings = answer["findings"] if answer else ()
    for finding in findings:
        value = finding.get("value", MISSING)
        place = causes.locate(values, finding["cause"], answer["profiles_place"], value)
        problem = _OF[finding["kind"]](values, finding, place)
        if problem:
            yield problem
    # searching the cause of a failure takes the time of the other servers
    if answer and answer["untried"] and not findings:
        yield _untried(values, answer["untried"])


def _untried(values: Values, requests: list[dict[str, Any]]) -> Problem:
    """Return a note with the servers that the limits of the survey leave out."""
    parts = {
        "profiles": sorted({_of_profile(one) for one in requests if one.get("profile")}),
        "members of": sorted({g for one in requests for g in one.get("groups") or ()}),
        "users": sorted({one["user"] for one in requests if _is_of_user(one)}),
    }
    what = "; ".join(f"{part} {_list(names)}" for part, names in parts.items() if names)
    return values.problem(
        "singleuser",
        "there are more kinds of servers than the check starts; not tried: "
        + (what or "servers of admins"),
        given=MISSING, hint="z2jh preview --user NAME --groups G --profile P tries one of them",
        severity="note", rule="servers-untried",
    )  # fmt: skip


def _of_profile(request: dict[str, Any]) -> str:
    chosen = [f"{name}={value}" for name, value in (request.get("options") or {}).items()]
    return f"{request['profile']} ({', '.join(chosen)})" if chosen else str(request["profile"])


def _is_of_user(request: dict[str, Any]) -> bool:
    return not (request.get("profile") or request.get("groups")) and request.get("admin") is None


def _who(request: dict[str, Any]) -> str:
    """Return which servers a finding is about, as the end of a sentence."""
    parts = []
    if request.get("profile"):
        parts.append(f"with the profile {request['profile']}")
    for option, choice in (request.get("options") or {}).items():
        parts.append(f"{option.removesuffix('--unlisted-choice')}={choice}")
    if request.get("groups"):
        parts.append(f"of members of {', '.join(request['groups'])}")
    if request.get("admin"):
        parts.append("of admins")
    return f" (servers {', '.join(parts)})" if parts else ""


def _mistake(values: Values, finding: dict[str, Any], place: Located | None) -> Problem | None:
    dropped, relaxed = (finding["problem"] == kind for kind in ("unknown", "relaxed"))
    effect = "" if dropped or relaxed else f", so Kubernetes rejects the {_object(finding)}"
    names = finding["names"]
    name = names[-1] if names else "value"
    message = finding["message"]
    if finding["problem"] == "type":
        message = f"{name} must be {finding['expected']}"
    elif finding["problem"] == "missing":
        message = f"{name} is missing"
        place = place or causes.named(values, names[1:-1])
    details = {
        "expected": finding["expected"], "hint": finding["hint"],
        "rule": "pod-field" if dropped else "pod-rejected",
        "severity": "warning" if dropped or relaxed else "error",
    }  # fmt: skip
    if place is None:
        where = ".".join(names)
        details["severity"] = "warning"
        return Problem("singleuser", f"{message} in {where}{effect}{_who(finding['request'])}",
                       **details, origin=values.origin("singleuser"))  # fmt: skip
    return place.problem(f"{message}{effect}", **details)


def _object(finding: dict[str, Any]) -> str:
    return {"Pod": "pod", "PersistentVolumeClaim": "PVC"}.get(finding["object"], "object")


def _failure(values: Values, finding: dict[str, Any], place: Located | None) -> Problem | None:
    raised = f"{finding['type']}: {finding['message']}"
    who = _who(finding["request"])
    if place is None and finding["type"] == "KeyError" and not finding["absent"]:
        name = finding["message"].strip("'")
        place = causes.template(values, name)
        finding = {**finding, "cause": {"kind": "template"}, "value": f"{{{name}}}"}
    if place is None:
        if finding["absent"]:
            return None
        return Problem(
            "singleuser", f"no pod could be made here: {raised}{who}", rule="start-fails",
            severity="warning", origin=values.origin("singleuser"),
        )  # fmt: skip
    if finding["cause"]["kind"] != "code" or place.piece is None:
        return setting_failures.problem(finding, place, raised)
    if finding["absent"]:
        return place.problem(
            f"raises {raised} here, without the cluster, files and network of the hub pod",
            rule="start-fails", severity="note",
        )  # fmt: skip
    if finding.get("names"):
        return place.problem(
            f"sets the environment variable {_list(finding['names'])} to a value that is not "
            f"text, so servers do not start{who}",
            expected="text", hint="convert the value with str()", rule="start-fails",
        )  # fmt: skip
    return place.problem(
        f"raises {raised}, so servers do not start{who}", rule="start-fails",
        hint=spellings.hint(place.piece, place.line, finding["type"]),
    )  # fmt: skip


def _loss(values: Values, finding: dict[str, Any], place: Located | None) -> Problem | None:
    lost: dict[str, list[str]] = {}
    for kind, name in finding["lost"]:
        lost.setdefault(kind, []).append(name)
    own = [name for name in lost.pop("toleration", []) if name not in _OWN_TOLERATIONS]
    if own:
        lost["toleration"] = own
    if place is None or not lost:
        return None
    home = finding["home"] in lost.get("mount", ())
    needed = [name for name in lost.get("variable", ()) if name.startswith(_NEEDED)]
    what = " and ".join(_LOST[kind][len(names) > 1].format(_list(names))
                        for kind, names in lost.items())  # fmt: skip
    effect = ", the home directory" if home else ""
    if needed:
        effect = ", so servers do not start"
    verb = "replaces" if place.piece is None else "removes"
    return place.problem(
        f"{verb} what the chart sets: the pod loses {what}{effect}{_who(finding['request'])}",
        expected="the chart's settings and yours",
        hint="write a mapping of names to entries, which is merged" if _is_list(place) else "",
        rule="home-mount-lost" if home else "pod-loses",
        severity="error" if needed else "warning",
    )  # fmt: skip


def _is_list(place: Located) -> bool:
    return place.piece is None and isinstance(place.values.get(place.path), list)


def _list(names: list[str]) -> str:
    shown = names[:4] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _assigned(values: Values, finding: dict[str, Any], place: Located | None) -> Problem | None:
    if place is None:
        return None
    name, trait = finding["class"], finding["trait"]
    return place.problem(
        f"assigns {name}.{trait} while a server starts, which changes the next server of every "
        "user, but not this one",
        expected="an assignment to the spawner of this user",
        hint=f"write `spawner.{trait} = …`",
        rule="hook-sets-config",
        severity="warning",
    )


_OF = {"mistake": _mistake, "failure": _failure, "loss": _loss, "assigned": _assigned}
