"""The software inside a JupyterHub on Kubernetes: values in, a running hub out."""
