"""Mistakes in profiles, in `hub.config` and in free keys, for `mutators`.

The chart's schema does not name these keys.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import traitlets
import yaml

from . import mistakes
from .page import Entry, Keys, Page, Spot

PROFILE_KEYS = frozenset(
    {"display_name", "description", "kubespawner_override", "profile_options", "choices",
     "unlisted_choice", "slug", "default"}
)  # fmt: skip
_OUTSIDE = ("mem_limit: 2G", "cpu_limit: 1", "image: a/b:1", "environment: {A: b}", "uid: 1000",
            "node_selector: {a: b}", "lifecycle_hooks: {}", "image_spec: a/b:1", "extraEnv: {}",
            "volumes: []", "default_url: /lab")  # fmt: skip
_OF_CHART = ("extraEnv: {A: b}", "nodeSelector: {a: b}", "memory: {limit: 2G}", "cpu: 2",
             "lifecycleHooks: {}", "defaultUrl: /lab", "extraPodConfig: {}", "display_name: A",
             "default: true", "profile_options: {}", "initContainers: []")  # fmt: skip
_RULES = ("allowed_groups", "allowed_users")
_SECTIONS = ("singleuser", "proxy", "cull", "scheduling", "prePuller", "extraConfig", "extraEnv",
             "db", "services", "loadRoles", "baseUrl", "templateVars", "admin_users",
             "allowed_users")  # fmt: skip
_GROUPS = ("alice", "{users: alice}", "{members: [alice]}", "{user: [alice]}", "5", "[[alice]]",
           "{users: {alice: true}}", "{properties: [a]}", "{users: [1]}", "null")  # fmt: skip
_OWN, _CUSTOM = ("quotas", "failures", "rescue"), ("quota", "failure", "Quotas", "Rescue")


def profile_keys(page: Page) -> Iterator[Spot]:
    """A key of a profile, of an option or of a choice, misspelled."""
    for entry in page.entries:
        if _is_in_profile(entry.path) and entry.path[-1] in PROFILE_KEYS:
            yield page.renamed(entry, PROFILE_KEYS.__contains__)


def _is_in_profile(path: Keys) -> bool:
    return path[:2] == ("singleuser", "profileList") and "kubespawner_override" not in path[:-1]


def outside(page: Page) -> Iterator[Spot]:
    """A trait of the spawner beside `kubespawner_override`."""
    for entry in page.entries:
        if _is_in_profile(entry.path) and entry.path[-1] == "display_name" and entry.is_short:
            yield _after(page, entry, lambda rng: rng.choice(_OUTSIDE))


def of_chart(page: Page) -> Iterator[Spot]:
    """A key of the chart or of the profile in `kubespawner_override`."""
    for entry in page.entries:
        if entry.path[-2:-1] == ("kubespawner_override",) and entry.is_short:
            yield _after(page, entry, lambda rng: rng.choice(_OF_CHART))


def access_rules(page: Page) -> Iterator[Spot]:
    """A misspelled access rule in a profile."""
    for entry in page.entries:
        if _is_in_profile(entry.path) and entry.path[-1] == "display_name" and entry.is_short:
            yield _after(
                page, entry, lambda rng: f"{mistakes.misspelled(rng.choice(_RULES), rng)}: [a]"
            )


def texts(page: Page) -> Iterator[Spot]:
    """Text instead of a list in `hub.config.CLASS.TRAIT`."""
    for entry in page.entries:
        trait = mistakes.classes().get(entry.path[2], {}).get(entry.path[3]) if (
            entry.path[:2] == ("hub", "config") and len(entry.path) == 4) else None  # fmt: skip
        if not isinstance(trait, traitlets.List | traitlets.Set) or not page.begins(entry):
            continue
        block, key = page.block(entry), page.lines[entry.line].partition(":")[0]
        if isinstance(entry.value, yaml.SequenceNode):
            yield Spot(
                entry.path, entry.line,
                lambda rng, key=key: [f"{key}: {rng.choice(('alice', 'alice, bob', 'a b'))}"],
                len(block),
            )  # fmt: skip


def sections(page: Page) -> Iterator[Spot]:
    """A key of the chart under `hub.config`."""
    for entry in _classes(page):
        yield _before(page, entry, lambda rng: f"{rng.choice(_SECTIONS)}: {{}}")


def lists(page: Page) -> Iterator[Spot]:
    """A list instead of a mapping under `hub.config.CLASS`."""
    for entry in _classes(page):
        block, key = page.block(entry), page.lines[entry.line].partition(":")[0]
        if entry.path[2] in mistakes.classes():
            yield Spot(
                entry.path, entry.line,
                lambda rng, key=key: [f"{key}: {rng.choice(('[a]', '[{a: b}]', 'some text'))}"],
                len(block),
            )  # fmt: skip


def groups(page: Page) -> Iterator[Spot]:
    """A group of a wrong shape in `load_groups`."""
    for entry in page.entries:
        if entry.path[:3] == ("hub", "config", "JupyterHub") and len(entry.path) == 4:
            yield _before(page, entry, lambda rng: f"load_groups: {{staff: {rng.choice(_GROUPS)}}}")
            return


def template_variables(page: Page) -> Iterator[Spot]:
    """A misspelled variable of the page templates."""
    paths = {entry.path for entry in page.entries}
    for entry in page.entries:
        if entry.path[:1] == ("hub",) and len(entry.path) == 2 and page.begins(entry):
            if ("hub", "templateVars") not in paths:
                yield _before(
                    page, entry,
                    lambda rng: f"templateVars: {{{mistakes.misspelled('announcement', rng)}: x}}",
                )  # fmt: skip
        elif entry.path[:2] == ("hub", "templateVars") and len(entry.path) == 3:
            if ("hub", "templateVars", "announcement") in paths:
                continue
            yield _before(page, entry, lambda rng: f"{mistakes.misspelled('announcement', rng)}: x")


def quotas(page: Page) -> Iterator[Spot]:
    """A quota for a profile that does not exist."""
    if "profile_list" in "\n".join(page.lines) or "quotas:" in "\n".join(page.lines):
        return
    for entry in page.entries:
        if entry.path[:1] == ("hub",) and len(entry.path) == 2 and page.begins(entry):
            yield _before(page, entry, _quota)


def _quota(rng: random.Random) -> str:
    return f"quotas: {{all: {{profiles: {{{mistakes.misspelled('profile', rng)}: 1}}}}}}"


def custom_keys(page: Page) -> Iterator[Spot]:
    """A key of `custom` that resembles a key of `hub`."""
    has_custom = any(entry.path == ("custom",) for entry in page.entries)
    for entry in page.entries:
        if entry.path[:1] == ("custom",) and len(entry.path) == 2:
            yield _before(page, entry, lambda rng: f"{_custom(rng)}: {{a: 1}}")
        elif entry.path == ("hub",) and not has_custom:
            yield _before(page, entry, lambda rng: f"custom: {{{_custom(rng)}: {{a: 1}}}}")


def _custom(rng: random.Random) -> str:
    return rng.choice((*_CUSTOM, mistakes.misspelled(rng.choice(_OWN), rng)))


def authenticators(page: Page) -> Iterator[Spot]:
    """The short name of an authenticator, misspelled."""
    for entry in page.entries:
        name = getattr(entry.value, "value", "")
        if entry.path == ("hub", "config", "JupyterHub", "authenticator_class") and "." not in name:
            yield page.revalued(entry, lambda rng, name=name: mistakes.misspelled(name, rng))


def _classes(page: Page) -> Iterator[Entry]:
    for entry in page.entries:
        if entry.path[:2] == ("hub", "config") and len(entry.path) == 3 and page.begins(entry):
            yield entry


def _before(page: Page, entry: Entry, text: Callable[[random.Random], str]) -> Spot:
    """Return a spot that inserts a key before `entry`, in the same mapping."""
    line, indent = page.lines[entry.line], " " * entry.key.start_mark.column
    return Spot(entry.path, entry.line, lambda rng: [indent + text(rng), line])


def _after(page: Page, entry: Entry, text: Callable[[random.Random], str]) -> Spot:
    """Return a spot that inserts a key after the short `entry`, in the same mapping."""
    line, indent = page.lines[entry.line], " " * entry.key.start_mark.column
    return Spot(entry.path, entry.line, lambda rng: [line, indent + text(rng)], offset=1)


KINDS: dict[str, Callable[[Page], Iterator[Spot]]] = {
    "misspelled key of a profile": profile_keys,
    "trait outside an override": outside,
    "chart key in an override": of_chart,
    "misspelled access rule": access_rules,
    "text instead of a list": texts,
    "chart key in hub.config": sections,
    "class without a mapping": lists,
    "group of a wrong shape": groups,
    "misspelled template variable": template_variables,
    "quota for no profile": quotas,
    "close key of custom": custom_keys,
    "misspelled authenticator": authenticators,
}
