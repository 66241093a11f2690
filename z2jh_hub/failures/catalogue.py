"""The causes that are known, the telling ones before the general ones.

Reasons are those of Kubernetes' API, kubelet, scheduler and cluster autoscaler; messages those
that container runtimes and registries are seen to give.
"""

from __future__ import annotations

from . import Failure, Sign

PULL = "ErrImagePull|ImagePullBackOff"
MINUTE = 60.0


def _pull(message: str) -> tuple[Sign, ...]:
    """Why an image cannot be pulled is told by the container or only by an event before it."""
    return (
        Sign("waiting", PULL, message),
        Sign("init", PULL, message),
        Sign("event", "Failed", f"pull.*({message})"),
    )


def _anywhere(message: str) -> tuple[Sign, ...]:
    """Words that say it wherever they stand."""
    return tuple(Sign(place, message=message) for place in ("ended", "init", "waiting", "event"))


def _room(message: str) -> tuple[Sign, ...]:
    return (Sign("unscheduled", message=message),)


REFUSED = (
    Failure(
        "no-home-to-rescue",
        (Sign("home", "None"),),
        "There is no disk with your files yet, so that there is nothing to rescue. Start your "
        "server as usual.",
        "A rescue server was asked for, and the user has no claim.",
        "z2jh homes plan lists whose claims there are, if there should be one.",
    ),
    Failure(
        "home-unknown",
        (Sign("home", "Unmounted"),),
        "The hub does not know which disk has your files, so that it cannot start a rescue server.",
        "A rescue server was asked for, and no volume of the configuration is the home.",
        "Set singleuser.storage.homeMountPath to where the configured volumeMounts have it.",
    ),
    Failure(
        "home-ambiguous",
        (Sign("home", "Ambiguous"),),
        "There is more than one disk with your files, and the hub cannot tell which is meant.",
        "Several claims may be this user's home, or the number in a claim's name is not this "
        "user's id, and none has the configured name.",
        "Run z2jh homes plan, then z2jh homes assign CLAIM USER for the right one and z2jh homes "
        "release CLAIM for each other one.",
    ),
    Failure(
        "home-of-deleted-user",
        (Sign("owner", "Deleted"),),
        "Somebody who had your user name before left files on this hub. Ask its administrators "
        "whether they are yours.",
        "The user was deleted and created again; the claim holds the files of the deleted user.",
        "If this is the same person, run z2jh homes assign CLAIM USER. Otherwise run z2jh homes "
        "release CLAIM: the user gets a new home, and the claim stays.",
    ),
    Failure(
        "home-of-another",
        (Sign("owner", "PersistentVolumeClaim"),),
        "The hub cannot tell your files from somebody else's, so it does not start your server. "
        "Ask its administrators for help.",
        "The claim that this server would mount belongs to another user, server or release.",
        "Set a template under which names differ (z2jh check reports those under which they do "
        "not), or decide whose the claim is with z2jh homes assign.",
    ),
    Failure(
        "server-of-another",
        (Sign("owner", "Pod|Secret|Service"),),
        "The hub cannot tell your server from somebody else's, so it does not start it. Ask its "
        "administrators for help.",
        "The pod that this server would have belongs to another user, server or release, and is "
        "left alone.",
        "Set a template under which names differ (z2jh check reports those under which they do "
        "not).",
    ),
    Failure(
        "home-renamed",
        (Sign("home", "NotMounted"),),
        "The disk with your files has another name than the hub is told.",
        "The user's claim has another name than the configuration gives it now, and the "
        "configured volumes would mount a new and empty one.",
        "Set singleuser.storage.dynamic.pvcNameTemplate to what it was, or mount {pvc_name}.",
    ),
    Failure(
        "quota",
        (Sign("refused", message="exceeded quota"),),
        "The share of the cluster that this hub may use is used up.",
        "A ResourceQuota of the namespace leaves no room for the pod or its volume.",
        "Raise the quota (kubectl describe quota), or have idle servers culled sooner.",
    ),
    Failure(
        "limit-range",
        (
            Sign(
                "refused", "403", r"(minimum|maximum) (cpu|memory|storage).*usage|limit to request"
            ),
        ),
        "This server asks for an amount of memory or CPU that the cluster does not allow.",
        "A LimitRange of the namespace does not allow what singleuser.memory or singleuser.cpu, or "
        "the profile, asks for.",
        "Change either (kubectl describe limitrange).",
    ),
    Failure(
        "pod-security",
        (Sign("refused", message="violates PodSecurity"),),
        "The cluster's security rules do not allow this server.",
        "Pod Security of the namespace refuses the pod.",
        "Take out of the configuration what the message names, such as an init container that "
        "runs as root, or label the namespace with another level.",
    ),
    Failure(
        "webhook-down",
        (Sign("refused", message="failed calling webhook"),),
        "A part of the cluster that checks new servers does not answer. Try again in a minute.",
        "An admission webhook does not answer, so Kubernetes creates nothing.",
        "Look at the pods of the webhook that the message names.",
    ),
    Failure(
        "refused-by-policy",
        (Sign("refused", message="admission webhook|ValidatingAdmissionPolicy"),),
        "A rule of the cluster does not allow this server.",
        "An admission webhook or policy refuses the pod.",
        "Change what the message names, or ask those who run the cluster for an exception.",
    ),
    Failure(
        "namespace-ending",
        (
            Sign("refused", "403", "because it is being terminated"),
            Sign("refused", "404", "^namespaces .*not found"),
        ),
        "The part of the cluster for this server is being taken away, or is not there.",
        "The namespace for the servers is being deleted, or does not exist.",
        "kubectl get namespaces shows it. Set hub.config.KubeSpawner.user_namespace_template to "
        "one that is there, where servers have their own.",
    ),
    Failure(
        "hub-not-allowed",
        (
            Sign("refused", "403", "cannot (create|get|patch|list)"),
            Sign("refused", "401"),
        ),
        "The hub is not allowed to start servers.",
        "The hub's service account lacks a permission, or Kubernetes does not know it.",
        "Set rbac.create and hub.serviceAccount, or give the hub's role what the message names.",
    ),
    Failure(
        "kubernetes-unreachable",
        (Sign("refused", "0|429|500|502|503|504"),),
        "The cluster does not take new servers at the moment. Try again in a few minutes.",
        "Kubernetes' API does not answer, or answers with an error of its own.",
        "Is the control plane up? Running servers go on without it.",
        2 * MINUTE,
        "The cluster does not answer at the moment. Trying again.",
    ),
    Failure(
        "invalid-pod",
        (Sign("refused", "422|400"),),
        "This server's settings are not valid.",
        "Kubernetes takes the pod or the claim, as configured, for invalid.",
        "Correct the setting that the message names; z2jh check may know it.",
    ),
)

