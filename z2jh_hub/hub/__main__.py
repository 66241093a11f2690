"""`python -m z2jh_hub.hub`: run JupyterHub without a library that it loads but does not use.

JupyterHub's schemas of events do not use the format of JSON Schema for which jsonschema loads
rfc3987_syntax, which takes almost half of the hub's start. The hub image does not contain it.

The levers of `speed` that act before JupyterHub is imported are pulled here.
"""

import sys


def main() -> None:
    """Run JupyterHub with the arguments of the command line."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from . import speed

    speed.install_early()
    from jupyterhub.app import main as run

    run()


if __name__ == "__main__":
    main()
