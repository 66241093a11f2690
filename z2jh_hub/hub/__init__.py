"""What runs inside a running hub: its configuration, background jobs and live reload."""
