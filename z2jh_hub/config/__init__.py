"""Values in, `Config` out: what the administrator set, and what the hub makes of it."""
