"""The known causes of failed starts, the specific ones before the general ones.

Reasons are those of Kubernetes' API, kubelet, scheduler and cluster autoscaler. Messages are those
that container runtimes and registries have been observed to give.
"""

from __future__ import annotations

from . import Failure, Sign

PULL = "ErrImagePull|ImagePullBackOff"
MINUTE = 60.0


def _pull(message: str) -> tuple[Sign, ...]:
    """Return the signs of an image that cannot be pulled, in a container or an earlier event."""
    return (
        Sign("waiting", PULL, message),
        Sign("init", PULL, message),
        Sign("event", "Failed", f"pull.*({message})"),
    )


def _anywhere(message: str) -> tuple[Sign, ...]:
    """Return signs of a message, in whatever state the container is."""
    return tuple(Sign(place, message=message) for place in ("ended", "init", "waiting", "event"))


def _room(message: str) -> tuple[Sign, ...]:
    return (Sign("unscheduled", message=message),)


# The scheduler's message if no node can hold the pod even when it is empty (Kubernetes 1.32 and
# later): preempting other pods helps on none of the nodes. Nodes that are left out for a reason
# that may pass could be large enough.
_MAY_PASS = r"(?!.*(node\.kubernetes\.io/|taint\(s\)|were unschedulable|volume))"
_EVEN_IF_EMPTY = (
    r".*preemption: 0/(?P<all>\d+) nodes are available: (?P=all) Preemption is not helpful"
)


def _too_large(resource: str) -> Sign:
    """Return the sign of a request for `resource` that no node could hold if it were empty."""
    return Sign("unscheduled", message=f"^{_MAY_PASS}.*Insufficient {resource}{_EVEN_IF_EMPTY}")