PLACEMENT = (
    Failure(
        "scaling-up",
        (Sign("event", "TriggeredScaleUp"),),
        "The cluster was to get another machine for this server, and did not in time.",
        "The cluster autoscaler was asked for a node, and none came.",
        "Look at the autoscaler's events and at the cloud's quota; raise singleuser.startTimeout "
        "where nodes simply take long.",
        20 * MINUTE,
        "The cluster is full. Another machine is being started for this server, which takes a few "
        "minutes.",
    ),
    Failure(
        "scale-up-refused",
        (Sign("event", "NotTriggerScaleUp"),),
        "The cluster is full and cannot grow.",
        "No node has room, and the cluster autoscaler has none to add.",
        "Raise the node pool's limit, add one that fits, or have idle servers culled sooner.",
        0.5 * MINUTE,
        "The cluster is full, and no machine can be added. Waiting for somebody's server to stop.",
    ),
    Failure(
        "home-pending",
        (
            Sign("home", "ProvisioningFailed|FailedBinding|ExternalProvisioning|Provisioning"),
            *_room("unbound.*PersistentVolumeClaim|binding volumes|provision"),
        ),
        "The disk for your files could not be made.",
        "The claim of the home is not bound to a volume.",
        "kubectl describe pvc: is there a storage class, does its provisioner run, has the cloud "
        "a disk left?",
        1 * MINUTE,
        "The disk for your files is being made.",
    ),
    Failure(
        "home-missing",
        _room("persistentvolumeclaim .* not found|persistentvolumeclaim .* (is )?being deleted"),
        "The disk for your files is not there.",
        "A claim that the pod mounts does not exist.",
        "Create the claim, or correct singleuser.storage and the volumes of the configuration.",
        20.0,
        "The disk for your files is not there yet.",
    ),
    Failure(
        "home-elsewhere",
        _room("volume node affinity conflict"),
        "Your files are on a disk that no machine with room for this server can reach.",
        "The home's volume is in another zone than the nodes with room.",
        "Have a node with room in the volume's zone; a storage class with WaitForFirstConsumer "
        "avoids it for new homes.",
        1 * MINUTE,
        "Waiting for a machine that can reach the disk with your files.",
    ),
    Failure(
        "no-gpu",
        _room(r"Insufficient [a-z0-9.-]+/"),
        "No GPU, or other device that this server needs, is free.",
        "No node has the extended resource free that the pod asks for.",
        "Add such nodes, check the device plugin, or have idle servers culled sooner.",
        2 * MINUTE,
        "All GPUs are in use. Waiting for one to be free.",
    ),
    Failure(
        "no-memory",
        _room("Insufficient memory"),
        "No machine of the cluster has enough free memory for this server.",
        "No node has the memory free that singleuser.memory.guarantee, or the profile, asks for.",
        "Add nodes, lower the guarantee, or have idle servers culled sooner.",
        1 * MINUTE,
        "The cluster is short of memory. Waiting for room.",
    ),
    Failure(
        "no-cpu",
        _room("Insufficient cpu"),
        "No machine of the cluster has enough free CPU for this server.",
        "No node has the CPU free that singleuser.cpu.guarantee, or the profile, asks for.",
        "Add nodes, lower the guarantee, or have idle servers culled sooner.",
        1 * MINUTE,
        "The cluster is short of CPU. Waiting for room.",
    ),
    Failure(
        "no-room",
        _room("Insufficient|Too many pods|free ports|max volume count"),
        "No machine of the cluster has room for this server.",
        "No node has room for the pod.",
        "Add nodes, or have idle servers culled sooner.",
        1 * MINUTE,
        "The cluster is full. Waiting for room.",
    ),
    Failure(
        "no-matching-node",
        _room("node affinity/selector|node selector|pod affinity|anti-affinity|topology spread"),
        "The cluster has no machine of the kind that this server needs.",
        "No node has the labels that nodeSelector or an affinity asks for.",
        "Compare singleuser.nodeSelector, the profile and scheduling.userPods with "
        "kubectl get nodes --show-labels.",
        20.0,
        "Looking for a machine of the kind that this server needs.",
    ),
    Failure(
        "tainted-nodes",
        _room("taint"),
        "The machines of the cluster do not take this server now.",
        "Every node that would fit has a taint that the pod does not tolerate.",
        "Add the toleration to singleuser.extraTolerations, or see whether the nodes are well.",
        0.5 * MINUTE,
        "The machines of the cluster do not take new servers now. Waiting for one that does.",
    ),
    Failure(
        "unschedulable",
        (Sign("unscheduled"),),
        "No machine of the cluster takes this server.",
        "The scheduler finds no node for the pod.",
        "Read the scheduler's words below.",
        1 * MINUTE,
        "Waiting for a machine that takes this server.",
    ),
)

