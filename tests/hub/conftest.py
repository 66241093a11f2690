from support.fixtures import cluster, kubeconfig, proxy_api, start_hub

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]