REFUSED = (
    Failure(
        "no-home-to-rescue",
        (Sign("home", "None"),),
        "You have no files on this hub yet, so there is nothing to rescue. Start your server "
        "as usual.",
        "A rescue server was requested, and the user has no claim.",
        "If the user should have one, run z2jh homes plan to see which claim belongs to whom.",
    ),
    Failure(
        "home-unknown",
        (Sign("home", "Unmounted"),),
        "The hub cannot find the disk with your files, so it cannot start a rescue server.",
        "A rescue server was requested, and none of the configured volumes is the home.",
        "Set singleuser.storage.homeMountPath to the path at which the configured "
        "volumeMounts mount the home.",
    ),
    Failure(
        "home-ambiguous",
        (Sign("home", "Ambiguous"),),
        "There is more than one disk with your files, and the hub does not know which one to use.",
        "Several claims may be this user's home, or the number in a claim's name is not this "
        "user's id, and no claim has the configured name.",
        "Run z2jh homes plan, then z2jh homes assign CLAIM USER for the right claim and z2jh "
        "homes release CLAIM for each of the others.",
    ),
    Failure(
        "home-of-deleted-user",
        (Sign("owner", "Deleted"),),
        "A previous user with your user name left files on this hub. Ask its administrators "
        "whether they are yours.",
        "A user of this name was deleted or renamed; the claim has the files of that user.",
        "If this is the same person, run z2jh homes assign CLAIM USER. Otherwise run z2jh "
        "homes release CLAIM: the user gets a new home, and the claim is kept.",
    ),
    Failure(
        "home-of-another",
        (Sign("owner", "PersistentVolumeClaim|Path"),),
        "The hub cannot tell your files from another user's, so it does not start your "
        "server. Ask its administrators for help.",
        "The claim or path that this server would mount belongs to another user, server or "
        "release.",
        "Set a name template that gives different names (z2jh check reports templates that do "
        "not), or assign the claim with z2jh homes assign.",
    ),
    Failure(
        "server-of-another",
        (Sign("owner", "Pod|Secret|Service"),),
        "The hub cannot tell your server from another user's, so it does not start it. Ask "
        "its administrators for help.",
        "A pod with this server's name belongs to another user, server or release, and is not "
        "touched.",
        "Set a name template that gives different names (z2jh check reports templates that do "
        "not).",
    ),
    Failure(
        "home-renamed",
        (Sign("home", "NotMounted"),),
        "The disk with your files does not have the name that this hub is configured to use.",
        "The user's claim does not have the name that the configuration gives it now, and the "
        "configured volumes would mount a new and empty one.",
        "Restore the previous value of singleuser.storage.dynamic.pvcNameTemplate, or mount "
        "{pvc_name}.",
    ),
    Failure(
        "quota",
        (Sign("refused", message="exceeded quota"),),
        "This hub has used up its share of the cluster.",
        "A ResourceQuota of the namespace has no room for the pod or its volume.",
        "Raise the quota (kubectl describe quota), or cull idle servers sooner.",
    ),
    Failure(
        "limit-range",
        (
            Sign(
                "refused", "403", r"(minimum|maximum) (cpu|memory|storage).*usage|limit to request"
            ),
        ),
        "This server requests more or less memory or CPU than the cluster allows.",
        "A LimitRange of the namespace does not allow the requests or limits set by "
        "singleuser.memory, singleuser.cpu or the profile.",
        "Change these values or the LimitRange (kubectl describe limitrange).",
    ),
    Failure(
        "pod-security",
        (Sign("refused", message="violates PodSecurity"),),
        "The cluster's security rules do not allow this server.",
        "The Pod Security level of the namespace does not admit the pod.",
        "Remove the settings that the message names, such as an init container that runs as "
        "root, or label the namespace with another level.",
    ),
    Failure(
        "webhook-down",
        (Sign("refused", message="failed calling webhook"),),
        "A part of the cluster that checks new servers does not answer. Try again in a minute.",
        "An admission webhook does not answer, so Kubernetes creates no pods.",
        "Check the pods of the webhook that the message names.",
    ),
    Failure(
        "refused-by-policy",
        (Sign("refused", message="admission webhook|ValidatingAdmissionPolicy"),),
        "A rule of the cluster does not allow this server.",
        "An admission webhook or policy refuses the pod.",
        "Change what the message names, or ask the cluster's administrators for an exception.",
    ),
    Failure(
        "namespace-ending",
        (
            Sign("refused", "403", "because it is being terminated"),
            Sign("refused", "404", "^namespaces .*not found"),
        ),
        "The part of the cluster for your server does not exist or is being deleted.",
        "The namespace for user servers does not exist or is being deleted.",
        "Run kubectl get namespaces. If each user has a namespace, set "
        "hub.config.KubeSpawner.user_namespace_template to one that exists.",
    ),
    Failure(
        "hub-not-allowed",
        (
            Sign("refused", "403", "cannot (create|get|patch|list)"),
            Sign("refused", "401"),
        ),
        "The hub is not allowed to start servers.",
        "The hub's service account lacks a permission, or Kubernetes does not accept its token.",
        "Set rbac.create and hub.serviceAccount, or grant the hub's role the permission that "
        "the message names.",
    ),
    Failure(
        "kubernetes-unreachable",
        (Sign("refused", "0|429|500|502|503|504"),),
        "The cluster does not accept new servers at the moment. Try again in a few minutes.",
        "Kubernetes' API does not answer, or returns a server error.",
        "Check the control plane. Running servers are not affected.",
        2 * MINUTE,
        "The cluster does not answer at the moment. Trying again.",
    ),
    Failure(
        "invalid-pod",
        (Sign("refused", "422|400"),),
        "This server's settings are not valid.",
        "Kubernetes rejects the configured pod or claim as invalid.",
        "Correct the setting that the message names; z2jh check may find it.",
    ),
)