VOLUMES = (
    Failure(
        "home-attached-elsewhere",
        (Sign("event", "FailedAttachVolume", "Multi-Attach"),),
        "The disk with your files is still attached to another machine.",
        "The home's volume is attached to another node: an earlier pod has not let go of it.",
        "Stop what uses it there; a node that is gone lets go after about six minutes "
        "(kubectl get volumeattachments).",
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
        "This server's configuration names something that is not there.",
        "The pod refers to what does not exist: a Secret, a ConfigMap or a key in one, a service "
        "account, a priority class or a runtime class.",
        "Create it, or correct what names it: the environment, extra files and volumes, "
        "singleuser.serviceAccountName, or the profile.",
        15.0,
        "Waiting for a part of this server's configuration.",
    ),
    Failure(
        "home-not-mounted",
        (Sign("event", "FailedMount|FailedAttachVolume|FailedMapVolume"),),
        "The disk with your files cannot be reached.",
        "A volume of the pod cannot be mounted.",
        "Is the storage server up, and does it let the nodes in?",
        2 * MINUTE,
        "Waiting for the disk with your files.",
    ),
    Failure(
        "home-full",
        _anywhere("no space left on device|disk quota exceeded"),
        "The disk with your files is full, so that the server cannot start.",
        "The home, or the node's disk, is full.",
        "Make room in the home with a rescue server, or let the claim grow "
        "(singleuser.storage.capacity, and the claim itself).",
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
        "The software for this server is not made for the machines of this cluster.",
        "The image is not built for the node's architecture.",
        "Build it for that architecture, or choose other nodes with a node selector.",
    ),
    Failure(
        "image-missing",
        _pull("not found|manifest unknown|does not exist|no such image|NAME_UNKNOWN"),
        "The software for this server does not exist under the name that is configured.",
        "There is no such image, or no such tag.",
        "Correct singleuser.image, or the profile's image.",
    ),
    Failure(
        "image-refused",
        _pull("unauthorized|denied|authentication|authorization|forbidden|no basic auth"),
        "The hub is not allowed to fetch the software for this server.",
        "The registry refuses the image: it is private, or it does not exist.",
        "Give credentials (imagePullSecret or imagePullSecrets), or correct the image's name.",
    ),
    Failure(
        "image-rate-limited",
        _pull("toomanyrequests|rate limit|429"),
        "The place from where the software for this server comes sends too much already.",
        "The registry limits how often images are pulled.",
        "Log in to it (imagePullSecret), or use a mirror.",
        3 * MINUTE,
        "The place from where the software comes is busy. Trying again.",
    ),
    Failure(
        "image-invalid-name",
        (Sign("waiting", "InvalidImageName|ErrImageNeverPull"), Sign("init", "InvalidImageName")),
        "The software for this server has a name that is not valid.",
        "The image's name is not valid, or it may not be pulled and is not on the node.",
        "Correct singleuser.image, or the profile's image, or its pull policy.",
    ),
    Failure(
        "image-unpullable",
        (Sign("waiting", f"{PULL}|ImageInspectError|RegistryUnavailable"), Sign("init", PULL)),
        "The software for this server cannot be fetched.",
        "The image cannot be pulled.",
        "Does the registry answer, from the nodes too?",
        1.5 * MINUTE,
        "The software for this server cannot be fetched at the moment. Trying again.",
    ),
)

