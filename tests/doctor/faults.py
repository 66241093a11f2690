"""The faults that the tests inject, each with the id of its finding."""

from __future__ import annotations

from collections.abc import Callable

from doctor import faults_of_access as access
from doctor import faults_of_cluster as cluster
from doctor import faults_of_pods as pods
from doctor.worlds import World

Fault = tuple[str, Callable[[World], None]]

# id of the finding: what breaks a release with automatic HTTPS
FAULTS: list[Fault] = [
    ("kubernetes-too-old", cluster.old_cluster),
    ("node-version", cluster.old_node),
    ("object-missing", pods.no_hub_service),
    ("object-missing", pods.no_proxy),
    ("scaled-to-zero", pods.scaled),
    ("pod-crashes", pods.hub_crashes),
    ("out-of-memory", pods.hub_out_of_memory),
    ("restarted-out-of-memory", pods.hub_restarted),
    ("restarted", pods.hub_restarts),
    ("image-not-pulled", pods.scheduler_image),
    ("image-not-pulled", pods.puller_image),
    ("image-not-pulled", pods.proxy_down),
    ("pod-unschedulable", pods.proxy_pending),
    ("reference-missing", pods.secret_key_missing),
    ("pod-not-ready", pods.hub_not_ready),
    ("hub-without-permission", pods.hub_forbidden),
    ("hub-without-permission", pods.watch_forbidden),
    ("pod-starting", pods.hub_starts),
    ("pod-waiting", pods.volume_not_mounted),
    ("pod-does-not-end", pods.stuck_hub),
    ("pod-does-not-end", pods.stuck_server),
    ("pod-not-ready", pods.unreadable_pods),
    ("pod-evicted", pods.evicted),
    ("pods-refused", pods.refused),
    ("no-pod", pods.no_pod),
    ("no-default-storage-class", cluster.no_default_class),
    ("storage-class-missing", cluster.class_unknown),
    ("claim-not-provisioned", cluster.not_provisioned),
    ("claim-pending", cluster.slow_provisioner),
    ("claim-lost", cluster.claim_lost),
    ("claim-missing", cluster.claim_missing),
    ("no-external-address", access.no_address),
    ("service-without-endpoints", access.wrong_selector),
    ("service-without-endpoints", access.no_endpoints),
    ("no-certificate", access.no_tls_secret),
    ("no-certificate", access.not_issued),
    ("certificate-expired", access.expired),
    ("certificate-ends-soon", access.ends_soon),
    ("certificate-invalid", access.no_certificate_in),
    ("secret-missing", access.no_secret),
    ("token-mismatch", access.other_token),
    ("token-mismatch", access.token_refused),
    ("secret-changed", access.secret_changed),
    ("pod-security", cluster.privileged_hub),
    ("pod-security", cluster.privileged_user),
    ("quota-exhausted", cluster.quota),
    ("job-failed", cluster.job),
    ("failed-starts", cluster.failed_start),
    ("failed-starts", cluster.no_room_for_start),
    ("failed-starts", cluster.server_waits),
    ("node-not-ready", cluster.node_down),
    ("node-pressure", cluster.disk_pressure),
    ("no-room", cluster.full),
    ("pod-without-owner", cluster.without_owner),
    ("home-of-deleted-user", cluster.deleted_user),
]
# the same for a release behind an Ingress
INGRESS_FAULTS: list[Fault] = [
    ("tls-secret-missing", access.no_tls_secret),
    ("certificate-invalid", access.not_issued),
    ("certificate-expired", access.expired),
    ("certificate-of-another-host", access.other_host),
    ("ingress-class-missing", access.ingress_class),
    ("ingress-without-address", access.ingress_address),
    ("only-inside-cluster", access.only_inside),
]
