from support.fixtures import kubeconfig, proxy_api, start_hub

__all__ = ["kubeconfig", "proxy_api", "start_hub"]
