"""The kinds of object that the embedded API keeps: one table.

Plural, kind, group and short names are Kubernetes' own (`kubectl api-resources`).
"""

from __future__ import annotations

from dataclasses import dataclass

OBJECT_VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
)  # fmt: skip
EVERYWHERE = ("metadata.name", "metadata.namespace")


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of object. `fields` are those that a field selector may name."""

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    fields: tuple[str, ...] = EVERYWHERE
    in_all: bool = False
    stored: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As messages name it: `pods`, `ingresses.networking.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def singular(self) -> str:
        return self.kind.lower()

    def __repr__(self) -> str:
        return f"Resource({self.qualified})"


NAMESPACES = Resource(
    "namespaces", "Namespace", namespaced=False, short=("ns",), subresources=("finalize", "status"),
    fields=(*EVERYWHERE, "status.phase"),
)  # fmt: skip
PODS = Resource(
    "pods", "Pod", short=("po",), in_all=True,
    subresources=("attach", "exec", "log", "portforward", "status"),
    fields=(*EVERYWHERE, "spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
            "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
            "status.nominatedNodeName"),
)  # fmt: skip
CLAIMS = Resource(
    "persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",), subresources=("status",)
)
VOLUMES = Resource(
    "persistentvolumes", "PersistentVolume", namespaced=False, short=("pv",),
    subresources=("status",),
)  # fmt: skip
EVENTS = Resource(
    "events", "Event", short=("ev",),
    fields=(*EVERYWHERE, "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
            "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
            "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"),
)  # fmt: skip
SECRETS = Resource("secrets", "Secret", fields=(*EVERYWHERE, "type"))
CONFIG_MAPS = Resource("configmaps", "ConfigMap", short=("cm",))
SERVICES = Resource(
    "services", "Service", short=("svc",), in_all=True, subresources=("status",),
    fields=(*EVERYWHERE, "spec.clusterIP", "spec.type"),
)  # fmt: skip
ENDPOINTS = Resource("endpoints", "Endpoints", short=("ep",))
SERVICE_ACCOUNTS = Resource("serviceaccounts", "ServiceAccount", short=("sa",))
NODES = Resource(
    "nodes", "Node", namespaced=False, short=("no",), subresources=("status",),
    fields=(*EVERYWHERE, "spec.unschedulable"),
)  # fmt: skip
RESOURCE_QUOTAS = Resource(
    "resourcequotas", "ResourceQuota", short=("quota",), subresources=("status",)
)
LIMIT_RANGES = Resource("limitranges", "LimitRange", short=("limits",))
ENDPOINT_SLICES = Resource("endpointslices", "EndpointSlice", "discovery.k8s.io")
INGRESSES = Resource(
    "ingresses", "Ingress", "networking.k8s.io", short=("ing",), subresources=("status",)
)
INGRESS_CLASSES = Resource("ingressclasses", "IngressClass", "networking.k8s.io", namespaced=False)
NETWORK_POLICIES = Resource(
    "networkpolicies", "NetworkPolicy", "networking.k8s.io", short=("netpol",)
)
JOBS = Resource("jobs", "Job", "batch", in_all=True, subresources=("status",))
CRON_JOBS = Resource(
    "cronjobs", "CronJob", "batch", short=("cj",), in_all=True, subresources=("status",)
)
LEASES = Resource("leases", "Lease", "coordination.k8s.io")
DEPLOYMENTS = Resource(
    "deployments", "Deployment", "apps", short=("deploy",), in_all=True, subresources=("status",)
)
STATEFUL_SETS = Resource(
    "statefulsets", "StatefulSet", "apps", short=("sts",), in_all=True, subresources=("status",)
)
DAEMON_SETS = Resource(
    "daemonsets", "DaemonSet", "apps", short=("ds",), in_all=True, subresources=("status",)
)
ROLES = Resource("roles", "Role", "rbac.authorization.k8s.io")
ROLE_BINDINGS = Resource("rolebindings", "RoleBinding", "rbac.authorization.k8s.io")
CLUSTER_ROLES = Resource(
    "clusterroles", "ClusterRole", "rbac.authorization.k8s.io", namespaced=False
)
CLUSTER_ROLE_BINDINGS = Resource(
    "clusterrolebindings", "ClusterRoleBinding", "rbac.authorization.k8s.io", namespaced=False
)
STORAGE_CLASSES = Resource(
    "storageclasses", "StorageClass", "storage.k8s.io", namespaced=False, short=("sc",)
)
PRIORITY_CLASSES = Resource(
    "priorityclasses", "PriorityClass", "scheduling.k8s.io", namespaced=False, short=("pc",)
)
DISRUPTION_BUDGETS = Resource(
    "poddisruptionbudgets", "PodDisruptionBudget", "policy", short=("pdb",),
    subresources=("status",),
)  # fmt: skip

# Questions, answered and not kept.
ACCESS_REVIEWS = Resource(
    "subjectaccessreviews", "SubjectAccessReview", "authorization.k8s.io",
    namespaced=False, stored=False,
)  # fmt: skip
SELF_ACCESS_REVIEWS = Resource(
    "selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io",
    namespaced=False, stored=False,
)  # fmt: skip
LOCAL_ACCESS_REVIEWS = Resource(
    "localsubjectaccessreviews", "LocalSubjectAccessReview", "authorization.k8s.io", stored=False
)
SELF_REVIEWS = Resource(
    "selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io",
    namespaced=False, stored=False,
)  # fmt: skip

RESOURCES: tuple[Resource, ...] = (
    NAMESPACES, PODS, CLAIMS, VOLUMES, EVENTS, SECRETS, CONFIG_MAPS, SERVICES, ENDPOINTS,
    SERVICE_ACCOUNTS, NODES, RESOURCE_QUOTAS, LIMIT_RANGES, ENDPOINT_SLICES, INGRESSES,
    INGRESS_CLASSES, NETWORK_POLICIES, JOBS, CRON_JOBS, LEASES, DEPLOYMENTS, STATEFUL_SETS,
    DAEMON_SETS, ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, STORAGE_CLASSES,
    PRIORITY_CLASSES, DISRUPTION_BUDGETS, ACCESS_REVIEWS, SELF_ACCESS_REVIEWS,
    LOCAL_ACCESS_REVIEWS, SELF_REVIEWS,
)  # fmt: skip
STORED: tuple[Resource, ...] = tuple(resource for resource in RESOURCES if resource.stored)

_BY_PATH = {(r.group, r.version, r.plural): r for r in RESOURCES}
_BY_KIND = {(r.api_version, r.kind): r for r in RESOURCES}


def by_path(group: str, version: str, plural: str) -> Resource | None:
    """The resource that a URL names (`""` is the core group)."""
    return _BY_PATH.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Resource | None:
    """The resource that an object says it is."""
    return _BY_KIND.get((api_version, kind))
