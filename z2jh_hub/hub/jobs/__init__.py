"""Periodic jobs of a running hub."""