PLACEMENT = (
    Failure(
        "scaling-up",
        (Sign("event", "TriggeredScaleUp|Nominated"),),
        "The cluster tried to add another machine for this server, but it was not ready in time.",
        "The cluster autoscaler was triggered, and no node became ready in time.",
        "Check the autoscaler's events and the cloud provider's quota. If nodes normally take "
        "this long, raise singleuser.startTimeout.",
        20 * MINUTE,
        "The cluster is full. Another machine is being started for this server, which takes a "
        "few minutes.",
    ),
    Failure(
        "no-such-device",
        (Sign("nodes", "NoDevice"), _too_large(r"[a-z0-9.-]+/")),
        "No machine of the cluster has the GPUs, or other devices, that this server needs.",
        "No node has as many of an extended resource as the pod requests, even when it is empty.",
        "Correct the profile's resources, add such nodes, or check that the device plugin runs "
        "(kubectl describe nodes).",
        1 * MINUTE,
        "No machine of the cluster has the GPUs that this server needs. Waiting in case the "
        "cluster adds one.",
        growth=True,
    ),
    Failure(
        "request-too-large",
        (Sign("nodes", "TooLarge"), _too_large("(cpu|memory|ephemeral-storage)")),
        "No machine of the cluster is large enough for this server.",
        "The pod requests more memory, CPU or disk space than any node has, even when it is empty.",
        "Lower the guarantees (singleuser.memory, singleuser.cpu, the profile), or add larger "
        "nodes.",
        1 * MINUTE,
        "No machine of the cluster is large enough for this server. Waiting in case the cluster "
        "adds one.",
        growth=True,
    ),
    Failure(
        "scale-up-refused",
        (Sign("event", "NotTriggerScaleUp"),),
        "The cluster is full and cannot grow.",
        "No node has room, and the cluster autoscaler cannot add one.",
        "Raise the limit of the node pool, add a node pool that fits, or cull idle servers sooner.",
        0.5 * MINUTE,
        "The cluster is full, and no machine can be added. Waiting for another server to stop.",
    ),
    Failure(
        "storage-class-missing",
        (Sign("home", "ProvisioningFailed", r"storageclass\S* \S+ not found"),),
        "The disk for your files cannot be created: this JupyterHub asks for a kind of disk that "
        "the cluster does not have.",
        "The storage class of the home's claim does not exist.",
        "Create it, or correct singleuser.storage.dynamic.storageClass or the profile (kubectl get "
        "storageclasses). Then delete the claim, which keeps the wrong class.",
    ),
    Failure(
        "home-pending",
        (
            Sign("home", "ProvisioningFailed|FailedBinding|ExternalProvisioning|Provisioning"),
            *_room("unbound.*PersistentVolumeClaim|binding volumes|provision"),
        ),
        "The disk for your files could not be created.",
        "The claim of the home is not bound to a volume.",
        "Run kubectl describe pvc. Check that there is a storage class, that its provisioner "
        "runs, and that the cloud provider's quota allows another disk.",
        1 * MINUTE,
        "The disk for your files is being created.",
    ),
    Failure(
        "home-missing",
        _room("persistentvolumeclaim .* not found|persistentvolumeclaim .* (is )?being deleted"),
        "The disk for your files does not exist.",
        "A claim that the pod mounts does not exist or is being deleted.",
        "Create the claim, or correct singleuser.storage and the configured volumes.",
        20.0,
        "The disk for your files does not exist yet.",
    ),
    Failure(
        "home-elsewhere",
        _room("volume node affinity conflict"),
        "Your files are on a disk that none of the machines with room for this server can reach.",
        "The home's volume is in another zone than the nodes with room.",
        "Add a node in the volume's zone. For new homes, a storage class with "
        "WaitForFirstConsumer avoids this.",
        1 * MINUTE,
        "Waiting for a machine that can reach the disk with your files.",
    ),
    Failure(
        "no-gpu",
        _room(r"Insufficient [a-z0-9.-]+/"),
        "No GPU, or other device that this server needs, is free.",
        "No node has the extended resource that the pod requests.",
        "Add such nodes, check the device plugin, or cull idle servers sooner.",
        2 * MINUTE,
        "All GPUs are in use. Waiting for a free one.",
    ),
    Failure(
        "no-memory",
        _room("Insufficient memory"),
        "No machine of the cluster has enough free memory for this server.",
        "No node has the memory that singleuser.memory.guarantee or the profile requests.",
        "Add nodes, lower the guarantee, or cull idle servers sooner.",
        1 * MINUTE,
        "The cluster is short of memory. Waiting for room.",
    ),
    Failure(
        "no-cpu",
        _room("Insufficient cpu"),
        "No machine of the cluster has enough free CPU for this server.",
        "No node has the CPU that singleuser.cpu.guarantee or the profile requests.",
        "Add nodes, lower the guarantee, or cull idle servers sooner.",
        1 * MINUTE,
        "The cluster is short of CPU. Waiting for room.",
    ),
    Failure(
        "no-room",
        _room("Insufficient|Too many pods|free ports|max volume count"),
        "No machine of the cluster has room for this server.",
        "No node has room for the pod.",
        "Add nodes, or cull idle servers sooner.",
        1 * MINUTE,
        "The cluster is full. Waiting for room.",
    ),
    Failure(
        "no-matching-node",
        _room("node affinity/selector|node selector|pod affinity|anti-affinity|topology spread"),
        "The cluster has no machine of the kind that this server needs.",
        "No node matches the pod's nodeSelector or affinity.",
        "Compare singleuser.nodeSelector, the profile and scheduling.userPods with the output "
        "of kubectl get nodes --show-labels.",
        20.0,
        "Looking for a machine of the kind that this server needs.",
    ),
    Failure(
        "tainted-nodes",
        _room("taint"),
        "The machines of the cluster do not accept this server at the moment.",
        "Every node that fits has a taint that the pod does not tolerate.",
        "Add the toleration to singleuser.extraTolerations, or check whether the nodes are "
        "healthy.",
        0.5 * MINUTE,
        "The machines of the cluster do not accept new servers at the moment. Waiting for one "
        "that does.",
    ),
    Failure(
        "unschedulable",
        (Sign("unscheduled"),),
        "No machine of the cluster accepts this server.",
        "The scheduler finds no node for the pod.",
        "Read the scheduler's message below.",
        1 * MINUTE,
        "Waiting for a machine that accepts this server.",
    ),
)

