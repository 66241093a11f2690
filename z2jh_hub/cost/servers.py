"""Determine what user servers request, by creating their pods with the real spawner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..config.suggestions import did_you_mean
from ..config.values import Values
from ..doctor.headroom import requests
from ..inspect import preview
from . import CostError, plain_servers
from .packing import Pod

USER = "user"
INSTANCE_TYPES = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
CHOICE = re.compile(r"([\w.-]+)=(.*)")


@dataclass(frozen=True)
class Server:
    """A kind of user server: its pod, the claims that a user gets, and its share of users.

    `name` is the slug of a profile, with options if they were chosen. `limits` are those of the
    notebook container. `node` is a node type that the pod's nodeSelector names.
    """

    pod: Pod
    homes: Sequence[float] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    node: str | None = None
    selector: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the kind, for messages."""
        return self.pod.name


@dataclass(frozen=True)
class Choice:
    """The profile and the options that some users choose."""

    name: str
    share: float
    slug: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def servers(
    values: Values, shares: Mapping[str, float], *, run_anyway: bool = False
) -> tuple[list[Server], list[str]]:
    """Return the kinds of servers of a deployment, and notes about them.

    `shares` are numbers by slug, or by slug and options (`large,memory=8G`). Without any, all
    users start the default profile. Raises CostError, ConfigError.
    """
    profiles = _profiles(values)
    choices = _choices(shares, profiles)
    notes = []
    if not shares and len(profiles) > 1:
        notes.append(
            f"all users are assumed to start the default profile, {choices[0].name}; "
            "set shares with --share PROFILE=NUMBER"
        )
    results = []
    for choice, answer in zip(choices, _rendered(values, choices, run_anyway), strict=True):
        if isinstance(answer, preview.Objects):
            results.append(_of_pod(choice, answer))
            notes += _selection(results[-1])
            continue
        notes.append(
            f"the requests of {choice.name} are those of the values, without Python code: {answer}"
        )
        results.append(_of_values(choice, values))
    return results, notes


def _profiles(values: Values) -> dict[str, Mapping[str, Any]]:
    """Return the profiles of the values by their slugs."""
    entries = values.get("singleuser.profileList") or []
    items = entries.values() if isinstance(entries, dict) else entries
    mappings = [item for item in items if isinstance(item, dict)]
    return dict(zip(filter(None, preview.profiles(values)), mappings, strict=True))


def _choices(
    shares: Mapping[str, float], profiles: Mapping[str, Mapping[str, Any]]
) -> list[Choice]:
    total = sum(shares.values())
    if not shares:
        default = next((slug for slug, each in profiles.items() if each.get("default")), None)
        slug = default or next(iter(profiles), None)
        return [Choice(slug or "server", 1.0, slug)]
    choices = []
    for name, share in shares.items():
        slug, *options = name.split(",")
        if slug not in profiles:
            expected = f"the profiles are: {', '.join(profiles)}" if profiles else (
                "the values have no singleuser.profileList"
            )  # fmt: skip
            hint = did_you_mean(slug, profiles)
            message = f"there is no profile {slug!r}; {expected}"
            raise CostError(f"{message} ({hint})" if hint else message)
        if share:
            chosen = _options(options, slug, profiles[slug].get("profile_options"))
            choices.append(Choice(name, share / total, slug, chosen))
    return choices


def _options(options: Sequence[str], slug: str, offered: Any) -> dict[str, str]:
    """Return the choices by option. Raises CostError for what the profile does not offer."""
    matches = [CHOICE.fullmatch(option) for option in options]
    if not all(matches):
        raise CostError(f"expected --share {slug},OPTION=CHOICE=NUMBER for a profile with options")
    chosen = {match[1]: match[2] for match in matches if match}
    known = offered if isinstance(offered, dict) else {}
    for option, choice in chosen.items():
        if option not in known:
            raise CostError(f"the profile {slug!r} has no option {option!r}; {_listed(known)}")
        of_option = known[option] if isinstance(known[option], dict) else {}
        choices = of_option.get("choices") or {}
        if choice not in choices and not of_option.get("unlisted_choice"):
            raise CostError(
                f"the option {option!r} of {slug!r} has no choice {choice!r}; {_listed(choices)}"
            )
    return chosen


def _listed(names: Mapping[str, Any]) -> str:
    return f"there are: {', '.join(names)}" if names else "it has none"


def _rendered(
    values: Values, choices: Sequence[Choice], run_anyway: bool
) -> Sequence[preview.Objects | preview.NotRendered]:
    profiles = _profiles(values)
    wanted = []
    for choice in choices:
        profile = profiles.get(choice.slug or "", {})
        users, groups = profile.get("allowed_users"), profile.get("allowed_groups")
        user = str(users[0]) if isinstance(users, list) and users else USER
        groups = list(map(str, groups)) if isinstance(groups, list) else []
        wanted.append(preview.Request(user, groups, choice.slug, choice.options))
    try:
        return preview.each(values, wanted, run_anyway=run_anyway)
    except preview.NotRendered as error:
        return [error] * len(choices)


def _of_pod(choice: Choice, objects: preview.Objects) -> Server:
    spec = objects.pod["spec"]
    needs = {name: amount for name, amount in requests(spec).items() if name != "pods"}
    homes = [
        plain_servers.amount(claim["spec"]["resources"]["requests"]["storage"])
        for claim in objects.claims
    ]
    claims = [volume for volume in spec.get("volumes") or () if volume.get("persistentVolumeClaim")]
    # volumes of other claims are shared: a node attaches them once
    own = {claim["metadata"]["name"] for claim in objects.claims}
    mounted = [each for each in claims if each["persistentVolumeClaim"]["claimName"] in own]
    selector = spec.get("nodeSelector") or {}
    limits = spec["containers"][0].get("resources", {}).get("limits") or {}
    return Server(
        Pod(choice.name, {**needs, "volumes": len(mounted)}, choice.share),
        homes,
        {name: plain_servers.amount(text) for name, text in limits.items()},
        next((selector[label] for label in INSTANCE_TYPES if label in selector), None),
        selector,
    )


def _selection(server: Server) -> list[str]:
    """Return a note about node labels, which the prices do not have."""
    if server.node or not server.selector:
        return []
    labels = ", ".join(f"{name}={value}" for name, value in server.selector.items())
    return [
        f"servers of {server.name} select nodes with the labels {labels}; "
        "choose their node type with --node"
    ]


def _of_values(choice: Choice, values: Values) -> Server:
    needs, limits, homes = plain_servers.of_values(
        values, _profiles(values).get(choice.slug or "", {}), choice.options
    )
    pod = Pod(choice.name, {**needs, "volumes": len(homes)}, choice.share)
    return Server(pod, homes, limits)
