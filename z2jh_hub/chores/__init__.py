"""What the chart's jobs and sidecars do, and what an administrator does by hand.

secrets   the Secret that no template renders
images    wait until every node has the users' images
acme      keep traefik's certificates over a restart
cull      say when a user's servers are culled
db        back up, check, upgrade and restore the hub's database

All of them run in the hub's image. What needs the cluster asks it through `kubernetes`.
"""

from __future__ import annotations


class ChoreError(Exception):
    """A chore could not be done; the text says why, to an administrator, and shows no secret."""
