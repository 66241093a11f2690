"""Tasks of the chart's jobs and sidecars, and of administrators.

secrets   create and rotate the hub's secrets
images    wait until the images of user servers are pulled
acme      save and restore traefik's certificates
cull      explain when a user's servers will be culled
db        back up, check, upgrade and restore the hub's database

All of them run in the hub's image, and access the cluster through `kubernetes`.
"""

from __future__ import annotations


class ChoreError(Exception):
    """A task failed. The message is for administrators and contains no secrets."""
