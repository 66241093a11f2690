"""The objects of a namespace at one moment, and questions about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ..config.ownership import release_of

Object = Mapping[str, Any]

USER_SERVER = "singleuser-server"
_COMPONENT_LABELS = ("component", "app.kubernetes.io/component")


@dataclass(frozen=True)
class Snapshot:
    """What was read from the cluster.

    objects        {plural name of a kind: its objects}; a kind that could not be read is absent.
                   Secrets have only metadata. `allpods` are the pods of all namespaces
    version        the answer of `/version`, or {}
    labels         the labels of the namespace, or None if they could not be read
    logs           {pod: the end of the log of its hub container}
    certificates   {Secret: its certificates in PEM, or DER; empty if it has none}; a Secret
                   that could not be read is absent
    now            the time of reading
    """

    namespace: str
    release: str
    objects: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    version: Object = field(default_factory=dict)
    labels: Mapping[str, str] | None = None
    logs: Mapping[str, str] = field(default_factory=dict)
    certificates: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def knows(self, kind: str) -> bool:
        """Return whether the objects of a kind could be read."""
        return kind in self.objects

    def of(self, kind: str) -> Sequence[Object]:
        """Return all objects of a kind; empty if they could not be read."""
        return self.objects.get(kind, ())

    def named(self, kind: str, name: str) -> Object | None:
        """Return an object by its name."""
        return self._names[kind].get(name)

    def component(self, kind: str, *components: str) -> list[Object]:
        """Return the release's objects of a kind with one of these components."""
        return [each for each in self._ours[kind] if component_of(each) in components]

    def user_pods(self) -> list[Object]:
        """Return the pods of user servers, also of those without the label of a release."""
        return [
            pod
            for pod in self.of("pods")
            if component_of(pod) == USER_SERVER
            and release_of(pod["metadata"]) in ("", self.release)
        ]

    def events(self, kind: str, name: str) -> list[Object]:
        """Return the events about an object, oldest first. `kind` is singular, such as `Pod`."""
        return self._events.get((kind, name), [])

    def pods_with_events(self) -> Iterator[str]:
        """Yield the names of pods that have events; the pods may no longer exist."""
        return (name for kind, name in self._events if kind == "Pod")

    def age(self, item: Object) -> float:
        """Return the seconds since an object was created."""
        return self.seconds_since(item["metadata"].get("creationTimestamp"))

    def seconds_since(self, when: str | None) -> float:
        """Return the seconds since a Kubernetes time; infinite if there is none."""
        then = time_of(when)
        return (self.now - then).total_seconds() if then else float("inf")

    @cached_property
    def _names(self) -> defaultdict[str, dict[str, Object]]:
        names: defaultdict[str, dict[str, Object]] = defaultdict(dict)
        for kind, items in self.objects.items():
            names[kind] = {name_of(item): item for item in items}
        return names

    @cached_property
    def _ours(self) -> defaultdict[str, list[Object]]:
        ours: defaultdict[str, list[Object]] = defaultdict(list)
        for kind, items in self.objects.items():
            ours[kind] = [each for each in items if release_of(each["metadata"]) == self.release]
        return ours

    @cached_property
    def _events(self) -> dict[tuple[str, str], list[Object]]:
        events: dict[tuple[str, str], list[Object]] = {}
        for event in sorted(self.of("events"), key=event_time):
            about = event.get("involvedObject") or {}
            events.setdefault((about.get("kind") or "", about.get("name") or ""), []).append(event)
        return events


def name_of(item: Object) -> str:
    """Return the name of an object."""
    return str(item["metadata"].get("name") or "")


def component_of(item: Object) -> str:
    """Return the component in an object's labels; empty if there is none."""
    labels = item["metadata"].get("labels") or {}
    return next((labels[key] for key in _COMPONENT_LABELS if labels.get(key)), "")


def spec_of(item: Object) -> Object:
    """Return the `spec` of an object, or {}."""
    return item.get("spec") or {}


def status_of(item: Object) -> Object:
    """Return the `status` of an object, or {}."""
    return item.get("status") or {}


def pod_spec(workload: Object) -> Object:
    """Return the spec of a workload's pods, or {}."""
    return (spec_of(workload).get("template") or {}).get("spec") or {}


def containers(spec: Object) -> list[Object]:
    """Return the init containers and containers of a pod's spec."""
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def event_time(event: Object) -> str:
    """Return the time of the last occurrence of an event, in UTC."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"),
             event["metadata"].get("creationTimestamp"))  # fmt: skip
    return next((str(time) for time in times if time), "")


def time_of(text: str | None) -> datetime | None:
    """Return a Kubernetes time; None if there is none or it is invalid."""
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time
