"""Every private name of traitlets and oauthenticator that this project depends on, and why.

They may change in any release. tests/hub/test_trait_names.py checks what each does, and that no
module uses a name that is not listed here. `z2jh_hub.spawner.private_names` lists the private
names of JupyterHub and KubeSpawner.
"""

from __future__ import annotations

from ..spawner.private_names import PrivateName

TRAITLETS = (
    PrivateName(
        "traitlets:TraitType",
        "_validate",
        "called",
        "validates a value without setting the trait",
        (
            "check/rules/traits.py",
            "hub/reload/parts.py",
            "sandbox/trait_checks.py",
            "spawner/pod_overrides.py",
        ),
    ),
    PrivateName(
        "traitlets:List",
        "_trait",
        "read",
        "describes the type of the items of a list or a set",
        ("sandbox/table.py",),
    ),
    PrivateName(
        "traitlets:Dict",
        "_value_trait",
        "read",
        "describes the type of the values of a mapping",
        ("sandbox/table.py",),
    ),
)

OAUTHENTICATOR = (
    PrivateName(
        "oauthenticator.oauth2:OAuthenticator",
        "_deprecated_oauth_aliases",
        "read",
        "knows the current names of deprecated traits of all OAuthenticators",
        ("sandbox/login.py", "sandbox/table.py"),
    ),
    PrivateName(
        "oauthenticator.oauth2:OAuthenticator",
        "_deprecated_aliases",
        "read",
        "knows the current names of deprecated traits of one class",
        ("sandbox/table.py",),
    ),
)