VOLUMES = (
    Failure(
        "home-attached-elsewhere",
        (Sign("event", "FailedAttachVolume", "Multi-Attach"),),
        "The disk with your files is still attached to another machine.",
        "The home's volume is still attached to another node, where an earlier pod used it.",
        "Stop the pod that uses it there. A node that is gone releases the volume after about "
        "six minutes (kubectl get volumeattachments).",
        6 * MINUTE,
        "The disk with your files is still attached to another machine. Waiting for it.",
    ),
    Failure(
        "config-missing",
        (
            Sign("event", "FailedMount", "(secret|configmap) .*not found"),
            Sign("refused", "403", "(service ?account|RuntimeClass) .*not found|no PriorityClass"),
            Sign("waiting", "CreateContainerConfigError"),
            Sign("init", "CreateContainerConfigError"),
        ),
        "This server's configuration refers to something that does not exist.",
        "The pod refers to something that does not exist: a Secret, a ConfigMap or a key in "
        "one, a service account, a priority class or a runtime class.",
        "Create it, or correct the reference in the environment, extra files, volumes, "
        "singleuser.serviceAccountName or the profile.",
        15.0,
        "Waiting for a part of this server's configuration.",
    ),
    Failure(
        "home-not-mounted",
        (Sign("event", "FailedMount|FailedAttachVolume|FailedMapVolume"),),
        "The disk with your files cannot be reached.",
        "A volume of the pod cannot be mounted.",
        "Check that the storage server runs and accepts connections from the nodes.",
        2 * MINUTE,
        "Waiting for the disk with your files.",
    ),
    Failure(
        "home-full",
        _anywhere("no space left on device|disk quota exceeded"),
        "Your disk is full, so the server cannot start.",
        "The home, or the node's disk, is full.",
        "Delete files with a rescue server, or expand the claim (singleuser.storage.capacity, "
        "and the existing claim itself).",
        rescue=True,
    ),
)

