"""The software inside a JupyterHub on Kubernetes: values in, a running hub out."""

__version__ = "0.2.0-dev"
