"""Report limits of `hub.quotas` for profiles that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Problem
from ...config.suggestions import did_you_mean
from ...config.values import Values
from .. import queries


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each slug that no profile has, unless Python may define profiles."""
    code = queries.code(values)
    if queries.mentions(code, "profile_list") or queries.mentions(code, "profileList"):
        return
    slugs = sorted({queries.slug(profile) for _, profile in queries.profiles(values)} - {""})
    for path, quota in queries.mappings(values, "hub.quotas"):
        for slug in queries.as_mapping(quota.get("profiles")):
            if slug not in slugs:
                yield values.problem(
                    (*path, "profiles", str(slug)),
                    f"no profile has the slug {slug}, so this limit has no effect",
                    expected=f"one of {', '.join(slugs)}" if slugs else
                    "a profile in singleuser.profileList",
                    hint=did_you_mean(str(slug), slugs), severity="warning",
                )  # fmt: skip
