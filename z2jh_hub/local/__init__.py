"""Local mode: an embedded Kubernetes API whose kubelet runs pods as processes."""
