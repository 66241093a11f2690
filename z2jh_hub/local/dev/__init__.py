"""`z2jh dev`: the hub, its proxy and the embedded Kubernetes API, as processes of this machine."""
