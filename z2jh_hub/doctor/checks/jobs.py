"""Report jobs of the chart that failed."""

from __future__ import annotations

from collections.abc import Iterator

from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, status_of

# component: what its job does
JOBS = {
    "hub-secrets": "creates the secrets of the hub",
    "hook-image-awaiter": "waits until the images are pulled",
    "image-puller": "waits until the images are pulled",
}


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for job in snapshot.component("jobs", *JOBS):
        if (failure := _failure(job)) is not None:
            name = name_of(job)
            component = (job["metadata"].get("labels") or {}).get("component", "")
            yield Finding(
                "job-failed",
                "error",
                f"Job/{name}",
                f"the job that {JOBS.get(component, 'prepares the release')} failed",
                "The last installation or upgrade of the release is incomplete.",
                "Correct the cause, and run helm upgrade again: "
                + kubectl(snapshot, "logs", f"job/{name}"),
                (failure,),
            )


def _failure(job: Object) -> str | None:
    """Return why a job failed; None if it did not."""
    for condition in status_of(job).get("conditions") or ():
        if condition.get("type") == "Failed" and condition.get("status") == "True":
            return f"{condition.get('reason')}: {condition.get('message')}"
    return None
