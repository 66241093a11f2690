"""The software inside a JupyterHub on Kubernetes: values in, a running hub out."""

__version__ = "0.1.0"
