"""What `import z2jh` gives to `hub.extraConfig` and `jupyterhub_config.d`."""

from z2jh_hub.config.helpers import (
    get_config,
    get_name,
    get_name_env,
    get_secret_value,
    set_config_if_not_none,
)

__all__ = [
    "get_config",
    "get_name",
    "get_name_env",
    "get_secret_value",
    "set_config_if_not_none",
]
