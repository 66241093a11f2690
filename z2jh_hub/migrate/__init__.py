"""Replace the deprecated keys of a values file, line by line."""
