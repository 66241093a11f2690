"""Answers about a values file: preview, show, diff, explain and the reference pages."""
