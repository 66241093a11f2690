"""Read values, validate them, and turn them into JupyterHub's configuration."""
