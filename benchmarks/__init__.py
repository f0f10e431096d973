"""Measurements of the whole program. Nothing here is imported by it."""
