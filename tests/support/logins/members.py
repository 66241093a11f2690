"""Ten people, and their groups at each provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """A person whom every provider knows, under a handle or an email address."""

    handle: str
    domain: str = "example.edu"

    @property
    def email(self) -> str:
        return f"{self.handle}@{self.domain}"

    @property
    def number(self) -> int:
        return 100 + list(MEMBERS).index(self.handle.lower())


_ALL = (
    Member("ana"), Member("ben"), Member("cleo"), Member("dora"), Member("eve"), Member("finn"),
    Member("gus", "gmail.com"), Member("hana"), Member("Ida-Lee"), Member("jo"),
)  # fmt: skip
MEMBERS = {member.handle.lower(): member for member in _ALL}

_FIRST = "11111111-0000-4000-8000-000000000000"
_OTHER = "22222222-0000-4000-8000-000000000000"
_ADMINS = "aaaaaaaa-0000-4000-8000-000000000000"
_LDAP = "ou=groups,dc=example,dc=edu"
_BY_ID = {"dora": [_FIRST], "eve": [_FIRST], "gus": [_FIRST], "hana": [_ADMINS], "jo": [_OTHER]}

#: groups of each person at a provider, as `z2jh check --groups` takes them
GROUPS: dict[str, dict[str, list[str]]] = {
    "auth0": {},
    "azuread": _BY_ID,
    "bitbucket": {"dora": ["example-lab"], "eve": ["example-lab"], "jo": ["another-lab"]},
    "cilogon": {},
    "github": {
        "ana": ["example-university"],
        "cleo": ["example-university"],
        "dora": ["example-physics"],
        "eve": ["example-physics"],
        "gus": ["example-university", "example-university:students"],
        "hana": ["example-university", "example-university:staff"],
        "jo": ["example-university"],
    },
    "gitlab": {
        "dora": ["university/physics"],
        "eve": ["university", "4711"],
        "gus": ["4711"],
        "hana": ["university"],
        "jo": ["university/physics/lab"],
    },
    "globus": _BY_ID,
    "google": {},
    "ldap": {
        "cleo": [f"cn=staff,{_LDAP}", f"cn=students,{_LDAP}"],
        "dora": [f"cn=staff,{_LDAP}"],
        "eve": [f"cn=staff,{_LDAP}"],
        "jo": [f"cn=students,{_LDAP}"],
    },
    "okta": {
        "dora": ["staff"],
        "eve": ["staff"],
        "hana": ["hub-admins"],
        "jo": ["students"],
    },
}


def groups_at(provider: str, member: Member) -> list[str]:
    return GROUPS[provider].get(member.handle.lower(), [])
