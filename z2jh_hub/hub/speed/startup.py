"""Import less, and do not look for cyclic garbage meanwhile.

Changes a setting of the interpreter: imports make some 500,000 objects that stay, and the collector
visits them again and again. It runs again once the hub is up, or after a minute.

It also keeps jsonschema from importing what checks formats that no schema of JupyterHub's events
has (durations, colors, templates of URLs, host names). jsonschema does without what is not
installed; a schema of events of your own with such a format is then not checked for it.
"""

from __future__ import annotations

import gc
import sys
import threading

UNUSED = ("fqdn", "isoduration", "uri_template", "webcolors")
AT_MOST = 60.0  # seconds


def install() -> None:
    """Switch the collector off for a start, and hide unused modules."""
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    gc.disable()
    # also if the hub does not start, or `garbageCollection` is off
    timer = threading.Timer(AT_MOST, gc.enable)
    timer.daemon = True
    timer.start()
