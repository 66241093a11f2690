"""A JupyterHub with KubeSpawner, configured by hand as the chart's default values configure it.

This file is the baseline of `benchmarks/load`. It uses nothing of this project.
"""

import os
import sys

c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.concurrent_spawn_limit = 64
c.JupyterHub.last_activity_interval = 60
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.JupyterHub.trust_user_provided_tokens = False
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['BENCH_HUB_PORT']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['BENCH_PROXY_PORT']}"
c.ConfigurableHTTPProxy.should_start = False
c.Authenticator.allow_all = True

c.KubeSpawner.port = int(os.environ["BENCH_POD_PORT"])
c.KubeSpawner.namespace = "default"
c.KubeSpawner.image = "quay.io/jupyterhub/k8s-singleuser-sample:4.3.1"
c.KubeSpawner.start_timeout = 300
c.KubeSpawner.uid = 1000
c.KubeSpawner.fs_gid = 100
c.KubeSpawner.mem_guarantee = "1G"
c.KubeSpawner.allow_privilege_escalation = False
c.KubeSpawner.common_labels = {"app": "jupyterhub", "release": "bench"}
c.KubeSpawner.extra_labels = {"hub.jupyter.org/network-access-hub": "true"}
c.KubeSpawner.storage_pvc_ensure = True
c.KubeSpawner.storage_capacity = "10Gi"
c.KubeSpawner.storage_access_modes = ["ReadWriteOnce"]
c.KubeSpawner.pvc_name_template = "claim-{user_server}"
c.KubeSpawner.volumes = {
    "home": {"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}
}
c.KubeSpawner.volume_mounts = {"home": {"name": "home", "mountPath": "/home/jovyan"}}

cull = [
    f"--timeout={os.environ['BENCH_CULL_TIMEOUT']}",
    f"--cull-every={os.environ['BENCH_CULL_EVERY']}",
]
url = f"--url=http://127.0.0.1:{os.environ['BENCH_HUB_PORT']}/hub/api"
c.JupyterHub.services = [
    {"name": "bench", "api_token": os.environ["BENCH_TOKEN"]},
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", url, *cull]},
]
c.JupyterHub.load_roles = [
    {
        "name": "bench",
        "services": ["bench"],
        "scopes": ["admin:users", "admin:servers", "users:activity"],
    },
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
]
