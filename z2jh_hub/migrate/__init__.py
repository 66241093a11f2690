"""Rewrite a values file: deprecated keys become today's, line by line."""