CONTAINERS = (
    Failure(
        "out-of-memory",
        (
            Sign("ended", "OOMKilled"),
            Sign("init", "OOMKilled"),
            # the kernel may kill a process of the server, which then ends with what that ended with
            Sign("ended", "Error", r"^exit code 137\b"),
            Sign("init", "Error", r"^exit code 137\b"),
            # too little to start a container in
            *_anywhere("OOM-killed|memory limit too low"),
        ),
        "The server needed more memory than it may use, already while it started.",
        "A container was killed for using more than its memory limit.",
        "Raise singleuser.memory.limit, or the profile's.",
    ),
    Failure(
        "evicted",
        (
            Sign("pod", "Evicted|Preempting|Terminated|NodeShutdown|NodeAffinity|OutOf.*"),
            Sign("event", "Evicted|Preempted"),
        ),
        "The machine that this server was to run on needed the room. Start it again.",
        "The node evicted the pod.",
        "Give user pods guarantees nearer to their limits, or nodes more room.",
    ),
    Failure(
        "init-failed",
        (
            Sign("init", "Error|CrashLoopBackOff|.*Error|ContainerCannotRun", ".*"),
            Sign("pod", message="init container .* failed"),
        ),
        "A preparation of this server failed.",
        "An init container failed.",
        "Read its log: kubectl logs POD -c CONTAINER (--previous).",
        10.0,
        "A preparation of this server failed. Trying again.",
        rescue=True,
    ),
    Failure(
        "post-start-failed",
        (Sign("event", "FailedPostStartHook"), Sign("waiting", "PostStartHookError")),
        "A command that prepares this server failed.",
        "The postStart hook failed (singleuser.lifecycleHooks).",
        "Run the hook's command in a running server and see; a hook that may fail can end "
        "in || true.",
        rescue=True,
    ),
    Failure(
        "cannot-run",
        (
            Sign("waiting", "RunContainerError|CreateContainerError|StartError"),
            Sign("ended", "StartError|ContainerCannotRun"),
            # a shell's or an init's for a command that is not there, or is none
            Sign("ended", "Error", r"^exit code 12[67]\b"),
        ),
        "The software of this server cannot be started.",
        "The container cannot be started: most often its command is not in the image.",
        "Is jupyterhub installed in the image, and singleuser.cmd right?",
    ),
    Failure(
        "sandbox-failed",
        (Sign("event", "FailedCreatePodSandBox"),),
        "The machine that this server was to run on cannot start it.",
        "The node cannot make the pod's sandbox: most often its network has no address left, or is "
        "not up.",
        "Look at the node and at the pods of its network (CNI); how many pods does it allow?",
        1 * MINUTE,
        "The machine for this server has trouble to start it. Trying again.",
    ),
    Failure(
        "crashed",
        (
            Sign("waiting", "CrashLoopBackOff"),
            Sign("pod", "Error|"),
            Sign("ended", "Error|Completed"),
        ),
        "The server stopped by itself while it started.",
        "A container ended while the server started.",
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
        "The software for this server was still being fetched when the time was over. Start it "
        "again: it goes on where it was.",
        "The start timeout was over while the image was pulled.",
        "Raise singleuser.startTimeout, use a smaller image, or have it pulled before "
        "(prePuller).",
    ),
    Failure(
        "no-answer",
        (Sign("timeout", "NoAnswer"),),
        "The server runs, but does not answer.",
        "The container runs, and nothing answered on its port within KubeSpawner.http_timeout.",
        "Read its log (kubectl logs POD). Does singleuser.cmd start jupyterhub-singleuser, and do "
        "network policies let the hub in? Raise the timeout where servers simply take long.",
        rescue=True,
    ),
    Failure(
        "start-timeout",
        (Sign("timeout"),),
        "The server did not start in time.",
        "The start timeout was over, and nothing of what is known had gone wrong.",
        "Read the last event below, and the log of the pod.",
        rescue=True,
    ),
)  # fmt: skip

OTHERWISE = Failure(
    "cluster-refused",
    (Sign("refused"),),
    "The cluster refused this server.",
    "Kubernetes refuses the pod or its claim, for a reason that is not known here.",
    "Read what it says below.",
)

CATALOGUE: tuple[Failure, ...] = (
    *REFUSED, *VOLUMES, *PLACEMENT, *IMAGES, *CONTAINERS, *TIMEOUTS, OTHERWISE
)  # fmt: skip
