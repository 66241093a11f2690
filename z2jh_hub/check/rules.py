"""Every rule by its id, which stays; each has its page, `docs/rules/ID.md`."""

from __future__ import annotations

RULES = {
    # the file
    "file": "A file that holds no values",
    "yaml": "Not YAML",
    "duplicate-key": "A key given twice",
    "curly-quotes": "Typographic quotes",
    "list-shadowed": "A list that replaces an earlier file's",
    "unknown-rule": "A comment that silences nothing",
    # its keys
    "value": "A value that its key does not take",
    "missing-key": "A key that has to be there",
    "unknown-key": "A key that nothing reads",
    "misplaced-key": "A key at the wrong level",
    "placeholder": "A placeholder of an example that was not replaced",
    "legacy-key": "A key of the 2018 guide",
    "unknown-class": "A class that is not there",
    "unknown-trait": "A trait that its class does not have",
    "trait-value": "A value that its trait does not take",
    "deprecated-trait": "A trait by its old name",
    "python": "Python that does not compile",
    "python-lint": "Python that is probably not meant",
    "python-raises": "Python that stops the hub",
    "missing-module": "A module that is not installed here",
    # what it means
    "quantity": "An amount that is none",
    "guarantee-above-limit": "A guarantee above its limit",
    "mount-collision": "Two mounts at one path",
    "undefined-volume": "A mount of a volume that is not there",
    "home-mount-lost": "A profile without its users' home",
    "profile": "A profile without a name",
    "profile-slug": "Two profiles of one slug",
    "profile-default": "Two defaults",
    "profile-option": "An option that cannot be chosen",
    "image-tag": "An image whose tag is missing, moves or is a number",
    "hub-image": "A hub image that may lack this project",
    "cull-period": "A culler that looks too seldom",
    "cull-timeout": "A culler that stops servers in use",
    "probe": "A probe that Kubernetes refuses, or that kills a hub that starts",
    "network-cut": "A network policy that cuts off what is needed",
    "https-incomplete": "HTTPS that is half configured",
    "ingress-host": "An ingress whose hosts are missing or do not agree",
    "pem": "A certificate or key that cannot be read",
    "plain-secret": "A secret in a file that git tracks",
    "jupyterhub-version": "A user image of another JupyterHub",
    # who gets in
    "nobody-allowed": "Nobody may log in",
    "everybody-allowed": "Everybody may log in",
    "admin-not-allowed": "An admin who may not log in",
    "name-normalised": "A name that the hub writes otherwise",
}