IMAGES = (
    Failure(
        "image-wrong-architecture",
        (
            *_pull("no match for platform|no matching manifest"),
            Sign("waiting", message="exec format error"),
            Sign("ended", message="exec format error"),
        ),
        "The software for this server does not run on the machines of this cluster.",
        "The image is not built for the node's architecture.",
        "Build it for that architecture, or select other nodes with a node selector.",
    ),
    Failure(
        "image-missing",
        _pull("not found|manifest unknown|does not exist|no such image|NAME_UNKNOWN"),
        "The software for this server does not exist under the name that is configured.",
        "The image, or its tag, does not exist.",
        "Correct singleuser.image, or the profile's image.",
    ),
    Failure(
        "image-refused",
        _pull("unauthorized|denied|authentication|authorization|forbidden|no basic auth"),
        "The hub is not allowed to download the software for this server.",
        "The registry refuses to serve the image: it is private, or it does not exist.",
        "Set credentials (imagePullSecret or imagePullSecrets), or correct the image's name.",
    ),
    Failure(
        "image-rate-limited",
        _pull("toomanyrequests|rate limit|429"),
        "The image registry is rate-limiting downloads. Try again in a few minutes.",
        "The registry's rate limit for pulling images is reached.",
        "Log in to the registry (imagePullSecret), or use a mirror.",
        3 * MINUTE,
        "The image registry is busy. Trying again.",
    ),
    Failure(
        "image-invalid-name",
        (Sign("waiting", "InvalidImageName|ErrImageNeverPull"), Sign("init", "InvalidImageName")),
        "The software for this server has an invalid name.",
        "The image's name is invalid, or the pull policy is Never and the image is not on the "
        "node.",
        "Correct singleuser.image, the profile's image, or the pull policy.",
    ),
    Failure(
        "registry-not-found",
        _pull("no such host"),
        "The server from which the software is downloaded does not exist under the name that is "
        "configured.",
        "The host name of the image's registry cannot be resolved.",
        "Correct the registry in singleuser.image or the profile's image, or check the DNS of the "
        "nodes.",
        20.0,
        "The server from which the software is downloaded cannot be found. Trying again.",
    ),
    Failure(
        "registry-unreachable",
        _pull(
            "i/o timeout|connection (refused|reset)|no route to host|network is unreachable|"
            "TLS handshake timeout|deadline exceeded|name resolution|server misbehaving"
        ),
        "The server from which the software is downloaded does not answer.",
        "The nodes cannot reach the image's registry.",
        "Check that the registry runs, and that the nodes can reach it.",
        1.5 * MINUTE,
        "The server from which the software is downloaded does not answer. Trying again.",
    ),
    Failure(
        "image-unpullable",
        (Sign("waiting", f"{PULL}|ImageInspectError|RegistryUnavailable"), Sign("init", PULL)),
        "The image could not be downloaded.",
        "The image cannot be pulled.",
        "Check that the nodes can reach the registry.",
        1.5 * MINUTE,
        "The image cannot be downloaded at the moment. Trying again.",
    ),
)

