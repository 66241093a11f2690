"""The objects over HTTP, as Kubernetes answers."""
