"""Pods as processes of this machine, claims as directories."""