CONTAINERS = (
    Failure(
        "out-of-memory",
        (
            Sign("ended", "OOMKilled"),
            Sign("init", "OOMKilled"),
            # if the kernel kills a child process, the server may exit with its exit code
            Sign("ended", "Error", r"^exit code 137\b"),
            Sign("init", "Error", r"^exit code 137\b"),
            # the limit is too low to start a container
            *_anywhere("OOM-killed|memory limit too low"),
        ),
        "The server needed more memory than it may use while it started.",
        "A container was killed because it exceeded its memory limit.",
        "Raise singleuser.memory.limit, or the profile's limit.",
    ),
    Failure(
        "evicted",
        (
            Sign("pod", "Evicted|Preempting|Terminated|NodeShutdown|NodeAffinity|OutOf.*"),
            Sign("event", "Evicted|Preempted"),
        ),
        "The machine for this server ran out of room. Start the server again.",
        "The node evicted the pod.",
        "Set guarantees of user pods closer to their limits, or use larger nodes.",
    ),
    Failure(
        "init-failed",
        (
            Sign("init", "Error|CrashLoopBackOff|.*Error|ContainerCannotRun", ".*"),
            Sign("pod", message="init container .* failed"),
        ),
        "A preparation step of this server failed.",
        "An init container failed.",
        "Read its log: kubectl logs POD -c CONTAINER (--previous).",
        10.0,
        "A preparation step of this server failed. Trying again.",
        rescue=True,
    ),
    Failure(
        "post-start-failed",
        (Sign("event", "FailedPostStartHook"), Sign("waiting", "PostStartHookError")),
        "The start-up command of this server failed.",
        "The postStart hook failed (singleuser.lifecycleHooks).",
        "Run the hook's command in a running server to see the error. If the hook may fail, "
        "end its command with || true.",
        rescue=True,
    ),
    Failure(
        "cannot-run",
        (
            Sign("waiting", "RunContainerError|CreateContainerError|StartError"),
            Sign("ended", "StartError|ContainerCannotRun"),
            # a shell or an init process reports a command that is missing or cannot be executed
            Sign("ended", "Error", r"^exit code 12[67]\b"),
        ),
        "The software of this server cannot be started.",
        "The container cannot be started; most often its command is not in the image.",
        "Check that jupyterhub is installed in the image and that singleuser.cmd is correct.",
    ),
    Failure(
        "sandbox-failed",
        (Sign("event", "FailedCreatePodSandBox"),),
        "The machine for this server cannot start it.",
        "The node cannot create the pod's sandbox; most often its network is down or has no "
        "free address.",
        "Check the node, the pods of its network plugin (CNI), and its limit of pods.",
        1 * MINUTE,
        "The machine for this server has trouble starting it. Trying again.",
    ),
    Failure(
        "crashed",
        (
            Sign("waiting", "CrashLoopBackOff"),
            Sign("pod", "Error|"),
            Sign("ended", "Error|Completed"),
        ),
        "The server stopped by itself while it started.",
        "A container terminated while the server started.",
        "Read its log: kubectl logs POD --previous.",
        5.0,
        "The server stopped while it started. Trying again.",
        rescue=True,
    ),
)

TIMEOUTS = (
    Failure(
        "still-pulling",
        (Sign("timeout", "Pulling"),),
        "The software for this server was still being downloaded when the time limit was "
        "reached. Start it again: the download continues.",
        "The start timeout was reached while the image was being pulled.",
        "Raise singleuser.startTimeout, use a smaller image, or pull it in advance "
        "(prePuller).",
    ),
    Failure(
        "no-answer",
        (Sign("timeout", "NoAnswer"),),
        "The server runs, but does not answer.",
        "The container runs, but nothing answered on its port within "
        "KubeSpawner.http_timeout.",
        "Read its log (kubectl logs POD). Check that singleuser.cmd starts "
        "jupyterhub-singleuser and that network policies allow traffic from the hub. If "
        "servers normally take this long, raise the timeout.",
        rescue=True,
    ),
    Failure(
        "start-timeout",
        (Sign("timeout"),),
        "The server did not start in time.",
        "The start timeout was reached without a known problem.",
        "Read the last event below, and the log of the pod.",
        rescue=True,
    ),
)  # fmt: skip

OTHERWISE = Failure(
    "cluster-refused",
    (Sign("refused"),),
    "The cluster refused this server.",
    "Kubernetes refuses the pod or its claim for an unknown reason.",
    "Read its message below.",
)

CATALOGUE: tuple[Failure, ...] = (
    *REFUSED, *VOLUMES, *PLACEMENT, *IMAGES, *CONTAINERS, *TIMEOUTS, OTHERWISE
)  # fmt: skip
